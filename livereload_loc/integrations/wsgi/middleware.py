"""``LiveReloadMiddleware`` for WSGI apps: Flask, Bottle, Pyramid, and whatever else follows PEP 3333.

The script comes from the app, the socket from a small server beside it, since WSGI has no WebSockets.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from livereload_loc.integrations.activation import OptionalMiddleware, is_requested
from livereload_loc.integrations.wsgi.reloaders import is_serving_process, when_served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from livereload_loc.integrations.wsgi.active import ActiveWsgiMiddleware


class LiveReloadMiddleware(OptionalMiddleware["WSGIApplication"]):
    """Reloads the pages of a WSGI app when watched files change; ``__init__`` describes the options.

    The first request raises :class:`~livereload_loc.errors.LocError` where no port is free for the socket.
    """

    _app: WSGIApplication
    _active: ActiveWsgiMiddleware | None = None

    def _prepare(self) -> None:
        """Start early where pages of the process before may be waiting."""
        self._starting = threading.Lock()  # servers call from many threads
        if is_serving_process():
            if self._enabled is None and not is_requested() and not getattr(self._framework, "debug", False):
                when_served(self._start_if_on)  # the flag may be set later
            else:
                self._start_if_on()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or pass it on where the middleware is off."""
        if self._enabled is None:
            self._decide(self._framework)
        app = self._started() if self._enabled else self._app
        return app(environ, start_response)

    @property
    def _framework(self) -> object:
        # Flask's wsgi_app is a method of the app, which has the debug flag.
        return getattr(self._app, "__self__", None)

    def _start_if_on(self) -> None:
        self._decide(self._framework)
        if self._enabled:
            self._started()

    def _started(self) -> ActiveWsgiMiddleware:
        """Return the middleware of this process, made where the process is new or a fork."""
        from livereload_loc.integrations.wsgi.active import ActiveWsgiMiddleware

        with self._starting:
            if self._active is None or self._active.pid != os.getpid():
                self._active = ActiveWsgiMiddleware(self._app, self._options)
            return self._active
