"""Pages and folders that are not there yet, or no longer."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import HEAD, text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark
from tests.support.web_servers import Site


def test_a_page_that_is_missing_reloads_when_it_appears(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    file, folder, other = (visit(context, served, path) for path in ("/new.html", "/new/", "/other.html"))
    text(file, "/new.html does not exist")
    since = served.mark()
    site.save("new.html", f"{HEAD}<body><p>a new page")
    text(file, "a new page")
    applied(served, "new.html", "nothing", "/other.html", since)
    assert is_marked(other)
    site.save("new/index.html", f"{HEAD}<body><p>a new folder")
    text(folder, "a new folder")


def test_a_page_that_is_deleted_and_made_again(context: BrowserContext, site: Site, served: LocDev) -> None:
    page = visit(context, served, "/about/")
    (site.folder / "about/index.html").unlink()
    holds(page, "!document.body?.textContent.includes('about/ yet') && !window.marked")
    mark(page)
    site.save("about/index.html", f"{HEAD}<body><p>here again")
    text(page, "here again")


@pytest.mark.parametrize("own", [False, True], ids=["plain", "404.html"])
@pytest.mark.parametrize("name", ["a.html", "a.css", "deeper/still/a.html"])
def test_a_missing_folder_reloads_when_a_file_appears_in_it(
    context: BrowserContext, site: Site, name: str, own: bool
) -> None:
    site.save("list/old.txt", "old")
    if own:
        site.save("404.html", f"{HEAD}<body><p>lost")
    with LocDev("serve", site.folder, "--port", "0") as served:
        shutil.rmtree(site.folder / "list")
        served.wait_for("change")
        addresses = ("/list/", "/list?x=1", "/other/", "/lis")
        *within, other, short = (visit(context, served, path) for path in addresses)
        since = served.mark()
        site.save(f"list/{name}", "new")
        for page in within:
            text(page, "Index of /list/")
        for path in ("/other/", "/lis"):
            applied(served, f"list/{name}", "nothing", path, since)
        assert is_marked(other)
        assert is_marked(short)


@pytest.mark.parametrize("name", ["b.txt", "b.html", "b.css"])
def test_a_listing_shows_new_files(context: BrowserContext, site: Site, served: LocDev, name: str) -> None:
    site.save("files/a.txt", "a")
    page = visit(context, served, "/files/")
    assert page.locator("li").all_inner_texts() == ["../", "a.txt"]
    site.save(f"files/{name}", "b")
    text(page, name)
    page.get_by_text("a.txt").click()
    page.wait_for_url("**/files/a.txt")


def test_a_saved_404_page_shows_where_something_is_missing(context: BrowserContext, site: Site) -> None:
    site.save("404.html", f"{HEAD}<body><p>lost")
    with LocDev("serve", site.folder, "--port", "0") as served:
        page = visit(context, served, "/nowhere")
        text(page, "lost")
        site.save("404.html", f"{HEAD}<body><p>found")
        text(page, "found")
