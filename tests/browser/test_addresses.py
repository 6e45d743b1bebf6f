"""The address of a page: its hash, and a redirect that a reload ends in."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import Open, joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, holds, mark, reloaded
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def save_link(site: Site, path: str) -> None:
    site.save("links.html", f"<!doctype html><a href='{site.url}/{path}'>go</a>")


def come_from_elsewhere(page: Page, site: Site) -> None:
    """Open a page by a link on another site, so that it may answer a form for all that it knows."""
    page.goto(f"{site.url.replace('localhost', '127.0.0.1')}/links.html")
    page.locator("a").click()


# What stands in the head, and what a script does at once.
APPS = {
    "a base elsewhere": ("<base href=/elsewhere/>", ""),
    "a router with a start of its own": ("", "if (!location.hash) location.replace('#/home')"),
}


@pytest.mark.parametrize("app", APPS)
def test_an_app_keeps_its_hash(site: Site, dev: LocDev, open_page: Open, app: str) -> None:
    head, script = APPS[app]
    show = f"{script}; document.querySelector('p').textContent = location.hash"
    site.page("index.html", f"<p></p><script>{show}</script>", head)
    save_link(site, "index.html#/users/7")
    page = open_page()
    since = dev.mark()
    come_from_elsewhere(page, site)
    joined(dev, "/index.html", since)
    for text in ("once", "twice"):
        mark(page)
        site.page("index.html", f"<p></p><b>{text}</b><script>{show}</script>", head)
        reloaded(page)
        expect(page.locator("b")).to_have_text(text)
        expect(page.locator("p")).to_have_text("#/users/7")
        assert page.url == f"{site.url}/index.html#/users/7"


@pytest.mark.parametrize("elsewhere", [False, True], ids=["typed", "by a link elsewhere"])
def test_a_page_that_reloads_into_a_redirect_answers_at_its_end(
    context: BrowserContext, plain_site: Site, server: Scripted, elsewhere: bool
) -> None:
    for path in ("index.html", "login.html"):
        plain_site.page(path, f"<input id=typed>{OWN_SCRIPT}")
    page, talk = visit(context, plain_site, server)
    if elsewhere:
        save_link(plain_site, "index.html")
        come_from_elsewhere(page, plain_site)
        talk = server.next()
    page.fill("#typed", "typed")
    plain_site.moved["/index.html"] = "/login.html"
    server.hello["seq"] = 1
    talk.update(1, "reload", "app.py")
    there = server.next()
    assert there.introduction["url"] == "/login.html"
    assert there.hear("applied") == {"type": "applied", "seq": 1, "did": "reload", "why": ""}
    # How old a page is that no reload has led to, only its age tells.
    assert there.introduction["seq"] == (None if elsewhere else 1)
    page.wait_for_timeout(500)
    holds(page, "document.querySelector('#typed').value === ''")
    assert server.talks.empty()
