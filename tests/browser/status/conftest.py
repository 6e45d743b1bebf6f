"""The status page in a tab, beside ``loc-dev serve`` with a build and a counter."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev

PAGE = "<!doctype html><html><head><title>{title}</title><link rel=stylesheet href=site.css></head><p>Hi</p>"
BUILD = """
import pathlib, sys
if "oops" in pathlib.Path(sys.argv[1]).read_text():
    sys.exit("site.css:1\\n<b>what is oops?</b>")
"""
WATCHFUL = """
window.violations = [];
addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
window.stays = true;
"""


class Status:
    """The status page in a tab, and all that was wrong with it."""

    def __init__(self, context: BrowserContext, dev: LocDev, path: str = "/_loc/") -> None:
        self.page = context.new_page()
        self.page.add_init_script(WATCHFUL)
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto(dev.url + path)
        expect(self.page.locator("#link")).to_have_text("live")

    @property
    def rows(self) -> list[str]:
        """The recent saves as text."""
        return self.page.locator("#feed tbody tr").all_inner_texts()

    def check(self) -> None:
        """Nothing was logged, nothing was against its policy, and it was never loaded anew."""
        assert self.wrong == []
        assert self.page.evaluate("violations") == []
        assert self.page.evaluate("stays") is True


@pytest.fixture
def site(folder: Path) -> Path:
    (folder / "index.html").write_text(PAGE.format(title="Home"))
    (folder / "about.html").write_text(PAGE.format(title="About"))
    (folder / "site.css").write_text("p { order: 1 }")
    return folder


@pytest.fixture
def dev(site: Path, tmp_path: Path) -> Iterator[LocDev]:
    build = tmp_path / "build.py"
    build.write_text(BUILD)
    command = f"{sys.executable} {build} {site}/site.css"
    with LocDev("serve", site, "--port", "0", "--exec", command, "--counter", "--ignore", "*.txt") as dev:
        yield dev
        print(*dev.events, sep="\n")


@pytest.fixture
def status(context: BrowserContext, dev: LocDev) -> Iterator[Status]:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    status = Status(context, dev)
    yield status
    status.check()


def visit(context: BrowserContext, dev: LocDev, path: str) -> Page:
    page = context.new_page()
    since = dev.mark()
    page.goto(dev.url + path)
    joined(dev, path, since)
    return page
