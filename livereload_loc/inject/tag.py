"""The script tag of an app at one of its addresses: its markup, and what it needs of a page's policy."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from livereload_loc.httputil.headers import HeaderList, Headers
from livereload_loc.httputil.hosts import split_authority
from livereload_loc.inject import headers as rules
from livereload_loc.inject.csp import TagRequirements
from livereload_loc.inject.html.script_element import script_element
from livereload_loc.urls import RELOAD_SCRIPT, RELOAD_SOCKET


@dataclass(frozen=True, slots=True)
class ScriptLocation:
    """Where the socket of the script is, and the script's ``digest``, ``sha256-...`` as in SRI.

    With a ``server_port`` the socket is at the root of another server, on that port of the page's host. That
    server has no TLS, and needs none: browsers let secure pages reach this machine without it (W3C, Secure
    Contexts, section 3.1). ``run`` identifies the run of the server that makes the page, so that a page made
    while another process takes over knows that it is old. With ``in_place`` pages may change in place, and
    their tags say what they need for that.
    """

    digest: str
    server_port: int | None = None
    run: str = ""
    in_place: bool = False


class ScriptTag:
    """The tag of the pages at one address of an app; with ``images`` also that of its SVG documents.

    ``root_path`` and ``scheme`` are those of the request, ``host`` is the value of its Host header. Each of
    them may come from an attacker.
    """

    def __init__(
        self, location: ScriptLocation, root_path: str, scheme: str, host: bytes, *, images: bool = False
    ) -> None:
        self.images = images
        self.in_place = location.in_place
        # Nothing that goes into markup and policies may end an attribute or a directive there.
        scheme = "https" if scheme == "https" else "http"
        root = quote(root_path.rstrip("/"))
        authority, name = _authority(host)
        self._source = root + RELOAD_SCRIPT
        self._attributes: dict[str, str] = {}
        socket = f"{'wss' if scheme == 'https' else 'ws'}://{authority}{root}"
        if location.server_port is not None:
            self._attributes["data-server"] = f"http://{name}:{location.server_port}"
            socket = f"ws://{name}:{location.server_port}"
        if location.run:
            self._attributes["data-run"] = location.run
        self.requirements = TagRequirements(
            page=f"{scheme}://{authority}/",
            script=f"{scheme}://{authority}{self._source.rpartition('/')[0]}/",
            socket=socket + RELOAD_SOCKET,
            digest=location.digest,
        )
        self.suffix = etag_suffix(f"{self.markup({})} {location.digest} {location.in_place}")

    def untagged_request(self, headers: Headers) -> HeaderList:
        """Return request headers that ask for the page without the tag and uncompressed.

        Only Accept-Encoding, If-None-Match and If-Modified-Since differ, and our own script's mark is gone.
        One header is added, which tells other injecting servers and middlewares that the page gets its tag
        here.
        """
        dropped = (b"accept-encoding", rules.OWN_PAGE[0])
        kept = [pair for pair in rules.unconditional(headers, self.suffix) if pair[0] not in dropped]
        return [*kept, (b"accept-encoding", b"identity"), rules.TAGGED]

    def markup(self, attributes: dict[str, str], *, xml: bool = False) -> str:
        """Return the tag with ``attributes``, none of whose values needs escaping; ``xml``: well-formed."""
        return script_element(self._source, {**self._attributes, **attributes}, xml=xml)


def etag_suffix(tag: str) -> bytes:
    """Return the end of the ETag of each page that carries exactly this ``tag``."""
    return b"-loc" + hashlib.sha256(tag.encode()).hexdigest()[:6].encode()


@lru_cache(maxsize=256)
def script_tag(
    location: ScriptLocation, root_path: str, scheme: str, host: bytes, *, images: bool
) -> ScriptTag:
    """Return the tag for a request; an app has few addresses, often one."""
    return ScriptTag(location, root_path, scheme, host, images=images)


def _authority(host: bytes) -> tuple[str, str]:
    """Return a Host header and the name in it; ``localhost`` for both where it is malformed."""
    text = host.decode("latin-1")
    with suppress(ValueError):
        urlsplit(f"//{text}")  # raises for brackets with no address in them
        if parsed := split_authority(text):
            return text, parsed[0]
    return "localhost", "localhost"
