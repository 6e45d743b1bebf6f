"""``LiveReloadMiddleware`` for Django, sync and async, under runserver, WSGI and ASGI.

    MIDDLEWARE = ["livereload_loc.django.LiveReloadMiddleware", ...]
    LOC_DEV = {"watch": ["templates", "static"]}  # optional

The script comes from the app, the socket from a small server beside it: Django refuses WebSockets.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.autoreload import reset_loaders

from livereload_loc.inject.headers import asks_for_tag
from livereload_loc.inject.page import ScriptLocation, ScriptTag, TaggedPage
from livereload_loc.inject.stream import PageStream
from livereload_loc.integrations.activation import logger, wanted
from livereload_loc.integrations.side_server import SideServer
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET, is_ours
from livereload_loc.web.scripts import SCRIPTS, script

if TYPE_CHECKING:
    from livereload_loc.access import Refusal
    from livereload_loc.changes import Batch
    from livereload_loc.pipeline.steps.queue import StepQueue

OPTIONS = frozenset({"watch", "ignore", "enabled", "allow_hosts", "allow_origins"})
_CONDITIONS = {
    b"accept-encoding": "HTTP_ACCEPT_ENCODING",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
}


class LiveReloadMiddleware:
    """Reloads pages when templates and static files of the project change; put it first in MIDDLEWARE.

    It is on when DEBUG is, or ``LOC_DEV=1`` in the environment; otherwise Django takes it out.
    ``LOC_DEV`` in the settings may hold ``watch``, ``ignore``, ``enabled``, ``allow_hosts`` and
    ``allow_origins``, as other apps' middleware takes them.

    Raises:
        MiddlewareNotUsed: it is off.
        ImproperlyConfigured: ``LOC_DEV`` holds something else.
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
        if not (wanted(debug=settings.DEBUG) if enabled is None else enabled):
            raise MiddlewareNotUsed
        watch = options.pop("watch", None) or _project_folders()
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        self._refused: set[Refusal] = set()
        self._side = SideServer(watch, steps=(_TemplateResetStep(),), **options)
        digest = script("reload.js").integrity
        where = ScriptLocation(RELOAD_SCRIPT, RELOAD_SOCKET, digest, self._side.port, self._side.run)
        self._tag: Callable[[str, str, bytes], ScriptTag] = lru_cache(maxsize=64)(partial(ScriptTag, where))

    def __call__(self, request: HttpRequest) -> Any:
        """Answer one request; the answer of an async app is awaited."""
        if self._is_async:
            return self._answer_later(request)
        own, page = self._own(request), self._begin(request)
        return own or self._finish(page, self._get_response(request))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        own = self._own(request)
        if own:
            return own
        tag = self._begin(request)
        response: HttpResponseBase = await self._get_response(request)
        if tag is None or not getattr(response, "is_async", False):
            return self._finish(tag, response)
        return await self._finish_stream(tag, response)

    def _own(self, request: HttpRequest) -> HttpResponse | None:
        """The scripts, for any page; nothing else is below our prefix."""
        path = request.path_info
        if not is_ours(path):
            return None
        refusal = self._side.guard.refuse_host(request.META.get("HTTP_HOST"))
        if refusal:
            name = refusal.value
            cure = f" To allow it, set LOC_DEV = {{'allow_hosts': [{name!r}]}}." if name else ""
            if refusal not in self._refused and len(self._refused) < 16:
                self._refused.add(refusal)
                logger.warning("Refused: %s.%s", refusal.reason, cure)
            return _text(f"Refused: {refusal.reason}.{cure}\n", refusal.status)
        name = path.rpartition("/")[2]
        if path != f"{PREFIX}/{name}" or name not in SCRIPTS:
            return _text("Not found.\n", 404)
        served = script(name)
        known = request.META.get("HTTP_IF_NONE_MATCH", "")
        status, headers = served.answer(request.GET.get("v", ""), known)
        return HttpResponse(served.body if status == 200 else b"", status=status, headers=headers)

    def _begin(self, request: HttpRequest) -> ScriptTag | None:
        """The tag that the answer may bear; the request is made one for the page without it."""
        headers = [
            (key.lower().encode("latin-1"), str(value).encode("latin-1", "replace"))
            for key, value in request.headers.items()
        ]
        if not asks_for_tag(request.method or "GET", headers):
            return None
        host = request.META.get("HTTP_HOST", "localhost").encode("latin-1", "replace")
        tag = self._tag(request.META.get("SCRIPT_NAME", ""), request.scheme or "http", host)
        plain = dict(tag.request(headers))
        request.__dict__.pop("headers", None)  # read from META once more by the next who asks
        for name, key in _CONDITIONS.items():
            request.META.pop(key, None)
            if name in plain:
                request.META[key] = plain[name].decode("latin-1")
        return tag

    def _finish(self, tag: ScriptTag | None, response: Any) -> HttpResponseBase:
        """The answer with the tag in it, where it is a page."""
        page = tag and _page(tag, response)
        if page:
            if response.streaming:
                _stream(page, response)
            else:
                response.content = b"".join(page.feed(response.content, ended=True))
            _conclude(page, response)
        return response

    async def _finish_stream(self, tag: ScriptTag, response: Any) -> HttpResponseBase:
        page = _page(tag, response)
        if page:
            pieces = _edited_later(page, response.streaming_content)
            first = [await anext(pieces, b"")]
            response.streaming_content = _after(first, pieces)
            _conclude(page, response)
        return response


class _TemplateResetStep:
    """A gate: Django's own loop forgets a saved template only when it looks, up to a second later."""

    problem = None

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        reset_loaders()
        return batch


def _page(tag: ScriptTag, response: Any) -> PageStream | None:
    """The page that ``response`` is; what is none has its headers edited, if at all."""
    pairs = [
        (key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in response.headers.items()
    ]
    answer = tag.answer(response.status_code, pairs)
    if isinstance(answer, TaggedPage):
        return PageStream(answer)
    if answer is not pairs:
        _put(response, answer)
    return None


def _stream(page: PageStream, response: Any) -> None:
    """Edit a streamed body; its start is waited for, since the headers go out before it."""
    # Django itself, with a warning of its own, gathers an async body where the server is none.
    pieces = _edited(page, iter(response))
    first = next(pieces, b"")
    response.streaming_content = chain([first], pieces)
    response.file_to_stream = None  # else the server sends the file past us


def _edited(page: PageStream, body: Iterable[bytes]) -> Iterator[bytes]:
    for data in body:
        yield from page.feed(data)
    yield from page.feed(b"", ended=True)


async def _edited_later(page: PageStream, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for data in body:
        for piece in page.feed(data):
            yield piece
    for piece in page.feed(b"", ended=True):
        yield piece


async def _after(first: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in first:
        yield piece
    async for piece in rest:
        yield piece


def _conclude(page: PageStream, response: Any) -> None:
    if page.trouble:
        logger.warning("%s", page.trouble)
    _put(response, page.headers or ())


def _put(response: Any, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Give ``response`` these headers and no others."""
    kept = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers}
    for name in list(response.headers):
        if name.lower() not in kept:
            del response.headers[name]
    for name, value in kept.items():
        if response.headers.get(name) != value:
            response.headers[name.title()] = value


def _project_folders() -> list[str]:
    """The folders of templates and static files that lie in the project, not in an installed package."""
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


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
