"""The layer that notes which pages and files are asked for."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.httputil.headers import get
from livereload_loc.inject.headers import asks_for_page, is_prefetch
from livereload_loc.pipeline.seen_requests import SeenRequests


class RequestLog:
    """Records the requests for pages, some of them ahead of a navigation, and for files in ``requests``."""

    def __init__(self, app: ASGIApp, requests: SeenRequests) -> None:
        self._app, self._requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = scope["headers"]
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            url = (scope.get("raw_path", b"").partition(b"?")[0] + query).decode("latin-1")
            if asks_for_page(scope["method"], headers):
                self._requests.add_page(url, ahead=is_prefetch(headers))
            else:
                self._requests.add_file(url, is_worker=get(headers, b"service-worker") == b"script")
        await self._app(scope, receive, send)
