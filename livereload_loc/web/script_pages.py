"""The scripts over HTTP, and the root of a server that has no site."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from livereload_loc.web.scripts import WIDGET, Script, script
from livereload_loc.web.status.pages import StatusPages


class ScriptPages:
    """The endpoints of the scripts; with ``widget``, the counter's is among them."""

    def __init__(self, status: StatusPages, *, widget: bool) -> None:
        self._status = status
        self._all = ("reload.js", *([WIDGET] if widget else []))

    async def root(self, request: Request) -> Response:
        """Return the status page to a person, and to a script tag all scripts as one."""
        if is_navigation(request):
            response = await self._status.page(request)
        else:
            response = script_response(request, script(*self._all))
        response.headers["Vary"] = "Sec-Fetch-Dest, Accept"
        return response

    async def script(self, request: Request) -> Response:
        """Return one script, by its name."""
        return script_response(request, script(request.scope["path"].rpartition("/")[2]))


def script_response(request: Request, served: Script) -> Response:
    """Return a script for any page: revalidated at each use, or kept for ever under ``?v=`` its version."""
    version, known = request.query_params.get("v", ""), request.headers.get("if-none-match", "")
    status, headers = served.response_head(version, known)
    return Response(served.body if status == 200 else b"", status, headers)


def is_navigation(request: Request) -> bool:
    """Return whether a person's browser asks for a page, not a script tag for its script (Fetch Metadata)."""
    destination = request.headers.get("sec-fetch-dest")
    if destination is not None:
        return destination == "document"
    return "text/html" in request.headers.get("accept", "")
