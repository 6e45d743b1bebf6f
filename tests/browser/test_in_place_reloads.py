"""A saved page that cannot be shown in place is reloaded."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import OpenKnown
from tests.support.page_marks import holds, mark, reloaded
from tests.support.scripted_pages import knows_its_text, knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.waiting import until
from tests.support.web_servers import Site

PLAIN = "<p>one</p>"
RELOADS = {
    "the page has a script": (
        "<p>one</p><script>window.own = 1</script>",
        "<p>two</p><script>window.own = 1</script>",
    ),
    "it gets one": (PLAIN, "<p>two</p><script>window.own = 1</script>"),
    "a handler": ("<p onclick='go()'>one</p>", "<p onclick='go()'>two</p>"),
    "a javascript: URL": (PLAIN, "<p>two</p><a href='javascript:go()'>go</a>"),
    "what <noscript> holds": (f"{PLAIN}<noscript>1</noscript>", f"{PLAIN}<noscript>2</noscript>"),
    "a shadow root": (PLAIN, "<p>two<template shadowrootmode=open>s</template></p>"),
    "<base>": (PLAIN, "<base href=/other/><p>two</p>"),
}


@pytest.mark.parametrize("case", RELOADS)
def test_only_a_reload_helps(context: BrowserContext, plain_site: Site, staying: Scripted, case: str) -> None:
    old, new = RELOADS[case]
    plain_site.page("index.html", old)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", new)
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert staying.next().hear("applied")["did"] == "reload"


def test_a_font_that_was_saved_with_the_page_reloads_it(plain_site: Site, open_known: OpenKnown) -> None:
    plain_site.save("font.woff2", "")
    page = open_known("<p>one</p>", "<link rel=preload as=font href=font.woff2>")
    page.reloads_for("font.woff2", "index.html")


@pytest.mark.parametrize("saved", ["index.html", "app.py"])
def test_another_address_is_another_page(open_known: OpenKnown, saved: str) -> None:
    page = open_known("<p>one</p>")
    page.tab.evaluate("() => history.pushState(0, '', '/index.html?other')")
    page.reloads_for(saved)


@pytest.mark.not_in("webkit", "it keeps no cache in automation, from where the old policy is read")
@pytest.mark.parametrize("policy", ["style-src 'self'", "style-src 'nonce-2' 'self'"])
def test_another_policy_needs_a_reload_and_another_nonce_does_not(
    context: BrowserContext, plain_site: Site, staying: Scripted, policy: str
) -> None:
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-1' 'self'"
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.headers["Content-Security-Policy"] = policy
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    if "nonce" in policy:
        assert talk.hear("applied")["did"] == "in-place"
    else:
        reloaded(page)


def test_a_page_that_is_gone_reloads(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    (plain_site.folder / "index.html").rename(plain_site.folder / "moved.html")
    talk.update(1, "reload", "index.html")
    holds(page, "document.body.textContent.includes('404')")


def test_another_status_is_another_page(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", "<p>two</p>")
    plain_site.statuses["/index.html"] = 503
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert staying.next().hear("applied")["why"] == "the response is of another kind"


@pytest.mark.parametrize(
    "header",
    [
        *("Content-Security-Policy-Report-Only", "Cross-Origin-Opener-Policy", "Permissions-Policy"),
        *("Cross-Origin-Embedder-Policy", "Referrer-Policy", "Link", "Refresh"),
    ],
)
def test_what_else_a_document_takes_on_when_it_is_loaded(
    context: BrowserContext, plain_site: Site, staying: Scripted, header: str
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_its_text(page)
    mark(page)
    plain_site.headers[header] = "999" if header == "Refresh" else "unknown"
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert staying.next().hear("applied")["why"] == "the policies differ"


def test_an_address_that_changes_while_the_page_is_asked_for(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", "<p>two</p>")
    plain_site.gates["/index.html"] = threading.Event()
    plain_site.requests.clear()
    talk.update(1, "reload", "index.html")
    until(lambda: plain_site.count("/index.html"))
    page.evaluate("() => history.pushState(0, '', '/index.html?other')")
    plain_site.gates["/index.html"].set()
    reloaded(page)
    assert staying.next().hear("applied")["why"] == "the page has another address"


@pytest.mark.parametrize(
    "what", [{"paths": []}, {"paths": ["index.html"], "all": True}, {"unseen": True}], ids=str
)
def test_some_updates_are_always_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted, what: dict[str, object]
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    talk.say("update", **{"seq": 1, "action": "reload", "paths": ["app.py"], **what})
    reloaded(page)


def test_a_page_that_missed_an_update_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    talk.update(3, "reload", "index.html")
    reloaded(page)


def test_a_frame_without_a_client_may_be_made_of_what_was_saved(
    plain_site: Site, open_known: OpenKnown
) -> None:
    plain_site.save("frame.svg", '<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    page = open_known("<iframe src=frame.svg></iframe>")
    page.reloads_for("app.py")


def test_pages_reload_where_that_is_wanted(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, server)
    mark(page)
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    reloaded(page)
    # Nothing was compared, and what compares is not even fetched.
    assert server.next().hear("applied")["why"] == ""
    fetched = "performance.getEntriesByType('resource').some(({{ name }}) => name.includes('/{}.js'))"
    holds(page, fetched.format("keep"))
    page.wait_for_timeout(300)
    assert not page.evaluate(f"() => {fetched.format('inplace')}")
