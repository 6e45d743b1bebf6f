"""The tag of an app, and the pages that get it: what their headers tell, and what becomes of them. No I/O.

For each request that :func:`.headers.asks_for_tag`, a shell around an app does this::

    tag = Tag(script, root_path, scheme, host)  # worth keeping: an app has few addresses
    ask the app with tag.request(headers)
    answer = tag.answer(status, headers, head=method == "HEAD")
    if not isinstance(answer, Page):
        send the status, the headers ``answer``, and the body as it is
    elif all of the body is there, as it mostly is, and answer.whole(body) is not None:
        send the status, and the headers and the body that it gives
    else:
        page = HeldPage(answer)
        for each piece of the body, and with ended=True for the last one or once more after it:
            for piece in page.feed(data, ended=...):
                before the first one: send the status and page.headers
                send the piece
        if nothing came at all: send the status and page.headers now
        say page.trouble, if there is any, once

Headers are pairs of bytes, their names in lower case; a WSGI app's are told so with ``latin-1``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from livereload_loc.httputil.headers import Headers
from livereload_loc.httputil.hosts import split_authority
from livereload_loc.inject import headers as rules
from livereload_loc.inject.compression.decoding import decoder
from livereload_loc.inject.csp import TagRequirements, WidenedPolicies, forbids_scripts, widen
from livereload_loc.inject.html.injector import place_in_start, start_length

PIECE = 512 * 1024
"""Bytes that are copied at once of a page that comes whole; one large copy costs far more than its parts."""

_NO_POLICY = WidenedPolicies([])


@dataclass(frozen=True, slots=True)
class ScriptLocation:
    """Where script and socket are, as paths below the app's root; ``digest`` is ``sha256-...``, for SRI.

    With a ``server_port`` the socket is at the root of another server, on that port of the page's host. That
    one speaks no TLS, and need not: browsers let secure pages reach this machine without it (W3C, Secure
    Contexts, section 3.1). ``run`` names the run of that server which this process has: a page that comes of
    it while another one takes its place knows by it that it is old.
    """

    path: str
    socket: str
    digest: str
    server_port: int | None = None
    run: str = ""


class ScriptTag:
    """The tag at one address of an app: where its script is, and what it needs of a page's policy.

    ``root_path`` and ``scheme`` are those of the request, ``host`` the value of its Host header. All may be
    the work of a stranger.
    """

    def __init__(self, script: ScriptLocation, root_path: str, scheme: str, host: bytes) -> None:
        # What is put into markup and policies must not end an attribute or a directive there.
        scheme = "https" if scheme == "https" else "http"
        root = quote(root_path.rstrip("/"))
        authority, name = _authority(host)
        self._source = root + script.path
        self._fixed = ""
        socket = f"{'wss' if scheme == 'https' else 'ws'}://{authority}{root}"
        if script.server_port is not None:
            self._fixed = f' data-server="http://{name}:{script.server_port}"'
            socket = f"ws://{name}:{script.server_port}"
        if script.run:
            self._fixed += f' data-run="{script.run}"'
        self._needs = TagRequirements(
            page=f"{scheme}://{authority}/",
            script=f"{scheme}://{authority}{self._source.rpartition('/')[0]}/",
            socket=socket + script.socket,
            digest=script.digest,
        )
        about = " ".join((self._source, self._fixed, script.digest))
        self._bare = self._markup("")
        self.suffix = b"-loc" + hashlib.sha256(about.encode()).hexdigest()[:6].encode()
        """What the ETag of a page with this very tag ends with."""

    def request(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """The headers of a request for a page as the app is to see them: one for the page uncompressed and
        without the tag. None but Accept-Encoding, If-None-Match and If-Modified-Since differ, and it is
        marked for others of ours."""
        plain = [pair for pair in rules.unconditional(headers, self.suffix) if pair[0] != b"accept-encoding"]
        plain += [(b"accept-encoding", b"identity"), rules.TAGGED]
        return plain

    def answer(self, status: int, headers: Headers, *, head: bool = False) -> Headers | TaggedPage:
        """What goes out for an answer of the app: its headers, which may be edited, before a body that
        passes as it is, or a page that the body makes whole. ``head``: the request was a HEAD."""
        if status == 304:
            return _revalidated(headers, self)
        try:
            page = _page(status, tuple(headers), self)
        except TypeError:  # lists in place of pairs, as some apps send them, make no key
            page = _page(status, tuple((key, value) for key, value in headers), self)
        if page is None:
            return headers
        if head:
            return headers if page.trouble else page.edited(None)
        return page

    def widen(self, policies: list[str]) -> WidenedPolicies:
        """Each of ``policies`` with what the tag needs in it; the first ones have the say in the nonce."""
        return widen(policies, self._needs) if policies else _NO_POLICY

    def markup(self, attributes: dict[str, str]) -> str:
        """The tag as it is written, with ``attributes`` of which no value needs escaping."""
        if not attributes:
            return self._bare
        return self._markup("".join(f' {name}="{value}"' for name, value in attributes.items()))

    def _markup(self, attributes: str) -> str:
        return f'<script src="{self._source}" async{self._fixed}{attributes}></script>'


class TaggedPage:
    """What the headers of a page tell of it, and what they say once it bears the tag."""

    def __init__(self, headers: Headers, tag: ScriptTag) -> None:
        policies = rules.policies(headers)
        widened = tag.widen(list(policies.values()))
        self.markup = tag.markup(widened.attributes)
        self.charset = rules.content_type(headers)[1]
        self.codings = rules.codings(headers)
        self.trouble = _trouble(
            self.codings, (text for at, text in policies.items() if headers[at][0] == rules.POLICY)
        )
        """Why it passes as it is, in words for a log; empty where it does not."""
        self._unreadable = bool(self.codings or self.trouble)
        self._start = start_length(self.charset)
        self._last: bytes | None = None  # the start of the page that came last, and where its tag went
        self._known: tuple[int, bytes] | None = None
        self._headers = headers
        self._widened = rules.with_policies(headers, dict(zip(policies, widened.policies, strict=True)))
        self._suffix = tag.suffix
        self._edited: dict[int | None, Headers] = {}

    def whole(self, body: bytes) -> tuple[Headers, bytes] | None:
        """The headers and the body of a page of which all is there, with the tag in it; None where it takes
        a :class:`HeldPage`: it is compressed, or large, or its start does not tell the place."""
        if self._unreadable or len(body) > PIECE:
            return None
        start = bytes(body[: self._start])  # the body may be any buffer
        if start != self._last:
            self._last, self._known = start, place_in_start(start, self.markup, self.charset)
        if self._known is None:
            return None
        place, written = self._known
        return self.edited(len(written)), b"".join((body[:place], written, body[place:]))

    def untouched(self) -> list[tuple[bytes, bytes]]:
        """The headers of the page where it passes as it is."""
        return list(self._headers)  # whoever comes next may add to them

    def edited(self, added: int | None) -> list[tuple[bytes, bytes]]:
        """The headers of the page with the tag, of ``added`` bytes, in it; None: its length is not known."""
        if added not in self._edited:
            headers = rules.injected(self._widened, self._suffix, added)
            self._edited[added] = [pair for pair in headers if pair[0] != b"content-encoding"]
        return list(self._edited[added])


def _authority(host: bytes) -> tuple[str, str]:
    """A Host header as it is and its name alone; ``localhost`` for both where it is malformed."""
    text = host.decode("latin-1")
    with suppress(ValueError):
        urlsplit(f"//{text}")  # what stands in brackets may be no address
        if parsed := split_authority(text):
            return text, parsed[0]
    return "localhost", "localhost"


@lru_cache(maxsize=128)  # most answers of an app bear the same headers, again and again
def _page(status: int, headers: tuple[tuple[bytes, bytes], ...], tag: ScriptTag) -> TaggedPage | None:
    """What an answer is as a page; None where it is none."""
    lowered = [(key.lower(), value) for key, value in headers]
    return TaggedPage(lowered, tag) if rules.is_page(status, lowered) else None


def _revalidated(headers: Headers, tag: ScriptTag) -> list[tuple[bytes, bytes]]:
    """The headers of a 304; a browser puts its policies in the place of those that it keeps."""
    lowered = [(key.lower(), value) for key, value in headers]
    policies = rules.policies(lowered)
    widened = tag.widen(list(policies.values())).policies
    texts = dict(zip(policies, widened, strict=True))
    return rules.revalidated(rules.with_policies(lowered, texts), tag.suffix)


def _trouble(codings: list[bytes], enforced: Iterable[str]) -> str:
    """Why a page has to pass as it is."""
    if codings and decoder(codings) is None:
        named = b", ".join(codings).decode("latin-1")
        return f"Pages compressed with {named!r} pass without the tag and do not reload."
    if forbids_scripts(enforced):
        return (
            "Pages whose Content-Security-Policy has sandbox without allow-scripts pass without the tag "
            "and do not reload."
        )
    return ""
