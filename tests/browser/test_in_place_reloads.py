"""A saved page that cannot be shown in place is reloaded."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenKnown
from tests.support.page_marks import holds
from tests.support.scripted_server import Scripted
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
def test_only_a_reload_helps(plain_site: Site, staying: Scripted, open_known: OpenKnown, case: str) -> None:
    old, new = RELOADS[case]
    page = open_known(old)
    plain_site.page("index.html", new)
    page.reloads_for("index.html")
    assert staying.next().hear("applied")["did"] == "reload"


def test_a_font_that_was_saved_with_the_page_reloads_it(plain_site: Site, open_known: OpenKnown) -> None:
    plain_site.save("font.woff2", "")
    page = open_known("<p>one</p>", "<link rel=preload as=font href=font.woff2>")
    page.reloads_for("font.woff2", "index.html")


def test_another_address_is_another_page(open_known: OpenKnown) -> None:
    page = open_known("<p>one</p>")
    page.tab.evaluate("() => history.pushState(0, '', '/index.html?other')")
    page.reloads_for("index.html")


@pytest.mark.not_in("webkit", "it keeps no cache in automation, from where the old policy is read")
@pytest.mark.parametrize("policy", ["style-src 'self'", "style-src 'nonce-2' 'self'"])
def test_another_policy_needs_a_reload_and_another_nonce_does_not(
    plain_site: Site, open_known: OpenKnown, policy: str
) -> None:
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-1' 'self'"
    page = open_known("<p>one</p>")
    plain_site.headers["Content-Security-Policy"] = policy
    if "nonce" in policy:
        page.changes_to("<p>two</p>")
    else:
        plain_site.page("index.html", "<p>two</p>")
        page.reloads_for("index.html")


def test_a_page_that_is_gone_reloads(plain_site: Site, open_known: OpenKnown) -> None:
    page = open_known("<p>one</p>")
    (plain_site.folder / "index.html").rename(plain_site.folder / "moved.html")
    page.reloads_for("index.html")
    holds(page.tab, "document.body.textContent.includes('404')")
