"""Pages that define what the client might use. It works as in any page, and nothing of it shows in them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Route
from selenium.common.exceptions import WebDriverException

from tests.support.engines import Engine
from tests.support.scripted_server import Scripted
from tests.support.waiting import until
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

# What Prototype.js 1.6 and its like did.
LIBRARY = """
Array.prototype.toJSON = function () { return "[" + this.join(", ") + "]" };
Object.prototype.toJSON = String.prototype.toJSON = function () { return "object" };
Array.prototype.reverse = function () { return this };
Array.prototype.entries = Array.prototype.toArray = function () { return [].concat(this) };
Array.from = function (some) { return some && some.length ? [].slice.call(some) : [] };
Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] };
Array.prototype.each = Array.prototype.find = function (work) { this.forEach(work) };
String.prototype.gsub = String.prototype.at = function () { return this };
HTMLElement.prototype.scrollTo = function () { window.scrollTo(0, 0) };
HTMLElement.prototype.show = HTMLElement.prototype.remove = function () { return this };
document.getElementsByClassName = function () { return [] };
Object.prototype.extend = function () { return this };
"""
# What options and messages would inherit.
OPTIONS = """
const names = ["all", "waited", "once", "mode", "get", "set", "writable", "type", "method", "seq", "body"];
for (const name of names)
  Object.prototype[name] = () => "inherited";
"""
FORM = (
    "<form id=odd><input name=autocomplete value=off><input name=getAttribute><input name=id>"
    "<input name=scrollTop><input name=style><input name=shadowRoot><input name=matches>"
    "<input name=addEventListener><input name=name><input name=action></form>"
)
FROZEN = "Object, Array, Function, Promise, Map, Set, String, Document, Element, EventTarget"


def named(element: str, *names: str) -> str:
    """Elements that are properties of the document by their names."""
    return "".join(f"<{element} name={name}></{element.split()[0]}>" for name in names)


PAGES = {
    "nothing odd": "",
    "var navigation": '<script>var navigation = "top"</script>',
    "var performance": "<script>var performance = 1</script>",
    "var history": "<script>var history = [], origin = 1, parent = null, self = 2, length = 4</script>",
    "let": "<script>let performance = 1, navigation = 2, fetch = 3, sessionStorage; class URL {}</script>",
    "const": "<script>const Map = 1, Set = 2, WebSocket = 3, setTimeout = 4, Event = 5, name = 6</script>",
    "more constants": "<script>const WeakMap = 1, CSSStyleSheet = 2, NodeFilter = 3, AbortSignal = 4,"
    " Blob = 5, PerformanceObserver = 6, TextDecoder = 7, history = 8, Uint32Array = 9, crypto = 10</script>",
    "functions": "<script>function fetch() {} function stop() {} function find() {}</script>",
    "an image": "<img name=currentScript src=data:,><img name=readyState src=data:,>",
    "images": named("img src=data:,", "body", "hidden", "documentElement", "head"),
    "a form": named("form", "querySelectorAll", "querySelector"),
    "forms": named(
        "form", "addEventListener", "readyState", "createElement", "activeElement", "baseURI", "URL"
    ),
    "more forms": named("form", "referrer", "lastModified", "styleSheets", "createEvent", "hasFocus"),
    "ids": "".join(f"<a id={name}></a>" for name in ("fetch", "addEventListener", "part", "link")),
    "fields": FORM,
    "a library": f"<script>{LIBRARY}</script>",
    "inherited options": f"<script>{OPTIONS}</script>",
    "frozen prototypes": f"<script>for (const each of [{FROZEN}])"
    " { Object.freeze(each.prototype); Object.freeze(each) }</script>",
    "a frozen document": "<script>Object.freeze(console); try { Object.preventExtensions(document) }"
    " catch { /* not in Firefox */ }</script>",
    "no fetch": "<script>window.fetch = () => new Promise(() => 0)</script>",
    "a throwing fetch": "<script>window.fetch = () => { throw new Error('no') }</script>",
    "no sockets": "<script>window.WebSocket = class { addEventListener() {} send() {} close() {} }</script>",
    "no timers": "<script>window.setTimeout = window.setInterval = () => 1</script>",
    "other promises": "<script>window.Promise = class { then() {} }; Promise.all = null</script>",
    "no console": "<script>window.console = undefined</script>",
    "no observers": "<script>window.PerformanceObserver = null</script>",
    "no entries": "<script>performance.getEntriesByType = Performance.prototype.getEntriesByName = null;"
    "Performance.prototype.getEntriesByType = () => undefined</script>",
    "no classes": "<script>WeakMap = CSSStyleSheet = NodeFilter = Blob = TextDecoder = null</script>",
    "other texts of functions and objects": "<script>Function.prototype.toString = () => 'function () {}';"
    "Object.prototype.toString = () => '[object Object]'</script>",
    "a clock that stands still": "<script>window.Date = class extends Date { static now() { return 1e12 } };"
    "Performance.prototype.now = () => 7</script>",
    "no URL": "<script>window.URL = window.Image = window.CSS = window.Event = null</script>",
    "no storage": "<script>Object.defineProperty(window, 'sessionStorage', { get() { throw 1 } })</script>",
    "a storage that is emptied": "<script>addEventListener('beforeunload', () => sessionStorage.clear());"
    "addEventListener('pagehide', () => sessionStorage.clear())</script>",
    "a storage of its own": "<script>Object.defineProperty(window, 'sessionStorage', { value: {} })</script>",
    "wrapped methods": "<script>const add = EventTarget.prototype.addEventListener;"
    "EventTarget.prototype.addEventListener = function (...args) { return add.apply(this, args) };</script>",
}
READY_STATE = "Object.getOwnPropertyDescriptor(Document.prototype, 'readyState').get.call(parent.document)"
FORGETS = ("no storage", "a storage of its own")
"""Pages that keep nothing over a reload."""


START = (
    "<!doctype html><script>var failed = [];"
    "onerror = (message) => { failed.push(message) };"
    "onunhandledrejection = ({ reason }) => { failed.push(String(reason)) }</script>"
    "<link rel=stylesheet href=site.css>"
)
REST = (
    "<p>one</p><input id=typed>"
    "<div id=box style='height: 50px; overflow: auto'><div style='height: 900px'></div></div>"
    "<iframe></iframe>"
)


def save(site: Site, order: int) -> None:
    site.save("site.css", f"p {{ order: {order} }}")


class OddPage:
    """A page, its socket, and what went wrong in it.

    It is looked at from an empty frame in it, where all is as the browser made it.
    """

    def __init__(self, context: BrowserContext, site: Site, server: Scripted, odd: str) -> None:
        save(site, 1)
        # The scripts of the page come first, so that ours finds what they did.
        site.save("index.html", f"{START}{odd}{site.tag.replace(' async', '')}{REST}")
        self.page: Page = context.new_page()
        self.page.goto(f"{site.url}/index.html", wait_until="commit")
        self.talk = server.next()
        self.holds(f"{READY_STATE} === 'complete'")

    def value(self, expression: str) -> Any:
        """What an expression of ``$``, which finds an element, is in the document that there is now."""
        find = "(name) => Document.prototype.querySelector.call(parent.document, name)"
        found: list[Any] = []

        def look() -> bool:
            with contextlib.suppress(Error, WebDriverException, IndexError):  # between two documents
                found.append(self.page.frames[1].evaluate(f"(($) => ({expression}))({find})"))
                return True
            self.page.wait_for_timeout(20)  # in which Playwright hears of the frame
            return False

        until(look, f"this has no value: {expression}")
        return found[0]

    def holds(self, expression: str) -> None:
        until(lambda: self.value(expression) is True, f"this never held: {expression}")

    def has_no_errors(self) -> None:
        assert self.value("parent.failed") == []


@pytest.mark.parametrize("name", PAGES)
def test_it_does_what_it_does_in_any_page(
    engine: Engine, context: BrowserContext, plain_site: Site, server: Scripted, name: str
) -> None:
    if engine.name == "webkit" and name in ("const", "other promises"):
        pytest.skip("webkit: WebDriver itself uses the page's Map, Promise and setTimeout")
    if engine.name != "chromium" and name == "a storage that is emptied":
        pytest.skip(f"{engine.name}: what is written while a page goes is emptied with the rest")
    odd = OddPage(context, plain_site, server, PAGES[name])
    assert odd.talk.introduction["age"] > 0
    for seq in (1, 2):
        save(plain_site, seq + 1)
        odd.talk.update(seq, "css", "css/site.css")
        answer = odd.talk.hear("applied")
        if answer["seq"] == 0:  # the page had looked whether all is new, just after the save
            answer = odd.talk.hear("applied")
        assert answer == {"type": "applied", "seq": seq, "did": "css", "why": ""}
        odd.holds(f"getComputedStyle($('p')).order === '{seq + 1}'")
        odd.holds("Document.prototype.querySelectorAll.call(parent.document, 'link').length === 1")
    odd.talk.update(3, "css", "unused.css")
    assert odd.talk.hear("applied") == {"type": "applied", "seq": 3, "did": "nothing", "why": "not used here"}
    odd.talk.say("problem", title="a problem", detail="of a build")
    odd.holds("$('loc-dev')?.shadowRoot.textContent.includes('of a build') === true")
    odd.value("$('loc-dev').shadowRoot.querySelector('button').click()")
    odd.holds("$('loc-dev') === null")
    odd.value("$('#typed').focus()")
    odd.page.keyboard.type("typed")
    odd.value("$('#box').scrollTop = 70")
    odd.talk.update(4, "reload", "app.py")
    odd.has_no_errors()
    again = server.next()
    if name not in FORGETS:
        assert again.introduction["seq"] == 4
        assert again.hear("applied") == {"type": "applied", "seq": 4, "did": "reload", "why": ""}
        odd.holds("$('#typed').value === 'typed'")
        odd.holds("$('#box').scrollTop === 70")
    # It comes back after the server was away, too.
    again.cut()
    server.next()
    odd.has_no_errors()


STORED = ["", "{", "null", "7", '"text"', "[]", "[1, [2]]", '{"at": 9e15}', "x" * 1_000_000]
LEFT = [
    '{"at": AT}',
    '{"at": AT, "session": 1, "deferredUpdates": 2, "snapshot": 3}',
    '{"at": AT, "session": {"run": 1, "seq": {}, "pendingReloadAcks": 4, "accept": 5}}',
    '{"at": AT, "deferredUpdates": [6, null, {}, {"seq": 1, "paths": 2}]}',
    '{"at": AT, "session": [], "deferredUpdates": {"length": 3}, "snapshot": []}',
    '{"at": AT, "snapshot": {"scrolls": [1, [2], [["(", 0], 1, 1]], "fields": [[["*", 0], {"x": 3}]]}}',
    '{"at": AT, "snapshot": {"scrolls": {}, "fields": [[["input", 0], {"value": 7, "chosen": 8}], null]}}',
    '{"at": AT, "snapshot": {"fields": [["input", {"value": "x"}], [{"length": 1e9}, {"value": "y"}]]}}',
    '{"at": AT, "url": 7, "session": {"run": "first", "seq": 3, "pendingReloadAcks": ["2", null]}}',
]


@pytest.mark.parametrize("stored", [*STORED, *LEFT], ids=lambda stored: stored[:40])
def test_strange_values_under_its_own_keys_are_as_good_as_none(
    context: BrowserContext, plain_site: Site, server: Scripted, stored: str
) -> None:
    at = '" + Date.now() + ", \\"url\\": " + JSON.stringify(location.href) + "'
    text = json.dumps(stored).replace("AT", at)
    keys = "['left', 'posts', 'checked', 'page']"
    fill = f"for (const key of {keys}) sessionStorage['loc-dev ' + key] = {text}"
    odd = OddPage(context, plain_site, server, f"<script>{fill}</script>")
    assert (odd.talk.introduction["seq"], odd.talk.introduction["run"]) == (None, "first")
    odd.talk.update(1, "css", "unused.css")
    assert odd.talk.hear("applied")["did"] == "nothing"
    odd.talk.update(2, "reload", "app.py")
    server.next()
    odd.has_no_errors()


@pytest.mark.not_in("webkit", "WebDriver holds up no requests")
def test_it_connects_before_the_parser_has_seen_what_is_odd(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    """A script that never comes holds up the parser behind our tag."""
    held: list[Route] = []
    context.route("**/never.js", lambda route: held.append(route))
    plain_site.page("index.html", "<script src=never.js></script><form name=addEventListener></form>")
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html", wait_until="commit")
    assert server.next().introduction["url"] == "/index.html"
    until(lambda: page.wait_for_timeout(20) or held, "the script was not asked for")
