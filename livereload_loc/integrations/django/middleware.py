"""``LiveReloadMiddleware`` for Django, sync and async, under runserver, WSGI and ASGI.

    MIDDLEWARE = ["livereload_loc.django.LiveReloadMiddleware", ...]
    LOC_DEV = {"watch": ["templates", "static"]}  # optional

The script comes from the app, the socket from a small server beside it: Django refuses WebSockets.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest

from livereload_loc.integrations.activation import MiddlewareOptions, decide_activation

OPTIONS = frozenset({"watch", "ignore", "enabled", "allow_hosts", "allow_origins", "in_place"})


class LiveReloadMiddleware:
    """Reloads pages when templates and static files of the project change; put it first in MIDDLEWARE.

    It is on when DEBUG is True or the environment has ``LOC_DEV=1``, with one worker; otherwise Django takes
    it out, and one line in the log says so. ``LOC_DEV`` in the settings may set ``enabled`` (bool), ``watch``
    (paths; by default the project's folders of templates and static files), ``ignore`` (patterns as in
    .gitignore), ``allow_hosts`` (host names), ``allow_origins`` (origins such as ``https://dev.example``) and
    ``in_place`` ("on", "off" or "always": pages without scripts change in place instead of reloading, none,
    or all). Python files are ignored: pages update once the app has restarted with them.

    Raises:
        MiddlewareNotUsed: it is off.
        ImproperlyConfigured: ``LOC_DEV`` sets something else.
        LocError: no port is free for the socket.
        ValueError: one of ``allow_origins`` is no origin.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        options: dict[str, Any] = dict(getattr(settings, "LOC_DEV", {}))
        if unknown := options.keys() - OPTIONS:
            raise ImproperlyConfigured(
                f"LOC_DEV knows no {min(unknown)!r}, only {', '.join(sorted(OPTIONS))}."
            )
        enabled = options.pop("enabled", None)
        if not (decide_activation(debug=settings.DEBUG) if enabled is None else enabled):
            raise MiddlewareNotUsed
        from livereload_loc.integrations.django.active import ActiveDjangoMiddleware

        options["watch"] = options.get("watch") or _project_folders()
        is_async = iscoroutinefunction(get_response)
        active = ActiveDjangoMiddleware(get_response, MiddlewareOptions(**options))
        self._respond: Callable[[HttpRequest], Any] = active.respond_async if is_async else active.respond
        if is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Return the response to a request; that of an async app is awaited."""
        return self._respond(request)


def _project_folders() -> list[str]:
    """Return the folders of templates and static files in the project, but not in an installed package."""
    project = os.path.realpath(getattr(settings, "BASE_DIR", None) or os.getcwd())
    named: list[Any] = [*getattr(settings, "STATICFILES_DIRS", ())]
    for engine in settings.TEMPLATES:
        named += engine.get("DIRS", ())
    for config in apps.get_app_configs():
        named += [os.path.join(config.path, name) for name in ("templates", "static")]
    paths = [os.path.realpath(each[1] if isinstance(each, tuple) else each) for each in named]
    inside = [
        path
        for path in dict.fromkeys(paths)
        if os.path.isdir(path)
        and os.path.commonpath([path, project]) == project
        and "site-packages" not in path.split(os.sep)
    ]
    return inside or [project]
