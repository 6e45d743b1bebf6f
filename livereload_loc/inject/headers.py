"""Rules about headers: which responses get the tag, and what their headers become.

Pure: headers are lists of pairs of bytes with names in lower case, as in ASGI; edited ones are new lists in
the same order.
"""

from __future__ import annotations

import hashlib
import re
from email.message import Message
from functools import lru_cache

from livereload_loc.httputil.etags import ETAG, split_etags
from livereload_loc.httputil.headers import HeaderList, Headers, get

# The media types of the documents that get the tag. An image gets it only where a person navigates to it.
XML_PAGE, IMAGE = "application/xhtml+xml", "image/svg+xml"
PAGES = ("text/html", XML_PAGE, IMAGE)

_DOCUMENTS = (b"document", b"iframe", b"frame")
_FRAGMENT_HEADERS = frozenset([b"hx-request", b"turbo-frame", b"x-up-version", b"x-up-target", b"x-pjax"])
_BODILESS = (204, 205, 304)
# Headers that describe the body as it was before the tag went in (RFC 9110, 9530).
_STALE = frozenset(
    [b"last-modified", b"accept-ranges", b"content-md5", b"digest", b"content-digest", b"repr-digest"]
)

# Marks a request whose response gets its tag further out: from our proxy before an app with a middleware,
# or from a middleware around an app with another one. A page with two tags would reload twice.
TAGGED = b"x-loc-dev", b"tagged"

# Marks a request of our own script for the page that it is in, which is to be as a navigation gets it.
OWN_PAGE = b"loc-dev", b"page"

POLICY, REPORTED_POLICY = b"content-security-policy", b"content-security-policy-report-only"

# What a document takes on only when it is loaded.
_ON_LOAD = (
    *(POLICY, REPORTED_POLICY, b"cross-origin-opener-policy", b"cross-origin-embedder-policy"),
    *(b"permissions-policy", b"referrer-policy", b"link", b"refresh"),
)
_NONCE = re.compile(rb"'nonce-[^']*'")


def asks_for_page(method: str, headers: Headers) -> bool:
    """Return whether a person navigates: no script, fragment (htmx, Turbo, Unpoly) or part of a file."""
    if method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        return False
    named = dict(headers)
    if b"range" in named or not _FRAGMENT_HEADERS.isdisjoint(named):
        return False
    if named.get(b"x-requested-with", b"").lower() == b"xmlhttprequest":
        return False
    if named.get(OWN_PAGE[0]) == OWN_PAGE[1]:
        return True
    accept, destination = named.get(b"accept"), named.get(b"sec-fetch-dest")
    if destination == b"empty":
        return is_prefetch(headers) or _is_passed_on(named, accept or b"")
    if destination is not None:
        return destination in _DOCUMENTS
    if accept is None or b"text/html" in accept:
        return True
    # Browsers send no Sec-Fetch headers to a plain http address of another name. They name text/html when
    # they navigate; */* is what they send for a script or a picture.
    return b"*/*" in accept and not named.get(b"user-agent", b"").startswith(b"Mozilla/")


def is_prefetch(headers: Headers) -> bool:
    """Return whether the browser fetches ahead of a navigation that may come."""
    return b"prefetch" in (get(headers, b"sec-purpose") or b"")


def _is_passed_on(named: dict[bytes, bytes], accept: bytes) -> bool:
    """Return whether a service worker passes a navigation on, and not a script or a download asks for a file.

    From Firefox such a request has the mode ``same-origin``. A link with ``download`` has the mode of a
    navigation in Chromium, and no Accept that names HTML.
    """
    navigates = named.get(b"sec-fetch-mode") == b"navigate" or b"upgrade-insecure-requests" in named
    return navigates and b"text/html" in accept


def asks_for_tag(method: str, headers: Headers) -> bool:
    """Return whether the response should carry the tag, if it is a page."""
    return asks_for_page(method, headers) and get(headers, TAGGED[0]) is None


def may_show_image(headers: Headers) -> bool:
    """Return whether a request for a page shows an image as a document of its own.

    A program that asks for anything, and a prefetch, may want it for something else.
    """
    named = dict(headers)
    return named.get(b"sec-fetch-dest") in _DOCUMENTS or b"text/html" in named.get(b"accept", b"")


def is_page(status: int, headers: Headers, *, images: bool = False) -> bool:
    """Return whether a response is a document that a browser shows; ``images``: an image may be one."""
    if status < 200 or status in _BODILESS or status == 206 or 300 <= status < 400:
        return False
    if (get(headers, b"content-disposition") or b"").strip().lower().startswith(b"attachment"):
        return False
    media = content_type(headers)[0]
    return media in PAGES and (images or media != IMAGE)


def content_type(headers: Headers) -> tuple[str, str | None]:
    """Return media type, in lower case, and charset of a body."""
    return _parse_content_type(get(headers, b"content-type") or b"")


@lru_cache(maxsize=64)  # an app has few of them, and parsing one takes longer than all other rules here
def _parse_content_type(value: bytes) -> tuple[str, str | None]:
    message = Message()
    message["Content-Type"] = value.decode("latin-1")
    charset = message.get_param("charset")
    return message.get_content_type() if value else "", charset if isinstance(charset, str) else None


def codings(headers: Headers) -> list[bytes]:
    """Return the content codings of a body, in the order in which they were applied."""
    named = (get(headers, b"content-encoding") or b"").lower().split(b",")
    return [coding for part in named if (coding := part.strip()) not in (b"", b"identity")]


def policies(headers: Headers) -> dict[int, str]:
    """Return the Content Security Policies by their index in ``headers``.

    Enforced policies come before those that only report: the nonce is taken from the first that has one.
    """
    found = [at for at, (key, _) in enumerate(headers) if key in (POLICY, REPORTED_POLICY)]
    found.sort(key=lambda at: headers[at][0] == REPORTED_POLICY)
    return {at: headers[at][1].decode("latin-1") for at in found}


def policy_digest(headers: Headers) -> str:
    """Return what is the same for two responses with the same policies, nonces aside; "" for none."""
    named = [(key, _NONCE.sub(b"", value)) for key, value in headers if key in _ON_LOAD]
    return hashlib.sha256(repr(sorted(named)).encode()).hexdigest()[:8] if named else ""


def is_stored(headers: Headers) -> bool:
    """Return whether a browser may keep a response."""
    return not any(b"no-store" in value.lower() for key, value in headers if key == b"cache-control")


def injected(headers: Headers, suffix: bytes, added: int | None) -> HeaderList:
    """Return the headers of a response that carries the tag.

    ``added`` is the length of the tag in bytes, None where the length of the response is not known. The
    response is revalidated at each use, under an ETag that no response without the tag has.
    """
    edited = []
    for key, value in asked_about(headers):
        if key in _STALE:
            continue
        if key == b"etag":
            value = with_suffix(value, suffix)
        if key == b"content-length":
            if added is None or not value.isdigit():
                continue
            value = b"%d" % (int(value) + added)
        edited.append((key, value))
    return edited


def reads_page(method: str, headers: Headers) -> bool:
    """Return whether a script of a page may read another page, which it gets without the tag."""
    return method == "GET" and get(headers, b"sec-fetch-dest") in (None, b"empty")


def asked_about(headers: Headers) -> HeaderList:
    """Return the headers of a page that browsers ask about before each use.

    Else they would show a page that a script has read as the page that a person navigates to.
    """
    caching = b"no-cache" if is_stored(headers) else b"no-store"
    kept = [pair for pair in headers if pair[0] not in (b"cache-control", b"expires", b"pragma")]
    return [*kept, (b"cache-control", caching)]


def revalidated(headers: Headers, suffix: bytes) -> HeaderList:
    """Return the headers of a 304 for a page that was cached with the tag."""
    return [
        (key, with_suffix(value, suffix) if key == b"etag" else value)
        for key, value in headers
        if key not in _STALE and key not in (b"content-length", b"content-encoding")
    ]


def unconditional(headers: Headers, suffix: bytes) -> HeaderList:
    """Return request headers whose conditions match no copy without the tag.

    Our suffix is taken off If-None-Match. An ETag without it belongs to a copy without the tag, which must
    not be revived; so does If-Modified-Since.
    """
    edited = []
    for key, value in headers:
        if key == b"if-modified-since":
            continue
        if key == b"if-none-match":
            ours = [stripped for etag in split_etags(value) if (stripped := without_suffix(etag, suffix))]
            if not ours:
                continue
            value = b", ".join(ours)
        edited.append((key, value))
    return edited


def with_suffix(etag: bytes, suffix: bytes) -> bytes:
    """Return ``etag`` with ``suffix`` inside its quotes; a malformed one stays as it is."""
    found = ETAG.fullmatch(etag.strip())
    return b'%s"%s%s"' % (found[1] or b"", found[2], suffix) if found else etag


def without_suffix(etag: bytes, suffix: bytes) -> bytes | None:
    """Return ``etag`` without ``suffix``; None where it does not end with it."""
    found = ETAG.fullmatch(etag)
    if found is None or not found[2].endswith(suffix):
        return None
    return b'%s"%s"' % (found[1] or b"", found[2].removesuffix(suffix))
