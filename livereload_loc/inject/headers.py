"""Which answers get the tag, and what their headers have to say once they have it.

Pure: headers are lists of pairs of bytes with names in lower case, as ASGI has them; what comes back is a
new list, in the same order.
"""

from __future__ import annotations

from email.message import Message
from functools import lru_cache

from livereload_loc.httputil.etags import ETAG, split_etags
from livereload_loc.httputil.headers import Headers, get

_DOCUMENTS = (b"document", b"iframe", b"frame")
_FRAGMENT_HEADERS = frozenset([b"hx-request", b"turbo-frame", b"x-up-version", b"x-up-target", b"x-pjax"])
_BODILESS = (204, 205, 304)
_STALE = frozenset(
    [b"last-modified", b"accept-ranges", b"content-md5", b"digest", b"content-digest", b"repr-digest"]
)
"""What an answer says about a body that is no longer the one it bears (RFC 9110, 9530)."""

TAGGED = b"x-loc-dev", b"tagged"
"""Stands in a request that comes by way of somebody who puts the tag into its answer: a proxy of ours before
an app with a middleware, or a middleware around an app with another one. Two tags reload twice."""

POLICY, REPORTED_POLICY = b"content-security-policy", b"content-security-policy-report-only"


def asks_for_page(method: str, headers: Headers) -> bool:
    """Whether a person navigates: not a script, a fragment (htmx, Turbo, Unpoly) or a part of a file."""
    if method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        return False
    named = dict(headers)
    if b"range" in named or not _FRAGMENT_HEADERS.isdisjoint(named):
        return False
    if named.get(b"x-requested-with", b"").lower() == b"xmlhttprequest":
        return False
    destination = named.get(b"sec-fetch-dest")
    if destination == b"empty":
        # So does a service worker ask that passes a navigation on, and a browser for a page of later.
        prefetched = b"prefetch" in named.get(b"sec-purpose", b"")
        return prefetched or named.get(b"sec-fetch-mode") == b"navigate"
    if destination is not None:
        return destination in _DOCUMENTS
    accept = named.get(b"accept")
    if accept is None or b"text/html" in accept:
        return True
    # To a plain http address of another name browsers send no Sec-Fetch headers; when they navigate they
    # name text/html, and what says */* is a script or a picture.
    return b"*/*" in accept and not named.get(b"user-agent", b"").startswith(b"Mozilla/")


def asks_for_tag(method: str, headers: Headers) -> bool:
    """Whether the answer is to bear the tag, if it is a page."""
    return asks_for_page(method, headers) and get(headers, TAGGED[0]) is None


def is_page(status: int, headers: Headers) -> bool:
    """Whether an answer is an HTML document that a browser shows."""
    if status < 200 or status in _BODILESS or status == 206 or 300 <= status < 400:
        return False
    if (get(headers, b"content-disposition") or b"").strip().lower().startswith(b"attachment"):
        return False
    return content_type(headers)[0] == "text/html"


def content_type(headers: Headers) -> tuple[str, str | None]:
    """Media type, in lower case, and charset of a body."""
    return _parsed(get(headers, b"content-type") or b"")


@lru_cache(maxsize=64)  # an app has few of them, and reading one takes longer than all else here
def _parsed(value: bytes) -> tuple[str, str | None]:
    message = Message()
    message["Content-Type"] = value.decode("latin-1")
    charset = message.get_param("charset")
    return message.get_content_type() if value else "", charset if isinstance(charset, str) else None


def codings(headers: Headers) -> list[bytes]:
    """The content codings of a body, in the order in which they were applied."""
    named = get(headers, b"content-encoding")
    if named is None:
        return []
    return [
        coding for part in named.lower().split(b",") if (coding := part.strip()) not in (b"", b"identity")
    ]


def policies(headers: Headers) -> dict[int, str]:
    """The Content Security Policies by their places among ``headers``.

    Those that are enforced come first, and those that only report after them: a nonce is taken from the
    first policy that has one.
    """
    found = [at for at, (key, _) in enumerate(headers) if key in (POLICY, REPORTED_POLICY)]
    if not found:
        return {}
    found.sort(key=lambda at: headers[at][0] == REPORTED_POLICY)
    return {at: headers[at][1].decode("latin-1") for at in found}


def with_policies(headers: Headers, texts: dict[int, str]) -> Headers:
    """``headers`` with other policies at the places that ``texts`` names."""
    if not texts:
        return headers
    return [
        (key, texts[at].encode("latin-1") if at in texts else value)
        for at, (key, value) in enumerate(headers)
    ]


def injected(headers: Headers, suffix: bytes, added: int | None) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that bears the tag.

    ``added`` is the length of the tag in bytes, or None where the length of the answer is not known. The
    answer is revalidated at each use, under an ETag that no answer without the tag has.
    """
    edited = []
    caching = b"no-cache"
    for key, value in headers:
        if key == b"cache-control" and b"no-store" in value.lower():
            caching = b"no-store"
        if key in _STALE or key in (b"cache-control", b"expires", b"pragma"):
            continue
        if key == b"etag":
            value = with_suffix(value, suffix)
        if key == b"content-length":
            if added is None or not value.isdigit():
                continue
            value = b"%d" % (int(value) + added)
        edited.append((key, value))
    edited.append((b"cache-control", caching))
    return edited


def revalidated(headers: Headers, suffix: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of a 304 to a page that was cached with the tag."""
    return [
        (key, with_suffix(value, suffix) if key == b"etag" else value)
        for key, value in headers
        if key not in _STALE and key not in (b"content-length", b"content-encoding")
    ]


def unconditional(headers: Headers, suffix: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of a request for a page, as one who knows nothing of the tag may see them.

    Our suffix is taken off If-None-Match; a tag without it belongs to a copy without the tag, which must
    not be revived, and so does If-Modified-Since.
    """
    edited = []
    for key, value in headers:
        if key == b"if-modified-since":
            continue
        if key == b"if-none-match":
            ours = [stripped for tag in split_etags(value) if (stripped := without_suffix(tag, suffix))]
            if not ours:
                continue
            value = b", ".join(ours)
        edited.append((key, value))
    return edited


def with_suffix(etag: bytes, suffix: bytes) -> bytes:
    """``etag`` with ``suffix`` inside its quotes; one that is malformed stays as it is."""
    found = ETAG.fullmatch(etag.strip())
    return b'%s"%s%s"' % (found[1] or b"", found[2], suffix) if found else etag


def without_suffix(etag: bytes, suffix: bytes) -> bytes | None:
    """``etag`` without our ``suffix``; None where it does not bear it."""
    found = ETAG.fullmatch(etag)
    if found is None or not found[2].endswith(suffix):
        return None
    return b'%s"%s"' % (found[1] or b"", found[2].removesuffix(suffix))
