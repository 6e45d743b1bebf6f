"""What the front page of ``demo_content`` says to try first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, reloaded, shows
from tests.support.paths import ROOT
from tests.support.scripted_pages import knows_its_text, knows_itself
from tests.support.web_servers import Site

NOTE = "wind from the west"


@pytest.fixture
def site(folder: Path) -> Site:
    shutil.copytree(ROOT / "demo_content", folder, dirs_exist_ok=True)
    return Site(folder)


def edit(site: Site, path: str, old: str, new: str) -> None:
    """Change a few words of a file, and save it."""
    content = (site.folder / path).read_text()
    assert old in content
    site.save(path, content.replace(old, new, 1))


@pytest.mark.every_engine
@pytest.mark.not_in("webkit", "it keeps no cache in automation")
def test_each_save_shows_and_the_page_keeps_its_place_and_the_note(
    context: BrowserContext, served: LocDev, site: Site
) -> None:
    page = visit(context, served, "/")
    knows_its_text(page)
    page.fill("#note", NOTE)
    page.evaluate("() => scrollTo(0, 200)")
    kept = f"scrollY === 200 && document.activeElement.id === 'note' && note.value === '{NOTE}'"

    edit(site, "index.html", "the kettle is on", "the supper is on")
    text(page, "the supper is on")
    applied(served, "index.html", "in-place", "/")
    edit(site, "styles/palette.css", "--signal: #b93a26", "--signal: #123456")
    shows(page, ".over", "color", "rgb(18, 52, 86)")
    assert is_marked(page)
    holds(page, kept)

    edit(site, "scripts/lamp.js", "flashes: 2", "flashes: 3")
    reloaded(page)
    text(page, "Three flashes")
    holds(page, kept)


def test_a_page_without_a_script_changes_in_place(
    context: BrowserContext, served: LocDev, site: Site
) -> None:
    page = visit(context, served, "/journal/fog-week.html")
    knows_itself(page)
    edit(site, "journal/fog-week.html", "A week of fog</h1>", "A month of fog</h1>")
    text(page, "A month of fog")
    applied(served, "journal/fog-week.html", "in-place", "/journal/fog-week.html")
    assert is_marked(page)
