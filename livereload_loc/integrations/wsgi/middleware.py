"""``LiveReloadMiddleware`` for WSGI apps: Flask, Bottle, Pyramid, and whatever else speaks PEP 3333.

The script comes from the app, the socket from a small server beside it, which WSGI has no way to be.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from livereload_loc.integrations.activation import asked, wanted
from livereload_loc.integrations.wsgi.reloaders import once_run, serves

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from livereload_loc.integrations.wsgi.active import ActiveWsgiMiddleware


class LiveReloadMiddleware:
    """Reloads the pages of ``app`` when files below ``watch`` change.

    ``watch`` names folders and files, relative to the working folder. ``enabled`` None means: on when the
    framework's debug flag is, or ``LOC_DEV=1``; otherwise off, said in one log line. ``ignore`` are patterns
    as in .gitignore, ``allow_hosts`` and ``allow_origins`` names beyond those of this machine. Python files
    are ignored: pages reload once the app has restarted with them.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        watch: Sequence[str | os.PathLike[str]] = (".",),
        enabled: bool | None = None,
        ignore: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._watch, self._ignore = tuple(watch), tuple(ignore)
        self._hosts, self._origins = tuple(allow_hosts), tuple(allow_origins)
        self._enabled = enabled
        self._live: ActiveWsgiMiddleware | None = None
        self._making = threading.Lock()  # servers call from many threads
        if serves():  # pages of the run before may be waiting
            if enabled is None and not asked() and not self._has_debug():
                once_run(self._start)  # the flag may be set later
            else:
                self._start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or pass it on where the middleware is off."""
        if not self._is_on():
            return self._app(environ, start_response)
        return self._alive()(environ, start_response)

    def _start(self) -> None:
        if self._is_on():
            self._alive()

    def _is_on(self) -> bool:
        if self._enabled is None:
            self._enabled = wanted(debug=self._has_debug())
        return self._enabled

    def _has_debug(self) -> bool:
        # Flask's wsgi_app is a method of the app that knows whether it is in debug.
        return bool(getattr(getattr(self._app, "__self__", None), "debug", False))

    def _alive(self) -> ActiveWsgiMiddleware:
        live = self._live
        if live is None or live.side.pid != os.getpid():
            with self._making:
                live = self._live
                if live is None or live.side.pid != os.getpid():
                    live = self._live = self._made()
        return live

    def _made(self) -> ActiveWsgiMiddleware:
        from livereload_loc.integrations.side_server import SideServer
        from livereload_loc.integrations.wsgi.active import ActiveWsgiMiddleware

        side = SideServer(
            self._watch, ignore=self._ignore, allow_hosts=self._hosts, allow_origins=self._origins
        )
        return ActiveWsgiMiddleware(self._app, side)
