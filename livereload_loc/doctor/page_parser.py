"""Reads which scripts, assets and policies a page names."""

from __future__ import annotations

from html.parser import HTMLParser

from livereload_loc.doctor.http_fetch import http_url


class PageParser(HTMLParser):
    """The scripts, assets and policies of the page at ``url``; URLs are absolute.

    ``scripts`` holds pairs of a script's URL and the URL of the server that its tag names, if it names one.
    """

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.assets: list[str] = []
        self.policies: list[str] = []
        self._base = url
        self._has_base = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        source, target = values.get("src", "").strip(), values.get("href", "").strip()
        if tag == "base" and target and not self._has_base:
            self._has_base, self._base = True, http_url(target, self._base) or self._base
        elif tag == "script" and source:
            if url := http_url(source, self._base):
                self.scripts.append((url, http_url(values.get("data-server", ""), self._base)))
            self.assets.append(url)
        elif tag == "img" and source:
            self.assets.append(http_url(source, self._base))
        elif tag == "link" and "stylesheet" in values.get("rel", "").lower() and target:
            self.assets.append(http_url(target, self._base))
        elif tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(values.get("content", ""))
