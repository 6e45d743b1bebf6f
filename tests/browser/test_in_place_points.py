"""What a page in place depends on: who asked, what the response is, what differs in each response."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import OpenKnown, joined
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark
from tests.support.scripted_pages import knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.waiting import until
from tests.support.web_servers import Site

HEADING = "document.querySelector('h1').textContent"


def redirect(site: Site) -> None:
    site.page("moved.html", "<h1>two</h1>")
    site.moved["/index.html"] = "/moved.html"


def other_type(site: Site) -> None:
    site.types["index.html"] = "text/plain; charset=utf-8"


def other_charset(site: Site) -> None:
    site.types["index.html"] = "text/html; charset=iso-8859-1"


def other_mark(site: Site) -> None:
    """Save it so that its first bytes say more than the header."""
    file = site.folder / "index.html"
    file.write_bytes(file.read_text().encode("utf-16"))


UNCLEAR = "the charset is not clear"


@pytest.mark.parametrize(
    ("change", "why"), [(redirect, ""), (other_type, ""), (other_charset, UNCLEAR), (other_mark, UNCLEAR)]
)
def test_a_response_of_another_kind_reloads(
    plain_site: Site, staying: Scripted, open_known: OpenKnown, change: Callable[[Site], None], why: str
) -> None:
    plain_site.types["index.html"] = "text/html; charset=utf-8"
    page = open_known("<h1>one</h1>")
    plain_site.page("index.html", "<h1>two é</h1>")
    change(plain_site)
    page.reloads_for("index.html")
    # What is at another address, or is no page, has nothing to say about it.
    if why:
        assert staying.next().hear("applied")["why"] == why


@pytest.mark.every_engine
def test_another_nonce_of_the_tag_is_no_difference(plain_site: Site, open_known: OpenKnown) -> None:
    tag = plain_site.tag
    plain_site.tag = tag.replace(" async", " async nonce=one")
    page = open_known("<h1>one</h1>")
    plain_site.tag = tag.replace(" async", " async nonce=two")
    page.changes_to("<h1>two</h1>")


def test_noscript_that_is_the_same_is_no_difference(open_known: OpenKnown) -> None:
    page = open_known("<h1>one</h1><noscript><b>1</b></noscript>")
    page.changes_to("<h1>two</h1><noscript><b>1</b></noscript>")


def test_a_text_whose_charset_is_a_guess_reloads(
    plain_site: Site, staying: Scripted, open_known: OpenKnown
) -> None:
    page = open_known("<h1>one</h1>")
    plain_site.page("index.html", "<h1>zwei für drei</h1>")
    page.reloads_for("index.html")
    assert staying.next().hear("applied")["why"] == UNCLEAR


@pytest.mark.every_engine
def test_a_page_that_answers_a_form_stays_as_it_is(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<form method=post action=answer.html><button>Send</button></form>")
    plain_site.page("answer.html", "<h1>one</h1>")
    page, _ = visit(context, plain_site, staying)
    page.click("button")
    talk = staying.next()
    knows_itself(page)
    mark(page)
    plain_site.page("answer.html", "<h1>two</h1>")
    talk.update(1, "reload", "answer.html")
    assert talk.hear("applied") == {"type": "applied", "seq": 1, "did": "nothing", "why": "answers a form"}
    assert page.evaluate(f"() => {HEADING}") == "one"
    assert is_marked(page)
    assert plain_site.count("/answer.html") == 0


@pytest.mark.every_engine
def test_what_no_cache_keeps_changes_in_place_where_no_script_runs(
    plain_site: Site, open_known: OpenKnown
) -> None:
    plain_site.headers["Cache-Control"] = "no-store"
    page = open_known("<h1>one</h1>")
    page.changes_to("<h1>two</h1>")
    assert page.tab.evaluate(f"() => {HEADING}") == "two"


NOISE = """<meta name=csrf content={token}><form><input type=hidden name=csrf value={token}>
<input id=word><input type=hidden id=own value={token}></form>
<style nonce={token}>h1 {{ order: 1 }}</style><h1>{text}</h1>"""


@pytest.mark.every_engine
def test_tokens_and_nonces_are_no_reason_to_reload(plain_site: Site, open_known: OpenKnown) -> None:
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-1'"
    page = open_known(NOISE.format(token=1, text="one"))
    page.tab.fill("#word", "typed")
    page.tab.evaluate("() => { own.value = 'by a script' }")
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-2'"
    page.changes_to(NOISE.format(token=2, text="two"))
    assert page.tab.evaluate(
        "() => [...document.querySelectorAll('[name=csrf]')].map(({ content, value }) => content ?? value)"
        f".concat([word.value, own.value, getComputedStyle(document.querySelector('h1')).order, {HEADING}])"
    ) == ["2", "2", "typed", "by a script", "1", "two"]


@pytest.mark.every_engine
@pytest.mark.parametrize("kept", ["no-cache", "no-store"])
def test_another_policy_of_a_proxied_page_needs_a_reload(
    context: BrowserContext, plain_site: Site, kept: str
) -> None:
    plain_site.tag = ""
    plain_site.headers.update(
        {"Cache-Control": kept, "Content-Security-Policy": "style-src 'nonce-1' 'self'"}
    )
    plain_site.page("index.html", "<h1>one</h1>")
    with LocDev("proxy", plain_site.url, "--watch", plain_site.folder, "--port", "0") as dev:
        page = context.new_page()
        page.goto(f"{dev.url}/index.html")
        joined(dev, "/index.html")
        knows_itself(page)
        for policy, did in (("style-src 'nonce-2' 'self'", "in-place"), ("style-src 'none'", "reload")):
            plain_site.headers["Content-Security-Policy"] = policy
            since = dev.mark()
            plain_site.page("index.html", f"<h1>{did}</h1>")
            assert dev.wait_for("applied", since=since)["did"] == did
            holds(page, f"{HEADING} === '{did}'")


@pytest.mark.every_engine
def test_the_page_is_asked_for_as_by_a_navigation(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<h1>one</h1>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    plain_site.page("index.html", "<h1>two</h1>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    asked = plain_site.asked["/index.html"]
    assert asked["Loc-Dev"] == "page"
    assert asked["Accept"].startswith("text/html,")


@pytest.mark.every_engine
def test_an_older_response_never_replaces_a_newer_one(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<h1>one</h1>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.requests.clear()
    gate = plain_site.gates["/index.html"] = threading.Event()
    for number, text in enumerate(("two", "three"), 1):
        plain_site.page("index.html", f"<h1>{text}</h1>")
        talk.update(number, "reload", "index.html")
        until(lambda: plain_site.count("/index.html"))
    gate.set()
    dids = [talk.hear("applied")["did"] for _ in range(2)]
    assert set(dids) <= {"in-place", "same"}
    assert page.evaluate(f"() => {HEADING}") == "three"
    assert is_marked(page)
