"""Fetching a page without a browser, and reading what it names."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10.0
MAX_BODY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from ``url``."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def unverified() -> ssl.SSLContext:
    """Trust whatever certificate a dev server made for itself: nothing secret is sent."""
    return ssl._create_unverified_context()  # noqa: S323


def fetch(url: str, headers: dict[str, str]) -> Answer:
    """GET ``url``, without following redirects.

    Raises:
        OSError, http.client.HTTPException: there is no answer, or none that is HTTP.
    """
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.netloc.rpartition("@")[2], timeout=TIMEOUT_SECONDS, context=unverified()
        )
    else:
        connection = http.client.HTTPConnection(parts.netloc.rpartition("@")[2], timeout=TIMEOUT_SECONDS)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return Answer(url, answer.status, answer.headers, answer.read(MAX_BODY))
    finally:
        connection.close()


class Document(HTMLParser):
    """The scripts, assets and policies of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.assets: list[str] = []
        self.policies: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what it names."""
        values = {name: value or "" for name, value in attrs}
        source = values.get("src", "")
        if tag == "script" and source:
            self.scripts.append(source)
            self.assets.append(source)
        elif tag == "img" and source:
            self.assets.append(source)
        elif tag == "link" and "stylesheet" in values.get("rel", "").lower() and values.get("href"):
            self.assets.append(values["href"])
        elif tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(values.get("content", ""))
