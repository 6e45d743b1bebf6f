"""``loc-dev doctor URL``: fetches a page as a browser would, and says why it reloads or does not.

Each finding is one fact, in the order in which a reload needs them; what is wrong comes with its cure.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Generator, Iterator
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from livereload_loc.errors import UsageError
from livereload_loc.injection.csp import Needs, widen

from .fetch import TIMEOUT_SECONDS, Answer, Document, fetch, unverified
from .files import Finding, file_of, watcher_health

MAX_REDIRECTS = 5
SHOWN_ASSETS = 20
SCRIPT_PATHS = ("/_loc/reload.js", "/livereload.js")
_OURS = (b"/_loc/ws/reload", b"_loc/reload.js")

_NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
_SCRIPT = {"Accept": "*/*", "Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}


class _Stop(Exception):
    """There is no use in looking further; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


def examine(url: str) -> Iterator[Finding]:
    """The findings about the page at ``url``, each as soon as it is known.

    Raises:
        UsageError: it is no address of a page.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"doctor takes the address of a page such as http://localhost:8080/, not {url!r}.")
    try:
        page = yield from _page(url)
        document = Document()
        document.feed(page.body.decode("utf-8", "replace"))
        script = yield from _script(page, document)
        server = _server_of(script)
        yield from _socket(page, server)
        yield from _policy(page, document, script, server)
        yield _cached(page)
        yield from _files(page, document, server)
        yield from watcher_health()
    except _Stop as stop:
        yield stop.finding


def _page(url: str) -> Generator[Finding, None, Answer]:
    for _ in range(MAX_REDIRECTS):
        page = _asked(url, _NAVIGATION)
        location = page.headers.get("Location")
        if page.status not in (301, 302, 303, 307, 308) or not location:
            break
        yield Finding(True, f"it sends on to {location}")
        url = urljoin(url, location)
    if page.status == 421:
        raise _Stop(Finding(False, "loc-dev refuses the name in the address", _text(page)))
    yield Finding(page.status < 400, f"it answers with {page.status}", "Name a page that is there.")
    kind = page.headers.get_content_type()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise _Stop(Finding(False, f"it is {kind}, no page", "Only pages that a person opens get the tag."))
    yield Finding(True, "it is a page")
    return page


def _asked(url: str, headers: dict[str, str]) -> Answer:
    try:
        return fetch(url, headers)
    except ConnectionRefusedError:
        cure = "Start your server, or name the address that it prints at its start."
        raise _Stop(Finding(False, f"nothing listens at {_origin(urlsplit(url))}", cure)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        cure = "Look whether it opens in a browser."
        raise _Stop(Finding(False, f"{_origin(urlsplit(url))} gives no answer: {error}", cure)) from None


def _script(page: Answer, document: Document) -> Generator[Finding, None, str]:
    """The URL of the script that reloads the page."""
    candidates = [urljoin(page.url, source) for source in document.scripts]
    for url in candidates:
        path = urlsplit(url).path
        if not path.endswith(SCRIPT_PATHS) and path not in ("", "/"):
            continue
        yield Finding(True, f"it carries the tag of {url}")
        answer = _asked(url, {**_SCRIPT, "Origin": _origin(urlsplit(page.url))})
        if answer.status != 200 or (
            b"/_loc/ws/reload" not in answer.body and b"_loc/reload.js" not in answer.body
        ):
            cure = (
                _text(answer)
                if answer.status == 421
                else "Is loc-dev running there? Start it, or mend the tag."
            )
            raise _Stop(Finding(False, f"the script does not come: {answer.status}", cure))
        yield Finding(True, "the script comes")
        return url
    if page.headers.get("Content-Encoding"):
        raise _Stop(Finding(False, "it comes compressed though nobody asked for it, so that no tag is put in",
                            "Turn compression off in your dev server."))  # fmt: skip
    cure = (
        'Put <script src="http://localhost:8081" async></script> into its head and start loc-dev watch, '
        f"or open it through loc-dev proxy {_origin(urlsplit(page.url))}."
    )
    raise _Stop(Finding(False, "it carries no tag of loc-dev", cure))


def _server_of(script: str) -> str:
    return re.sub(r"/(_loc/[^/]*|livereload\.js)?([?#].*)?$", "", script)


def _socket(page: Answer, server: str) -> Iterator[Finding]:
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Origin

    origin = _origin(urlsplit(page.url))
    url = f"{server.replace('http', 'ws', 1)}/_loc/ws/reload"
    trusting = unverified() if url.startswith("wss") else None
    try:
        with connect(
            url, origin=Origin(origin), proxy=None, open_timeout=TIMEOUT_SECONDS, ssl=trusting
        ) as socket:
            run = json.loads(socket.recv(TIMEOUT_SECONDS)).get("run")
        yield Finding(True, f"the socket opens for pages of {origin} (run {run})")
    except InvalidStatus as error:
        said = bytes(error.response.body or b"").decode("utf-8", "replace").strip()
        raise _Stop(Finding(False, f"the socket is refused: {error.response.status_code}", said)) from None
    except (OSError, WebSocketException, ValueError, TimeoutError, AttributeError) as error:
        cure = "Does something between the page and loc-dev pass WebSockets on?"
        raise _Stop(Finding(False, f"the socket does not open: {error}", cure)) from None


def _policy(page: Answer, document: Document, script: str, server: str) -> Iterator[Finding]:
    socket = f"{server.replace('http', 'ws', 1)}/_loc/ws/reload"
    needs = Needs(page.url, f"{server}/_loc/", socket, "sha256-")
    for where, policies in (
        ("its Content-Security-Policy", page.headers.get_all("Content-Security-Policy") or []),
        ("the Content-Security-Policy in its <meta>", document.policies),
    ):
        if not policies:
            continue
        widened = widen(policies, needs)
        sources = f"script-src {_origin(urlsplit(script))} and connect-src {socket.rpartition('/_loc')[0]}"
        cure = f"Allow {sources} in it."
        if widened.policies == policies:
            yield Finding(True, f"{where} lets script and socket be")
        else:
            yield Finding(False, f"{where} stands in the way", cure)


def _cached(page: Answer) -> Finding:
    said = page.headers.get("Cache-Control", "")
    age = re.search(r"max-age=([1-9]\d*)", said)
    if age and "no-cache" not in said and "no-store" not in said:
        cure = "Send Cache-Control: no-cache while you develop."
        return Finding(False, f"browsers may keep it for {age[1]} s without asking", cure)
    return Finding(True, f"it is asked for anew each time (Cache-Control: {said or 'not sent'})")


def _files(page: Answer, document: Document, server: str) -> Iterator[Finding]:
    status = _asked(f"{server}/_loc/api/status", {"Accept": "application/json"})
    try:
        roots = [str(root) for root in json.loads(status.body)["watching"]]
    except (ValueError, KeyError, TypeError):
        yield Finding(True, "what is watched is known to its server only")
        return
    yield Finding(True, f"watched is {', '.join(roots)}")
    for url in list(dict.fromkeys(urljoin(page.url, asset) for asset in document.assets))[:SHOWN_ASSETS]:
        parts = urlsplit(url)
        if parts.netloc == urlsplit(page.url).netloc and "/_loc/" not in parts.path:
            yield file_of(unquote(parts.path), roots)


def _origin(url: SplitResult) -> str:
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _text(answer: Answer) -> str:
    return answer.body[:500].decode("utf-8", "replace").strip()
