"""What the status page is made of, over HTTP: its files, a QR code, and the state as JSON."""

from __future__ import annotations

import html
import io
import json
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from livereload_loc.access import PRIVATE
from livereload_loc.urls import PREFIX
from livereload_loc.web.refusals import refuse
from livereload_loc.web.status.socket import StatusSocket
from livereload_loc.web.status.state import StatusSnapshot

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"

FILES = {
    "status.js": "text/javascript; charset=utf-8",
    "rows.js": "text/javascript; charset=utf-8",
    "status.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What the page consists of besides itself, by name, with its type."""


class StatusPages:
    """The endpoints; each reads the state of the moment and changes nothing."""

    def __init__(self, scene: StatusSnapshot) -> None:
        self._scene = scene

    def routes(self) -> list[BaseRoute]:
        """All of them, and the socket."""
        return [
            Route(f"{PREFIX}/", self.page),
            *(Route(f"{PREFIX}/{name}", part) for name in FILES),
            Route(f"{PREFIX}/qr.svg", self.picture),
            Route(f"{PREFIX}/api/status", self.state),
            WebSocketRoute(f"{PREFIX}/ws/status", StatusSocket(self._scene).serve),
        ]

    async def page(self, request: Request) -> Response:
        """The page for people; it is also what ``/`` gives them, so that it says where its parts are."""
        refusal = self._scene.guard.refuse_reader(request.headers)
        if refusal:
            return refuse(refusal)
        base = "" if request.scope["path"].endswith(f"{PREFIX}/") else f"{PREFIX[1:]}/"
        page = source("status.html").replace("{base}", base)
        page = page.replace("{tag}", html.escape(self._scene.tag_for(request)))
        return HTMLResponse(page, headers={**PRIVATE, "Content-Security-Policy": POLICY})

    async def state(self, request: Request) -> Response:
        """The same for programs."""
        refusal = self._scene.guard.refuse_reader(request.headers)
        if refusal:
            return refuse(refusal)
        body = json.dumps(self._scene.state(request)) + "\n"
        return Response(body, headers=PRIVATE, media_type="application/json")

    async def picture(self, request: Request) -> Response:
        """The address for other devices as a QR code."""
        refusal = self._scene.guard.refuse_reader(request.headers)
        if refusal:
            return refuse(refusal)
        url = self._scene.phone(request)
        if url is None:
            return PlainTextResponse("Other devices do not reach this server.\n", 404, PRIVATE)
        headers = {**PRIVATE, "Content-Security-Policy": PICTURE_POLICY}
        return Response(qr_code(url), 200, headers, "image/svg+xml")


async def part(request: Request) -> Response:
    """One of ``FILES``."""
    name = request.scope["path"].rpartition("/")[2]
    return Response(source(name), 200, {**PRIVATE, "Content-Type": FILES[name]})


@cache
def source(name: str) -> str:
    """The text of a file of the page."""
    return resources.files(__name__.rpartition(".")[0]).joinpath(name).read_text("utf-8")


@cache
def qr_code(url: str) -> bytes:
    """``url`` as an SVG document, dark on light whatever is around it, with the margin that readers need."""
    import segno

    picture = io.BytesIO()
    segno.make_qr(url, error="m").save(picture, kind="svg", scale=4, border=3, light="#fff", svgclass=None,
                                       lineclass=None, xmldecl=False, omitsize=True)  # fmt: skip
    return picture.getvalue()
