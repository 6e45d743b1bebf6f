"""``loc-dev doctor URL``: fetches a page as a browser does, and says why it reloads or does not."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from livereload_loc.doctor.caching import asset_result, page_result
from livereload_loc.doctor.check_result import CheckResult, ChecksEnded
from livereload_loc.doctor.http_fetch import (
    TIMEOUT_SECONDS,
    FetchedResponse,
    fetch,
    http_url,
)
from livereload_loc.doctor.missing_tag import why_untagged
from livereload_loc.doctor.page_parser import PageParser
from livereload_loc.doctor.watched_files import WatcherStatus, check_inotify_limit
from livereload_loc.httputil.hosts import split_url
from livereload_loc.httputil.tls import unverified_context
from livereload_loc.inject.csp import TagRequirements, widen
from livereload_loc.inject.headers import PAGES
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET

MAX_REDIRECTS = 5
MAX_ASSETS = 20

_SCRIPT_PATHS = (RELOAD_SCRIPT, "/livereload.js")

# What our scripts contain, and those of other tools do not.
_OURS = (RELOAD_SOCKET.encode(), RELOAD_SCRIPT[1:].encode())

_NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
}
_SCRIPT = {"Accept": "*/*", "Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}

# The page that the proxy serves while its upstream does not respond.
_UNAVAILABLE = re.compile(rb"<h1>([^<]*)</h1>\n<p>([^<]*)</p>\n<p>([^<]*)</p>\n</body>\n</html>\n$")


class Examination:
    """A page that is examined: each check sets what later checks need."""

    page: FetchedResponse
    document: PageParser
    # The URL of the script that reloads the page, and that of its server.
    script: str
    server: str

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def origin(self) -> str:
        """The origin of the page."""
        return split_url(self.page.url).origin

    @property
    def socket(self) -> str:
        """The URL of the reload socket."""
        return f"{self.server.replace('http', 'ws', 1)}{RELOAD_SOCKET}"


def page_loads(examination: Examination) -> Iterator[CheckResult]:
    """Fetch the page, through redirects."""
    url = examination.url
    for _ in range(MAX_REDIRECTS):
        page = fetch(url, _NAVIGATION)
        location = page.headers.get("Location")
        if page.status not in (301, 302, 303, 307, 308) or not location:
            break
        yield CheckResult(True, f"it redirects to {location}")
        url = http_url(location, url)
        if not url:
            raise ChecksEnded("that is not the address of a page", "Have your server redirect to a page.")
    if page.status == 421:
        raise ChecksEnded("loc-dev refuses the host name in the address", page.summary())
    if page.status == 502 and (shown := _UNAVAILABLE.search(page.body)):
        title, *advice = (html.unescape(part.decode("utf-8", "replace")) for part in shown.groups())
        raise ChecksEnded(f"loc-dev is running, but {title}", " ".join(advice))
    fix = "Check the address, or fix the error that your server reports."
    yield CheckResult(page.status < 400, f"{page.url} responds with {page.status}", fix)
    examination.page = page


def page_is_html(examination: Examination) -> Iterator[CheckResult]:
    """Parse the page."""
    page = examination.page
    kind = page.headers.get_content_type()
    if kind not in PAGES:
        raise ChecksEnded(f"it is {kind}, not an HTML page", "Name a page: only pages get the script tag.")
    yield CheckResult(True, "it is an HTML page" if kind == "text/html" else f"it is {kind}")
    examination.document = PageParser(page.url, page.text())


def page_has_tag(examination: Examination) -> Iterator[CheckResult]:
    """Find the tag of the script that reloads the page."""
    for url, server in examination.document.scripts:
        path = urlsplit(url).path
        if path.endswith(_SCRIPT_PATHS) or path in ("", "/"):
            yield CheckResult(True, f"it has the script tag of {url}")
            examination.script, examination.server = url, server.rstrip("/") or _server_of(url)
            return
    origin = examination.origin
    raise ChecksEnded(*why_untagged(examination.page, origin, ours=_is_ours(origin)))


def _server_of(script: str) -> str:
    return re.sub(r"/(_loc/[^/]*|livereload\.js)?([?#].*)?$", "", script)


def _is_ours(origin: str) -> bool:
    """Return whether a server or a middleware of ours responds there."""
    try:
        return _OURS[0] in fetch(f"{origin}{RELOAD_SCRIPT}", _SCRIPT).body
    except ChecksEnded:
        return False


def script_loads(examination: Examination) -> Iterator[CheckResult]:
    """Fetch the script as the page would."""
    fix = "The script tag in the page names that port: start loc-dev there (--port), or change the tag."
    response = fetch(examination.script, {**_SCRIPT, "Origin": examination.origin}, fix=fix)
    if response.status != 200 or not any(word in response.body for word in _OURS):
        fix = "Check that loc-dev is running there: start it, or change the tag."
        fix = response.summary() if response.status == 421 else fix
        raise ChecksEnded(f"the script does not load: {response.status}", fix)
    yield CheckResult(True, "the script loads")


def socket_opens(examination: Examination) -> Iterator[CheckResult]:
    """Open the reload socket as the page would."""
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Origin

    url, origin = examination.socket, examination.origin
    tls = unverified_context() if url.startswith("wss") else None
    try:
        with connect(url, origin=Origin(origin), proxy=None, open_timeout=TIMEOUT_SECONDS, ssl=tls) as socket:
            run = json.loads(socket.recv(TIMEOUT_SECONDS)).get("run")
    except InvalidStatus as error:
        reason = bytes(error.response.body or b"").decode("utf-8", "replace").strip()
        raise ChecksEnded(f"the WebSocket is refused: {error.response.status_code}", reason) from None
    except (OSError, WebSocketException, ValueError, TimeoutError, AttributeError) as error:
        fix = "Check that everything between the page and loc-dev passes WebSockets on."
        raise ChecksEnded(f"the WebSocket does not open: {error}", fix) from None
    yield CheckResult(True, f"the WebSocket opens for pages of {origin} (run {run})")


def policies_allow_script_and_socket(examination: Examination) -> Iterator[CheckResult]:
    """Check the Content-Security-Policy of the response and of the page."""
    page, document, socket = examination.page, examination.document, examination.socket
    needs = TagRequirements(page.url, f"{examination.server}{PREFIX}/", socket, "sha256-")
    sources = (
        f"script-src {split_url(examination.script).origin} and connect-src {socket.rpartition(PREFIX)[0]}"
    )
    for name, policies in (
        ("its Content-Security-Policy", page.headers.get_all("Content-Security-Policy") or []),
        ("the Content-Security-Policy in its <meta>", document.policies),
    ):
        if policies and widen(policies, needs).policies == policies:
            yield CheckResult(True, f"{name} allows the script and the WebSocket")
        elif policies:
            yield CheckResult(False, f"{name} blocks the script or the WebSocket", f"Allow {sources} in it.")


def page_is_not_cached(examination: Examination) -> Iterator[CheckResult]:
    """Check that browsers fetch the page at each reload."""
    yield page_result(examination.page)


def files_are_watched(examination: Examination) -> Iterator[CheckResult]:
    """Check the files of the page and of its assets."""
    status = fetch(f"{examination.server}{PREFIX}/api/status", {"Accept": "application/json"})
    try:
        watched = WatcherStatus.parse(json.loads(status.body))
    except ValueError:
        watched = None
    if watched is None:
        yield CheckResult(True, "its server does not say which files it watches")
        return
    yield from watched.results()
    page = examination.page
    own = urlsplit(page.url)
    if page.status < 400:
        yield watched.page(unquote(own.path) or "/")
    for url in list(dict.fromkeys(filter(None, examination.document.assets)))[:MAX_ASSETS]:
        parts = urlsplit(url)
        if parts.netloc == own.netloc and f"{PREFIX}/" not in parts.path:
            path = unquote(parts.path)
            response = fetch(url, {"Accept": "*/*", "Referer": page.url}, limit=0)
            yield asset_result(path, response, watched.file_of(path))


# In the order in which a reload needs them; each relies on those before it.
CHECKS = (
    page_loads,
    page_is_html,
    page_has_tag,
    script_loads,
    socket_opens,
    policies_allow_script_and_socket,
    page_is_not_cached,
    files_are_watched,
    check_inotify_limit,
)


def examine(url: str) -> Iterator[CheckResult]:
    """Yield the results about the page at ``url``, each as soon as it is known."""
    examination = Examination(url)
    try:
        for check in CHECKS:
            yield from check(examination)
    except ChecksEnded as end:
        yield end.result
