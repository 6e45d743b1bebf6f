"""What a page does while it is being left."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Open, joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, mark, reloaded
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Scripted
from tests.support.waiting import until
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

SILENT_MS = 1000
LEAVES = {
    "a reload": "location.reload()",
    "a link": "document.links[0].click()",
    "a form": "document.forms[0].submit()",
}


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES)
def test_a_page_that_is_left_joins_no_more_nor_do_its_frames(
    context: BrowserContext, plain_site: Site, server: Scripted, leave: str
) -> None:
    body = "<iframe src=frame.html></iframe><a href=index.html?a>again</a><form action=index.html></form>"
    plain_site.page("index.html", body)
    plain_site.page("frame.html", "<p>one")
    page, _ = visit(context, plain_site, server)
    server.next()
    # Firefox cuts sockets before the server has answered.
    gates = {f"/index.html{query}": threading.Event() for query in ("", "?", "?a")}
    plain_site.gates.update(gates)
    page.evaluate(f"() => setTimeout(() => {leave})")
    page.wait_for_timeout(SILENT_MS)
    assert server.talks.empty()
    for gate in gates.values():
        gate.set()
    assert {server.next().introduction["url"] for _ in range(2)} >= {"/frame.html"}
    page.wait_for_timeout(SILENT_MS)
    assert server.talks.empty()


def test_a_page_that_is_not_left_after_all_joins_again(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", "<p>one")
    plain_site.gates["/never.html"] = threading.Event()
    page, talk = visit(context, plain_site, server)
    page.evaluate("() => setTimeout(() => { location.href = 'never.html'; setTimeout(() => stop(), 2000) })")
    until(lambda: plain_site.count("/never.html"))
    talk.cut()
    assert server.next().introduction["url"] == "/index.html"


def test_a_page_that_answered_a_form_reloads_when_a_link_leads_to_it(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.page(
        "index.html",
        "<form method=post action=answer.html><input name=a></form><a href=answer.html>a link</a>",
    )
    site.page("answer.html", "<p>one", OWN_SCRIPT)
    page = open_page()
    for leave in ("document.forms[0].submit()", "document.links[0].click()"):
        page.goto(f"{site.url}/index.html")
        since = dev.mark()
        page.evaluate(f"() => setTimeout(() => {leave})")
        joined(dev, "/answer.html", since)
    mark(page)
    site.page("answer.html", "<p>two", OWN_SCRIPT)
    reloaded(page)
    expect(page.locator("p")).to_have_text("two")
    assert site.count("/answer.html", "POST") == 1


def test_a_page_whose_script_sent_its_form_reloads(site: Site, dev: LocDev, open_page: Open) -> None:
    script = """document.forms[0].onsubmit = async (event) => {
      event.preventDefault();
      await fetch("", { method: "POST", body: new FormData(event.target) });
      location.reload();
    }"""
    site.page("index.html", f"<form method=post><button>Send</button></form><p>one<script>{script}</script>")
    page = open_page()
    since = dev.mark()
    page.get_by_role("button", name="Send").click()
    joined(dev, "/index.html", since)
    mark(page)
    site.page("index.html", "<p>two")
    reloaded(page)
    expect(page.locator("p")).to_have_text("two")
    assert site.count("/index.html", "POST") == 1


def test_a_button_says_where_its_form_is_sent(site: Site, dev: LocDev, open_page: Open) -> None:
    button = "<button formmethod=post formaction=answer.html>Send</button>"
    site.page("index.html", f"<form><input name=a>{button}</form>")
    site.page("answer.html", "<p>thanks")
    page = open_page()
    since = dev.mark()
    page.get_by_role("button", name="Send").click()
    joined(dev, "/answer.html", since)
    site.page("answer.html", "<p>thanks again")
    expect(page.locator("loc-dev")).to_contain_text("form")
    assert site.count("/answer.html", "POST") == 1


def test_an_app_that_a_link_on_another_site_opened_keeps_its_hash(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    script = """const show = () => document.querySelector("p").textContent = location.hash;
      addEventListener("hashchange", show);
      show()"""
    site.page("index.html", f"<p></p><script>{script}</script>")
    site.save("links.html", f"<!doctype html><a href='{site.url}/index.html#/users/7'>user</a>")
    page = open_page()
    page.goto(f"{site.url.replace('localhost', '127.0.0.1')}/links.html")
    since = dev.mark()
    page.locator("a").click()
    joined(dev, "/index.html", since)
    for text in ("once", "twice"):
        mark(page)
        site.page("index.html", f"<p></p><b>{text}</b><script>{script}</script>")
        reloaded(page)
        expect(page.locator("b")).to_have_text(text)
        expect(page.locator("p")).to_have_text("#/users/7")
