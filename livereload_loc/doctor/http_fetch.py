"""Fetching a page without a browser, and reading what it names."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from livereload_loc.httputil.tls import unverified_context

TIMEOUT_SECONDS = 15.0
"""Longer than the proxy waits for its upstream."""

MAX_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What came back from ``url``."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def fetch(url: str, headers: dict[str, str], most: int = MAX_BODY) -> FetchedPage:
    """GET ``url``, and at ``most`` so many bytes of it, without following redirects.

    Raises:
        OSError, http.client.HTTPException: there is no answer, or none that is HTTP.
    """
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.netloc.rpartition("@")[2], timeout=TIMEOUT_SECONDS, context=unverified_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.netloc.rpartition("@")[2], timeout=TIMEOUT_SECONDS)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return FetchedPage(url, answer.status, answer.headers, answer.read(most))
    finally:
        connection.close()


class PageParser(HTMLParser):
    """The scripts, assets and policies of a page; URLs are absolute.

    ``scripts`` are pairs of a script's URL and that of the server which its tag names, if it names one.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.assets: list[str] = []
        self.policies: list[str] = []
        self._base = url
        self._based = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what it names."""
        values = {name: value or "" for name, value in attrs}
        source, target = values.get("src", "").strip(), values.get("href", "").strip()
        if tag == "base" and target and not self._based:
            self._based, self._base = True, self._url(target) or self._base
        elif tag == "script" and source:
            if url := self._url(source):
                self.scripts.append((url, self._url(values.get("data-server", ""))))
            self.assets.append(url)
        elif tag == "img" and source:
            self.assets.append(self._url(source))
        elif tag == "link" and "stylesheet" in values.get("rel", "").lower() and target:
            self.assets.append(self._url(target))
        elif tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(values.get("content", ""))

    def _url(self, written: str) -> str:
        """What is written as an absolute URL; empty where it is none that can be fetched."""
        try:
            url = urljoin(self._base, written)
            return url if written and urlsplit(url).scheme in ("http", "https") else ""
        except ValueError:
            return ""
