"""Frames, fetched parts and service workers of served pages."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, joined, visit
from tests.browser.serve.conftest import HEAD, text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, holds, is_marked, mark, reloaded
from tests.support.waiting import until
from tests.support.web_servers import Site


def clients(dev: LocDev) -> int:
    """How many documents are connected."""
    events = [event for event in dev.events if event["event"] == "client"]
    return int(events[-1]["clients"]) if events else 0


def answers(dev: LocDev, since: int) -> Counter[str]:
    """How many reloads were reported of which page."""
    return Counter(
        event["page"]
        for event in dev.events[since:]
        if event["event"] == "applied" and event["did"] == "reload"
    )


# How a service worker asks for what it responds with.
PASSES_ON = {
    "as it is": "fetch(event.request)",
    "anew": "fetch(new Request(event.request, { cache: 'no-store' }))",
    "ahead": "event.preloadResponse.then((response) => response ?? fetch(event.request))",
}


@pytest.mark.every_engine
@pytest.mark.parametrize("how", PASSES_ON)
def test_a_page_that_comes_by_way_of_a_service_worker(
    context: BrowserContext, site: Site, served: LocDev, how: str
) -> None:
    """The worker asks for it in the page's place, and the answer is the page; it stays the worker's."""
    site.save(
        "worker.js",
        "addEventListener('install', () => skipWaiting());"
        "const start = async () => { await registration.navigationPreload?.enable(); await clients.claim() };"
        "addEventListener('activate', (event) => event.waitUntil(start()));"
        f"addEventListener('fetch', (event) => event.respondWith({PASSES_ON[how]}))",
    )
    page = visit(context, served, "/")
    page.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)")
    holds(page, "navigator.serviceWorker.controller !== null")
    for version in ("second", "third"):
        mark(page)
        since = served.mark()
        site.save("index.html", f"{HEAD}<body><p>{version} home{OWN_SCRIPT}")
        text(page, f"{version} home")
        reloaded(page)
        joined(served, "/", since)
        assert page.evaluate("() => navigator.serviceWorker.controller !== null")
    assert not served.count("problem")


WORKER = """
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => event.respondWith((async () => {
  const cache = await caches.open('all');
  const kept = await cache.match(event.request, { ignoreSearch: true, ignoreVary: true });
  if (kept || !event.request.url.match(/KEPT/)) return kept ?? fetch(event.request);
  const response = await fetch(REQUEST);
  await cache.put(event.request.url, response.clone());
  return response;
})()));
"""
# What the worker keeps, how it asks for that, the file that is saved, and what the page says it did.
KEPT = {
    "a page": (r"\/$", "event.request", "index.html", "reload"),
    "a page as a script gets it": (r"\/$", "event.request.url", "index.html", None),
    "a style sheet": ("css", "event.request", "site.css", "css"),
}


@pytest.mark.parametrize("kind", KEPT)
def test_a_service_worker_that_answers_from_its_cache_is_named(
    context: BrowserContext, site: Site, served: LocDev, kind: str
) -> None:
    kept, request, saved, did = KEPT[kind]
    site.save("worker.js", WORKER.replace("KEPT", kept).replace("REQUEST", request))
    page = visit(context, served, "/about/")
    page.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)")
    holds(page, "navigator.serviceWorker.controller !== null")
    page.goto(served.url)
    if did:
        joined(served, "/")
    for version in ("second", "third"):
        since = served.mark()
        site.save(saved, f"{HEAD}<body><p>{version}" if saved == "index.html" else f"p {{ --x: {version} }}")
        if did:
            served.wait_for("applied", lambda event: event["did"] in (did, "same"), since=since)
    problem = served.wait_for("problem")
    assert "/worker.js" in problem["title"]
    assert "Unregister" in problem["detail"]
    assert served.count("problem") == 1


FETCHES = {
    "fetch": "fetch('{}').then((answer) => answer.text())",
    "XMLHttpRequest": "new Promise((done) => {{ const asked = new XMLHttpRequest(); asked.open('GET', '{}');"
    " asked.onload = () => done(asked.responseText); asked.send() }})",
}


@pytest.mark.parametrize("path", ["part.html", "parts/"])
@pytest.mark.parametrize("fetches", FETCHES.values(), ids=FETCHES)
def test_a_saved_part_that_the_page_fetches_is_shown(
    context: BrowserContext, site: Site, served: LocDev, fetches: str, path: str
) -> None:
    file = "parts/index.html" if path.endswith("/") else path
    site.save(file, "old part")
    shown = f"<script>{fetches.format(path)}.then((text) => document.body.append(text))</script>"
    site.save("index.html", f"{HEAD}<body>{shown}")
    home, about = (visit(context, served, path) for path in ("/", "/about/"))
    text(home, "old part")
    site.save(file, "new part")
    text(home, "new part")
    applied(served, file, "nothing", "/about/")
    assert is_marked(about)


def test_a_saved_frame_reloads_alone(context: BrowserContext, site: Site, served: LocDev) -> None:
    site.save("frame.html", f"{HEAD}<body>old frame")
    site.save("index.html", f"{HEAD}<body><iframe src=frame.html></iframe>")
    served.wait_for("change", lambda event: "index.html" in event["paths"])
    page = visit(context, served, "/")
    joined(served, "/frame.html")
    since = served.mark()
    site.save("frame.html", f"{HEAD}<body>new frame")
    holds(page, "frames[0].document.body?.textContent.includes('new frame')")
    applied(served, "frame.html", "nothing", "/", since)
    assert is_marked(page)


def test_each_frame_answers_for_a_save_though_the_page_around_it_reloads(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    site.save("frame.html", f"{HEAD}<body>a frame{OWN_SCRIPT}")
    frames = "<iframe src=frame.html></iframe>" * 2
    site.save("index.html", f"{HEAD}<body>{frames}{OWN_SCRIPT}")
    served.wait_for("change", lambda event: "index.html" in event["paths"])
    frame = visit(context, served, "/frame.html")
    page = visit(context, served, "/")
    # Now the frames are the first to reload, now the page around them.
    for number in range(5):
        until(lambda: clients(served) == 4)
        mark(page)
        mark(frame)
        since = served.mark()
        site.save("data.json", str(number))
        reloaded(page)
        reloaded(frame)
        until(lambda since=since: answers(served, since) == {"/": 1, "/frame.html": 3})


def test_a_saved_service_worker_reloads_the_page_that_it_serves(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    worker = "addEventListener('activate', (event) => event.waitUntil(clients.claim())); // {}"
    site.save("sw.js", worker.format("old"))
    start = "<script>navigator.serviceWorker.register('/sw.js')</script>"
    site.save("index.html", f"{HEAD}<body>{start}")
    page = visit(context, served, "/")
    holds(page, "navigator.serviceWorker.controller")
    site.save("sw.js", worker.format("new"))
    reloaded(page)
    applied(served, "sw.js", "reload", "/")
