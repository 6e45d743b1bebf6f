"""Fetches what is at a URL, as far as the doctor needs it."""

from __future__ import annotations

import http.client
from contextlib import closing
from dataclasses import dataclass
from string import punctuation
from urllib.parse import quote, urljoin

from livereload_loc.doctor.check_result import ChecksEnded
from livereload_loc.httputil.hosts import split_url
from livereload_loc.httputil.tls import unverified_context

# Longer than the proxy waits for its upstream.
TIMEOUT_SECONDS = 15.0

MAX_BODY = 4 * 1024 * 1024

_START = "Start your server, or use the address that it prints when it starts."


@dataclass(frozen=True, slots=True)
class FetchedResponse:
    """The response from ``url``."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def text(self) -> str:
        """Return the body, decoded."""
        try:
            return self.body.decode(self.headers.get_content_charset() or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def summary(self) -> str:
        """Return the beginning of the body, for people."""
        return self.body[:500].decode("utf-8", "replace").strip()


def fetch(url: str, headers: dict[str, str], *, limit: int = MAX_BODY, fix: str = _START) -> FetchedResponse:
    """GET ``url`` and read at most ``limit`` bytes, without following redirects.

    Raises:
        ChecksEnded: there is no response; ``fix`` says what to do where nothing is listening.
    """
    to = split_url(url)
    connection = http.client.HTTPConnection(to.host, to.port, timeout=TIMEOUT_SECONDS)
    if to.secure:
        connection = http.client.HTTPSConnection(
            to.host, to.port, timeout=TIMEOUT_SECONDS, context=unverified_context()
        )
    try:
        with closing(connection):
            connection.request("GET", quote(to.path, safe=punctuation), headers=headers)
            response = connection.getresponse()
            return FetchedResponse(url, response.status, response.headers, response.read(limit))
    except ConnectionRefusedError:
        raise ChecksEnded(f"nothing is listening at {to.origin}", fix) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        text = f"{to.origin} does not respond: {reason}"
        raise ChecksEnded(text, "Check that it opens in a browser.") from None


def http_url(url: str, base: str = "") -> str:
    """Return ``url`` as an absolute URL; empty where nothing can be fetched from it."""
    try:
        absolute = urljoin(base, url).replace(" ", "%20")
        split_url(absolute)
    except ValueError:
        return ""
    return absolute if url else ""
