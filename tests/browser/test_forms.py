"""A page that answers a form is never asked for by its form again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open, joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, is_marked, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

FORM = "<form method=post action=/answer.html><input name=a value=1><button>Send</button></form>"


def send(page: Page, dev: LocDev, path: str = "/answer.html") -> None:
    since = dev.mark()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"**{path}")
    joined(dev, path, since)


@pytest.fixture
def answered(site: Site, dev: LocDev, open_page: Open) -> Page:
    """A page that answers a form."""
    site.save("site.css", "p { color: rgb(1, 0, 0) }")
    site.page("index.html", FORM)
    site.page("answer.html", "<p>thanks", '<link rel="stylesheet" href="site.css">')
    page = open_page()
    send(page, dev)
    return page


def reloads_twice(page: Page, site: Site, path: str, body: str = "") -> None:
    """Save a page twice, and wait each time until it is reloaded, without its form."""
    for text in ("once", "twice"):
        mark(page)
        site.page(path, f"<p>{text}</p>{body}", OWN_SCRIPT)
        reloaded(page)
        expect(page.locator("p")).to_have_text(text)
    assert site.count("/answer.html", "POST") == 1


def notice_is_shown(page: Page) -> None:
    expect(page.locator("loc-dev")).to_contain_text("form")


def test_a_page_that_answers_a_form_shows_a_notice_instead(answered: Page, site: Site) -> None:
    mark(answered)
    site.page("answer.html", "<p>thanks again")
    notice_is_shown(answered)
    assert is_marked(answered)
    assert site.count("/answer.html", "POST") == 1


def test_a_form_that_a_script_sends_counts_too(site: Site, dev: LocDev, open_page: Open) -> None:
    site.page("index.html", FORM)
    site.page("answer.html", "<p>thanks")
    page = open_page()
    since = dev.mark()
    page.evaluate("() => document.forms[0].submit()")
    joined(dev, "/answer.html", since)
    site.page("answer.html", "<p>thanks again")
    notice_is_shown(page)
    assert site.count("/answer.html", "POST") == 1


def test_a_form_that_redirects_ends_in_a_page_that_reloads(site: Site, dev: LocDev, open_page: Open) -> None:
    site.page("index.html", FORM)
    site.page("done.html", "<p>done")
    site.redirects["/answer.html"] = "/done.html"
    page = open_page()
    send(page, dev, "/done.html")
    reloads_twice(page, site, "done.html")


def test_a_form_that_redirects_to_its_own_address_reloads_without_posting(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.page("answer.html", f"<p>old</p>{FORM}")
    site.redirects["/answer.html"] = "/answer.html"
    page = open_page("answer.html")
    send(page, dev)
    reloads_twice(page, site, "answer.html", FORM)


def test_a_form_on_a_page_without_the_script_is_not_posted_again(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.page("index.html", "<p>one")
    site.save("bare.html", f"<!doctype html>{FORM}")
    site.page("answer.html", "<p>thanks")
    page = open_page()
    page.goto(f"{site.url}/bare.html")
    send(page, dev)
    site.page("answer.html", "<p>changed")
    expect(page.locator("p")).to_have_text("changed")
    assert site.count("/answer.html", "POST") == 1


def test_styles_of_a_page_that_answers_a_form_are_swapped(answered: Page, site: Site) -> None:
    site.save("site.css", "p { color: rgb(2, 0, 0) }")
    expect(answered.locator("p")).to_have_css("color", "rgb(2, 0, 0)")
    expect(answered.locator("loc-dev")).to_have_count(0)


def test_going_back_to_the_answer_still_posts_nothing(answered: Page, site: Site, dev: LocDev) -> None:
    answered.goto(f"{site.url}/index.html")
    since = dev.mark()
    answered.evaluate("() => setTimeout(() => history.back())")  # not before this call has returned
    joined(dev, "/answer.html", since)
    posts = site.count("/answer.html", "POST")
    site.page("answer.html", "<p>changed")
    notice_is_shown(answered)
    assert site.count("/answer.html", "POST") == posts
