"""``loc-dev doctor URL``: fetches a page as a browser would, and says why it reloads or does not.

Each finding is one fact, in the order in which a reload needs them; what is wrong comes with its cure.
"""

from __future__ import annotations

import html
import http.client
import json
import re
from collections.abc import Generator, Iterator
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from livereload_loc.doctor.caching import asset_answer, page_cached
from livereload_loc.doctor.finding import Finding
from livereload_loc.doctor.http_fetch import (
    MAX_BODY,
    TIMEOUT_SECONDS,
    FetchedPage,
    PageParser,
    fetch,
)
from livereload_loc.doctor.missing_tag import why_untagged
from livereload_loc.doctor.watched_files import WatchedFolder, page_of, watcher_health
from livereload_loc.errors import UsageError
from livereload_loc.httputil.tls import unverified_context
from livereload_loc.inject.csp import TagRequirements, widen
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET

MAX_REDIRECTS = 5
SHOWN_ASSETS = 20
SCRIPT_PATHS = (RELOAD_SCRIPT, "/livereload.js")
_OURS = (RELOAD_SOCKET.encode(), RELOAD_SCRIPT[1:].encode())
"""What our scripts hold, and those of other tools do not."""

_NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
_SCRIPT = {"Accept": "*/*", "Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}


_START = "Start your server, or name the address that it prints at its start."
_START_TOOL = "The tag in the page names that port: start loc-dev there (--port), or mend the tag."
_UNAVAILABLE = re.compile(rb"<h1>([^<]*)</h1>\n<p>([^<]*)</p>\n<p>([^<]*)</p>\n</body>\n</html>\n$")
"""What the proxy shows while its upstream does not answer."""


class _ChecksEnded(Exception):
    """There is no use in looking further; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def examine(url: str) -> Iterator[Finding]:
    """The findings about the page at ``url``, each as soon as it is known.

    Raises:
        UsageError: it is no address of a page.
    """
    if not _is_address(url):
        raise UsageError(f"doctor takes the address of a page such as http://localhost:8080/, not {url!r}.")
    try:
        page = yield from _page(url)
        document = PageParser(page.url)
        document.feed(_decoded(page))
        script, server = yield from _script(page, document)
        yield from _socket(page, server)
        yield from _policy(page, document, script, server)
        yield page_cached(page)
        yield from _files(page, document, server)
        yield from watcher_health()
    except _ChecksEnded as stop:
        yield stop.finding


def _page(url: str) -> Generator[Finding, None, FetchedPage]:
    for _ in range(MAX_REDIRECTS):
        page = _asked(url, _NAVIGATION)
        location = page.headers.get("Location")
        if page.status not in (301, 302, 303, 307, 308) or not location:
            break
        yield Finding(True, f"it sends on to {location}")
        url = _sent_on(url, location)
    if page.status == 421:
        raise _ChecksEnded(Finding(False, "loc-dev refuses the name in the address", _text(page)))
    cure = "Name a page that is there, or mend what your server complains of."
    said = _UNAVAILABLE.search(page.body) if page.status == 502 else None
    if said:
        parts = (html.unescape(part.decode("utf-8", "replace")) for part in said.groups())
        raise _ChecksEnded(Finding(False, f"loc-dev is there, but {next(parts)}", " ".join(parts)))
    yield Finding(page.status < 400, f"{page.url} answers with {page.status}", cure)
    kind = page.headers.get_content_type()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise _ChecksEnded(Finding(False, f"it is {kind}, no page", "Name a page: only pages get the tag."))
    yield Finding(True, "it is a page")
    return page


def _sent_on(url: str, location: str) -> str:
    """The address that ``location`` names to who asked for ``url``."""
    try:
        further = urljoin(url, location)
    except ValueError:
        further = ""
    if not _is_address(further):
        cure = "Have your server send on to the address of a page."
        raise _ChecksEnded(Finding(False, "that is no address of a page", cure))
    return further


def _is_address(url: str) -> bool:
    """Whether a page can be asked for there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _asked(url: str, headers: dict[str, str], most: int = MAX_BODY, cure: str = _START) -> FetchedPage:
    """Its answer; ``cure`` helps where nothing listens."""
    try:
        return fetch(url, headers, most)
    except ConnectionRefusedError:
        raise _ChecksEnded(Finding(False, f"nothing listens at {_origin(urlsplit(url))}", cure)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        cure = "Look whether it opens in a browser."
        raise _ChecksEnded(
            Finding(False, f"{_origin(urlsplit(url))} gives no answer: {error}", cure)
        ) from None


def _script(page: FetchedPage, document: PageParser) -> Generator[Finding, None, tuple[str, str]]:
    """The URLs of the script that reloads the page, and of its server."""
    for url, server in document.scripts:
        path = urlsplit(url).path
        if not path.endswith(SCRIPT_PATHS) and path not in ("", "/"):
            continue
        yield Finding(True, f"it carries the tag of {url}")
        answer = _asked(url, {**_SCRIPT, "Origin": _origin(urlsplit(page.url))}, cure=_START_TOOL)
        if answer.status != 200 or not any(word in answer.body for word in _OURS):
            cure = (
                _text(answer)
                if answer.status == 421
                else "Is loc-dev running there? Start it, or mend the tag."
            )
            raise _ChecksEnded(Finding(False, f"the script does not come: {answer.status}", cure))
        yield Finding(True, "the script comes")
        return url, server.rstrip("/") or _server_of(url)
    origin = _origin(urlsplit(page.url))
    raise _ChecksEnded(why_untagged(page, origin, ours=_is_ours(origin)))


def _server_of(script: str) -> str:
    return re.sub(r"/(_loc/[^/]*|livereload\.js)?([?#].*)?$", "", script)


def _is_ours(origin: str) -> bool:
    """Whether a server or a middleware of ours answers there."""
    try:
        return fetch(f"{origin}{RELOAD_SCRIPT}", _SCRIPT).body.find(_OURS[0]) >= 0
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _socket(page: FetchedPage, server: str) -> Iterator[Finding]:
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Origin

    origin = _origin(urlsplit(page.url))
    url = f"{server.replace('http', 'ws', 1)}{RELOAD_SOCKET}"
    trusting = unverified_context() if url.startswith("wss") else None
    try:
        with connect(
            url, origin=Origin(origin), proxy=None, open_timeout=TIMEOUT_SECONDS, ssl=trusting
        ) as socket:
            run = json.loads(socket.recv(TIMEOUT_SECONDS)).get("run")
        yield Finding(True, f"the socket opens for pages of {origin} (run {run})")
    except InvalidStatus as error:
        said = bytes(error.response.body or b"").decode("utf-8", "replace").strip()
        raise _ChecksEnded(
            Finding(False, f"the socket is refused: {error.response.status_code}", said)
        ) from None
    except (OSError, WebSocketException, ValueError, TimeoutError, AttributeError) as error:
        cure = "Does something between the page and loc-dev pass WebSockets on?"
        raise _ChecksEnded(Finding(False, f"the socket does not open: {error}", cure)) from None


def _policy(page: FetchedPage, document: PageParser, script: str, server: str) -> Iterator[Finding]:
    socket = f"{server.replace('http', 'ws', 1)}{RELOAD_SOCKET}"
    needs = TagRequirements(page.url, f"{server}{PREFIX}/", socket, "sha256-")
    for where, policies in (
        ("its Content-Security-Policy", page.headers.get_all("Content-Security-Policy") or []),
        ("the Content-Security-Policy in its <meta>", document.policies),
    ):
        if not policies:
            continue
        widened = widen(policies, needs)
        sources = f"script-src {_origin(urlsplit(script))} and connect-src {socket.rpartition(PREFIX)[0]}"
        cure = f"Allow {sources} in it."
        if widened.policies == policies:
            yield Finding(True, f"{where} lets script and socket be")
        else:
            yield Finding(False, f"{where} stands in the way", cure)


def _files(page: FetchedPage, document: PageParser, server: str) -> Iterator[Finding]:
    status = _asked(f"{server}{PREFIX}/api/status", {"Accept": "application/json"})
    try:
        watched = WatchedFolder.read(json.loads(status.body))
    except ValueError:
        watched = None
    if watched is None:
        yield Finding(True, "what is watched is known to its server only")
        return
    yield from watched.findings()
    own = urlsplit(page.url)
    if page.status < 400:
        yield page_of(unquote(own.path) or "/", watched)
    for url in list(dict.fromkeys(filter(None, document.assets)))[:SHOWN_ASSETS]:
        parts = urlsplit(url)
        if parts.netloc == own.netloc and f"{PREFIX}/" not in parts.path:
            found = watched.file_of(unquote(parts.path))
            answer = _asked(url, {"Accept": "*/*", "Referer": page.url}, most=0)
            yield asset_answer(unquote(parts.path), answer, found)


def _origin(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _decoded(page: FetchedPage) -> str:
    try:
        return page.body.decode(page.headers.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return page.body.decode("utf-8", "replace")


def _text(answer: FetchedPage) -> str:
    return answer.body[:500].decode("utf-8", "replace").strip()
