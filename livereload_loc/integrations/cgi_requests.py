"""What the WSGI and the Django middleware share: requests in CGI variables (PEP 3333), and the scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

from livereload_loc.httputil.headers import HeaderList
from livereload_loc.httputil.log import WarnOnce
from livereload_loc.inject.headers import OWN_PAGE, TAGGED, asks_for_tag, is_prefetch, may_show_image
from livereload_loc.inject.tag import ScriptTag, script_tag
from livereload_loc.integrations.side_server import SideServer
from livereload_loc.urls import PREFIX, is_ours
from livereload_loc.web.scripts import SCRIPTS, script

# The variables of the request headers that differ where we ask for a page without the tag.
CHANGED = {
    name: f"HTTP_{name.decode().upper().replace('-', '_')}"
    for name in (b"accept-encoding", b"if-none-match", b"if-modified-since", OWN_PAGE[0], TAGGED[0])
}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class OwnResponse:
    """A response of ours, as text or as a script."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=_PLAIN.copy)


class CgiRequests:
    """Responds at our own addresses and finds the tags of pages, for an app beside a :class:`SideServer`.

    ``allow_hosts`` shows where the user allows another host, with ``{}`` for the list of hosts.
    """

    def __init__(self, side: SideServer, allow_hosts: str) -> None:
        self.side = side
        self._allow_hosts = allow_hosts
        self.warn = WarnOnce()

    def own_response(self, environ: dict[str, Any]) -> OwnResponse | None:
        """Return the response to a request for a script; None where the address is the app's."""
        path = environ.get("PATH_INFO", "")
        if not is_ours(path):
            return None
        refusal = self.side.guard.refuse_host(environ.get("HTTP_HOST"))
        if refusal:
            allow = self._allow_hosts.format([refusal.value])
            cure = f" To allow it, {allow}." if refusal.value else ""
            text = f"Refused: {refusal.reason}.{cure}"
            self.warn(text)
            return OwnResponse(refusal.status, f"{text}\n".encode())
        name = path.rpartition("/")[2]
        if path != f"{PREFIX}/{name}" or name not in SCRIPTS:
            return OwnResponse(404, b"Not found.\n")
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return OwnResponse(405, b"Only GET and HEAD.\n")
        served = script(name)
        version = parse_qs(environ.get("QUERY_STRING", "")).get("v", [""])[0]
        status, headers = served.response_head(version, environ.get("HTTP_IF_NONE_MATCH", ""))
        return OwnResponse(status, served.body if status == 200 else b"", headers)

    def take_tag(self, environ: dict[str, Any], scheme: str) -> ScriptTag | None:
        """Return the tag for a page, and change the request to one for the page without it.

        None where the request is for anything else.
        """
        headers: HeaderList = [
            (key[5:].lower().replace("_", "-").encode("latin-1"), str(value).encode("latin-1", "replace"))
            for key, value in environ.items()
            if key.startswith("HTTP_")
        ]
        if not asks_for_tag(environ.get("REQUEST_METHOD", "GET"), headers):
            return None
        self.side.hub.requests.add_page(requested_url(environ), ahead=is_prefetch(headers))
        host, images = dict(headers).get(b"host", b"localhost"), may_show_image(headers)
        root_path = environ.get("SCRIPT_NAME", "")
        tag = script_tag(self.side.script_location, root_path, scheme, host, images=images)
        untagged = dict(tag.untagged_request(headers))
        for name, variable in CHANGED.items():
            environ.pop(variable, None)
            if name in untagged:
                environ[variable] = untagged[name].decode("latin-1")
        return tag


def requested_url(environ: dict[str, Any]) -> str:
    """Return path and query of a request as browsers have them."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    return quote(path, safe="/!$&'()*+,;=:@~", encoding="latin-1") + (f"?{query}" if query else "")
