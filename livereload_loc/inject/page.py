"""Pages that get the tag: what their headers say, and what the headers and a whole body become. No I/O.

For each request that :func:`.headers.asks_for_tag`, a shell around an app asks it for the page without the
tag (:meth:`.ScriptTag.untagged_request`) and gives the start of the response to :func:`tag_response`. That
returns headers to send before an unchanged body, or a :class:`TaggedPage`: then the shell sends what
:meth:`TaggedPage.whole` makes of a complete body, or else what :class:`.PageStream` makes of its pieces.

Headers are pairs of bytes with names in lower case; a WSGI app's are converted with ``latin-1``.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from livereload_loc.httputil.headers import HeaderList, Headers
from livereload_loc.inject import headers as rules
from livereload_loc.inject.compression.decoding import decoder
from livereload_loc.inject.csp import forbids_scripts, widen
from livereload_loc.inject.html.injector import place_in_start, start_length
from livereload_loc.inject.tag import ScriptTag

# Bytes of a page that are copied at once; one large copy costs far more than its parts.
PIECE = 512 * 1024


class TaggedPage:
    """A page that is to carry the tag: what its headers say, and what they become."""

    def __init__(self, headers: Headers, tag: ScriptTag) -> None:
        self._headers, self._tag = headers, tag
        self._widened, self._attributes = _widen_policies(headers, tag)
        if tag.in_place and (digest := rules.policy_digest(headers)):
            self._attributes["data-policies"] = digest
        self._has_id = tag.in_place and rules.is_stored(headers)
        media, self.charset = rules.content_type(headers)
        self.xml = media != "text/html"
        self.codings = rules.codings(headers)
        self.skip_reason = _skip_reason(self.codings, headers)
        """Why it passes unchanged, in words for a log; empty where it gets the tag."""
        self._edited: dict[int | None, HeaderList] = {}

    def markup(self) -> str:
        """Return the tag of one response; all those of a page have the same length.

        By its ``data-id`` a page knows whether the browser's cache still holds what it was made of.
        """
        own = {"data-id": secrets.token_urlsafe(6)} if self._has_id else {}
        return self._tag.markup({**self._attributes, **own}, xml=self.xml)

    def whole(self, body: bytes) -> tuple[HeaderList, bytes] | None:
        """Return headers and body with the tag for a complete body.

        None where it takes a :class:`PageStream`: the page is compressed or large, or its start does not
        show where the tag goes.
        """
        if self.codings or self.skip_reason or len(body) > PIECE:
            return None
        start = bytes(body[: start_length(self.charset)])  # the body may be any buffer
        markup = self.markup()
        found = place_in_start(start, len(markup), self.charset, xml=self.xml)
        if found is None:
            return None
        place, encoding = found
        tag = encoding.encode(markup)
        return self.edited(len(tag)), b"".join((body[:place], tag, body[place:]))

    def untouched(self) -> HeaderList:
        """Return the headers of the page without the tag, for the caller to keep and change."""
        return list(self._headers)

    def edited(self, added: int | None) -> HeaderList:
        """Return the headers of the page with the tag, for the caller to keep and change.

        ``added`` is the length of the tag in bytes, None where the length of the page is not known.
        """
        if added not in self._edited:
            headers = rules.injected(self._widened, self._tag.suffix, added)
            self._edited[added] = [pair for pair in headers if pair[0] != b"content-encoding"]
        return list(self._edited[added])


def tag_response(
    tag: ScriptTag, status: int, headers: Headers, *, head: bool = False
) -> Headers | TaggedPage:
    """Return a page that the body completes, or, for any other response, the headers to send with its body.

    The headers that were given are returned where nothing has to change. ``head``: the request was a HEAD.
    """
    if status == 304:
        return _revalidated(headers, tag)
    page = _page(status, tuple(map(tuple, headers)), tag)
    if page is None or (head and page.skip_reason):
        return headers
    return page.edited(None) if head else page


@lru_cache(maxsize=128)  # most responses of an app have the same headers
def _page(status: int, headers: tuple[tuple[bytes, bytes], ...], tag: ScriptTag) -> TaggedPage | None:
    lowered = [(key.lower(), value) for key, value in headers]
    return TaggedPage(lowered, tag) if rules.is_page(status, lowered, images=tag.images) else None


def _revalidated(headers: Headers, tag: ScriptTag) -> HeaderList:
    """Return the headers of a 304; a browser replaces the policies that it has stored with those in it."""
    lowered = [(key.lower(), value) for key, value in headers]
    return rules.revalidated(_widen_policies(lowered, tag)[0], tag.suffix)


def _widen_policies(headers: Headers, tag: ScriptTag) -> tuple[Headers, dict[str, str]]:
    """Return headers whose policies allow the tag, and the attributes that the tag needs for them."""
    policies = rules.policies(headers)
    widened = widen(policies.values(), tag.requirements)
    texts = dict(zip(policies, widened.policies, strict=True))
    edited = [
        (key, texts[at].encode("latin-1") if at in texts else value)
        for at, (key, value) in enumerate(headers)
    ]
    return edited, widened.attributes


def _skip_reason(codings: list[bytes], headers: Headers) -> str:
    if codings and decoder(codings) is None:
        named = b", ".join(codings).decode("latin-1")
        return f"Pages compressed with {named!r} pass without the tag and do not reload."
    if forbids_scripts(value.decode("latin-1") for key, value in headers if key == rules.POLICY):
        return (
            "Pages whose Content-Security-Policy has sandbox without allow-scripts pass without the tag "
            "and do not reload."
        )
    return ""
