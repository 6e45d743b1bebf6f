"""The browser engines that the tests run in, and how each one's browser is started."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.support.webkit import browser as webkit

# The programs that each needs, beside what Playwright may have installed itself.
ENGINES: dict[str, tuple[str, ...]] = {
    "chromium": (),
    "firefox": ("firefox-esr",),
    "webkit": ("WebKitWebDriver", "Xvfb"),
}


class Engine(Protocol):
    """A browser engine."""

    name: str

    def launch(self, *names: str) -> Browser | webkit.Browser:
        """Start a browser of its own, for which each of ``names`` is a name of this machine."""


class Chromium:
    name = "chromium"

    def __init__(self, playwright: Playwright) -> None:
        self._type = playwright.chromium

    def launch(self, *names: str) -> Browser:
        rules = ", ".join(f"MAP {name} 127.0.0.1" for name in names)
        return self._type.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                f"--host-resolver-rules={rules}",
            ],
            ignore_default_args=["--disable-back-forward-cache"],
        )


class Firefox:
    """Debian's Firefox ESR as it is, through WebDriver BiDi; Playwright's own Firefox is a patched one."""

    name = "firefox"

    def __init__(self, playwright: Playwright) -> None:
        self._type = playwright.firefox

    def launch(self, *names: str) -> Browser:
        return self._type.launch(
            channel="moz-firefox",
            executable_path=shutil.which("firefox-esr"),
            firefox_user_prefs={"network.dns.localDomains": ",".join(names)},
        )


class WebKit:
    """WebKitGTK's small browser, which has no headless mode."""

    name = "webkit"

    def __init__(self, display: str) -> None:
        self._display = display

    def launch(self, *names: str) -> webkit.Browser:
        assert not names, "WebKit has no names of its own"
        return webkit.Browser(self._display)


@contextmanager
def running(name: str) -> Iterator[Engine]:
    """Have the engine of this name ready to start browsers."""
    missing = [program for program in ENGINES[name] if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)}: not installed")
    if name == "webkit":
        with webkit.display() as display:
            yield WebKit(display)
        return
    with sync_playwright() as playwright:
        yield Chromium(playwright) if name == "chromium" else Firefox(playwright)
