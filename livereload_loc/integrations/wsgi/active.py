"""The WSGI middleware while it is on; one that is off imports nothing of this."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from livereload_loc.integrations.activation import MiddlewareOptions
from livereload_loc.integrations.cgi_requests import CHANGED, CgiRequests, OwnResponse
from livereload_loc.integrations.side_server import SideServer
from livereload_loc.integrations.wsgi.response import WsgiResponse
from livereload_loc.integrations.wsgi.werkzeug_debugger import error_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class ActiveWsgiMiddleware:
    """Serves ``app`` with the tag in its pages, and the scripts at our addresses.

    Raises:
        LocError: no port is free for the socket.
        ValueError: one of ``allow_origins`` is no origin.
    """

    def __init__(self, app: WSGIApplication, options: MiddlewareOptions) -> None:
        self._app = app
        self._requests = CgiRequests(SideServer(options), "pass allow_hosts={}")

    @property
    def pid(self) -> int:
        """The process whose pages it reloads."""
        return self._requests.side.pid

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        own = self._requests.own_response(environ)
        if own:
            return _send(own, environ, start_response)
        untagged = environ.copy()
        tag = self._requests.take_tag(untagged, environ.get("wsgi.url_scheme", "http"))
        if tag is None:
            return self._app(environ, start_response)
        head, warn = environ.get("REQUEST_METHOD") == "HEAD", self._requests.warn
        response = WsgiResponse(tag, start_response, warn, head=head)
        try:
            return response.edit(self._app(untagged, response.start))
        except Exception as error:
            page = None if response.begun else error_page(error, environ)
            if page is None:
                raise
        finally:  # middlewares around us may look for what the app has left in the environment
            added = untagged.items()
            environ.update((key, value) for key, value in added if key not in CHANGED.values())
        response = WsgiResponse(tag, start_response, warn, head=head)
        return response.edit(page(untagged, response.start))


def _send(own: OwnResponse, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    length = {} if own.status == 304 else {"Content-Length": str(len(own.body))}
    status = f"{own.status} {HTTPStatus(own.status).phrase}"
    start_response(status, [*own.headers.items(), *length.items()])
    return [] if own.status == 304 or environ.get("REQUEST_METHOD") == "HEAD" else [own.body]
