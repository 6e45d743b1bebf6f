"""The layer that sees which pages browsers fetch ahead of a navigation, and so before later saves."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.inject.headers import asks_for_page, is_prefetch
from livereload_loc.pipeline.hub import Hub


class FetchLog:
    """Tells ``hub`` which pages are asked for, and which of them ahead of a navigation."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and asks_for_page(scope["method"], scope["headers"]):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            url = scope.get("raw_path", b"").partition(b"?")[0] + query
            self._hub.fetched(url.decode("latin-1"), ahead=is_prefetch(scope["headers"]))
        await self._app(scope, receive, send)
