"""The status page over HTTP: its files, a QR code, and the state as JSON."""

from __future__ import annotations

import html
import io
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from livereload_loc.access import PRIVATE
from livereload_loc.httputil.text import package_text
from livereload_loc.urls import PREFIX
from livereload_loc.web.refusals import refuse
from livereload_loc.web.status.socket import StatusSocket
from livereload_loc.web.status.state import ServerStatus

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"

# The files that the page loads, with their types.
FILES = {
    "status.js": "text/javascript; charset=utf-8",
    "rows.js": "text/javascript; charset=utf-8",
    "status.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class StatusPages:
    """The endpoints; each reads the state of the moment and changes nothing."""

    def __init__(self, status: ServerStatus) -> None:
        self._status = status

    def routes(self) -> list[BaseRoute]:
        """Return all of them, and the socket."""
        return [
            Route(f"{PREFIX}/", self.page),
            *(Route(f"{PREFIX}/{name}", part) for name in FILES),
            Route(f"{PREFIX}/qr.svg", self.qr_code),
            Route(f"{PREFIX}/api/status", self.state),
            WebSocketRoute(f"{PREFIX}/ws/status", StatusSocket(self._status).serve),
        ]

    async def page(self, request: Request) -> Response:
        """Return the page for people; its parts are named relative to the request, which may be for ``/``."""
        if refusal := self._refusal(request):
            return refusal
        base = "" if request.scope["path"].endswith(f"{PREFIX}/") else f"{PREFIX[1:]}/"
        page = source("status.html").replace("{base}", base)
        page = page.replace("{tag}", html.escape(self._status.tag(request)))
        return HTMLResponse(page, headers={**PRIVATE, "Content-Security-Policy": POLICY})

    async def state(self, request: Request) -> Response:
        """Return the state as JSON."""
        if refusal := self._refusal(request):
            return refusal
        body = json.dumps(self._status.snapshot(request)) + "\n"
        return Response(body, headers=PRIVATE, media_type="application/json")

    async def qr_code(self, request: Request) -> Response:
        """Return the address for other devices as a QR code."""
        if refusal := self._refusal(request):
            return refusal
        url = self._status.device_url(request)
        if url is None:
            return PlainTextResponse("Other devices cannot reach this server.\n", 404, PRIVATE)
        headers = {**PRIVATE, "Content-Security-Policy": PICTURE_POLICY}
        return Response(qr_svg(url), 200, headers, "image/svg+xml")

    def _refusal(self, request: Request) -> Response | None:
        refusal = self._status.guard.refuse_reader(request.headers)
        return refuse(refusal) if refusal else None


async def part(request: Request) -> Response:
    """Return one of ``FILES``."""
    name = request.scope["path"].rpartition("/")[2]
    return Response(source(name), 200, {**PRIVATE, "Content-Type": FILES[name]})


def source(name: str) -> str:
    """Return the text of a file of the page."""
    return package_text(f"web/status/{name}")


@cache
def qr_svg(url: str) -> bytes:
    """Return an SVG document with ``url``, dark on light, with the margin that scanners need."""
    import segno

    picture = io.BytesIO()
    segno.make_qr(url, error="m").save(picture, kind="svg", scale=4, border=3, light="#fff", svgclass=None,
                                       lineclass=None, xmldecl=False, omitsize=True)  # fmt: skip
    return picture.getvalue()
