"""What a page knows of what it was made of: nothing that users or other tabs did is taken for it."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.page_marks import holds, is_marked, mark, reloaded
from tests.support.scripted_pages import knows_its_text, knows_itself, visit
from tests.support.scripted_server import Scripted, Talk
from tests.support.web_servers import Site

NOTE = "<h1>{}</h1><div id=note contenteditable>a note</div><details><summary>s</summary>d</details>"
SELECT = """() => {
  document.querySelector("details").open = true;
  document.body.append(document.createElement("x-extension"));
  note.focus();
  getSelection().selectAllChildren(note);
}"""
STATE = """() => [document.querySelector("h1").textContent, note.textContent,
  document.querySelector("details").open, document.querySelectorAll("x-extension").length]"""


def type_while_it_loads(
    context: BrowserContext, site: Site, server: Scripted, typed: str = "typed"
) -> tuple[Page, Talk]:
    """Open a page that an image keeps from having loaded, and do what a user and an extension do."""
    site.gates["/slow.png"] = threading.Event()
    page = context.new_page()
    page.goto(f"{site.url}/index.html", wait_until="commit")
    talk = server.next()
    holds(page, "document.querySelector('#note + details + img')")
    page.evaluate(SELECT)
    page.keyboard.type(typed)
    mark(page)
    site.gates["/slow.png"].set()
    holds(page, "document.readyState === 'complete'")
    return page, talk


def save(site: Site, server: Scripted, number: int, text: str) -> None:
    """Save the page as a server sends it whose tag names the response."""
    site.tag = f'<script src="{server.url}" async data-id="{number}"></script>'
    site.page("index.html", f"{NOTE.format(text)}<img src=slow.png>")


@pytest.mark.every_engine
@pytest.mark.not_in("webkit", "it keeps no cache in automation")
@pytest.mark.parametrize("typed", ["typed", ""])
def test_what_the_user_did_before_the_client_began_stays(
    context: BrowserContext, plain_site: Site, staying: Scripted, typed: str
) -> None:
    save(plain_site, staying, 1, "one")
    page, talk = type_while_it_loads(context, plain_site, staying, typed)
    knows_its_text(page)
    for number, text in enumerate(("two", "three"), 1):
        save(plain_site, staying, number + 1, text)
        talk.update(number, "reload", "index.html")
        assert talk.hear("applied")["did"] == "in-place"
        assert page.evaluate(STATE) == [text, typed or "a note", True, 1]
    assert is_marked(page)


@pytest.mark.every_engine
def test_what_a_reload_has_kept_is_no_part_of_the_page(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    page_of = f"{NOTE}<noscript>{{}}</noscript>"
    plain_site.page("index.html", page_of.format("one", 1))
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(SELECT)
    page.keyboard.type("typed")
    # Only a reload shows what is in <noscript> now.
    for number, (text, inside) in enumerate((("two", 2), ("three", 2), ("four", 2)), 1):
        mark(page)
        plain_site.page("index.html", page_of.format(text, inside))
        talk.update(number, "reload", "index.html")
        reloaded(page)
        talk = staying.next()
        why = "<noscript> differs" if number == 1 else "no copy of the page is kept"
        assert talk.hear("applied")["why"] == why
        holds(page, "document.querySelector('#note').textContent === 'typed'")
        assert page.evaluate("() => document.querySelector('h1').textContent") == text
        knows_itself(page)


def test_a_shadow_root_that_is_gone_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p><template shadowrootmode=open>shadow</template></p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", "<p></p>")
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert page.evaluate("() => document.querySelector('p').shadowRoot") is None


def test_each_tab_knows_the_policies_that_it_came_with(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.headers["Content-Security-Policy"] = "style-src 'self'"
    plain_site.page("index.html", "<p>one</p>")
    tabs = [visit(context, plain_site, staying) for _ in range(2)]
    for page, _ in tabs:
        knows_its_text(page)
        mark(page)
    plain_site.headers["Content-Security-Policy"] = "style-src 'none'"
    plain_site.page("index.html", "<p>two</p>")
    # What one tab gets is what the cache holds for the other.
    for page, talk in tabs:
        talk.update(1, "reload", "index.html")
        reloaded(page)
        assert staying.next().hear("applied")["why"] == "the policies differ"


WORKER = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") return;
  event.respondWith(caches.open("all").then(async (cache) => {
    const found = await cache.match(event.request.url);
    if (found) return found;
    const response = await fetch(event.request.url);
    if (event.request.url.endsWith("/index.html")) await cache.put(event.request.url, response.clone());
    return response;
  }));
});
"""


def test_a_page_whose_service_worker_gives_scripts_something_else_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("worker.js", WORKER)
    plain_site.page("index.html", "<p>one</p>")
    page, _ = visit(context, plain_site, staying)
    page.evaluate(
        "() => navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)"
    )
    holds(page, "navigator.serviceWorker.controller !== null")
    page.evaluate("() => fetch('/index.html').then((response) => response.text())")
    page.reload()
    talk = staying.next()
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert staying.next().hear("applied")["why"] == "a service worker answers for the page"
    assert page.evaluate("() => document.querySelector('p').textContent") == "two"


@pytest.mark.every_engine
def test_a_page_that_the_browser_asked_about_changes_in_place(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, _ = visit(context, plain_site, staying)
    # The server says that nothing is new.
    page.reload()
    talk = staying.next()
    knows_itself(page)
    mark(page)
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert is_marked(page)
