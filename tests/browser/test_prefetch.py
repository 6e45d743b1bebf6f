"""Pages that the browser fetches ahead of a navigation, and that are saved before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import joined
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds
from tests.support.waiting import until
from tests.support.web_servers import Site, http_server

AHEAD = {
    "prefetch": """<script type=speculationrules>
        {"prefetch": [{"source": "list", "urls": ["/next.html"], "eagerness": "immediate"}]}</script>""",
    "prerender": """<script type=speculationrules>
        {"prerender": [{"source": "list", "urls": ["/next.html"], "eagerness": "immediate"}]}</script>""",
    "link": "<link rel=prefetch href=/next.html>",
}


EVENTS = ("Preload.prefetchStatusUpdated", "Preload.prerenderStatusUpdated")


@pytest.mark.not_in("firefox", "it knows no speculation rules, and no DevTools protocol of Chromium's")
@pytest.mark.not_in("webkit", "it knows no speculation rules, and no DevTools protocol of Chromium's")
@pytest.mark.parametrize("kind", AHEAD)
def test_a_page_that_was_fetched_ahead_shows_what_was_saved_since(
    context: BrowserContext, folder: Path, kind: str
) -> None:
    site, states = Site(folder), set[str]()
    site.save("index.html", f"<!doctype html><title>x</title>{AHEAD[kind]}<a href=/next.html>next</a>")
    site.save("next.html", "<!doctype html><title>x</title><p>old")
    with LocDev("serve", folder, "--port", "0") as dev:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        for event in EVENTS:
            devtools.on(event, lambda event: states.add(event["status"]))
        devtools.send("Preload.enable")
        page.goto(dev.url)
        joined(dev, "/")
        fetched = "performance.getEntriesByName(new URL('/next.html', location).href).length"
        # What Python is told comes while it waits for the page.
        until(lambda: page.evaluate(fetched) or not states.isdisjoint(("Ready", "Success")))
        since = dev.mark()
        site.save("next.html", "<!doctype html><title>x</title><p>new")
        dev.wait_for("change", since=since)
        page.click("a")
        holds(page, "document.querySelector('p')?.textContent === 'new'")


@pytest.mark.every_engine
def test_a_page_that_a_script_has_fetched_before_has_its_tag(context: BrowserContext, folder: Path) -> None:
    """The server lets browsers keep its files without asking; what a script fetched came without the tag."""
    site = Site(folder)
    site.page("index.html", "<a href=next.html>next</a>")
    site.page("next.html", "<p>old")
    with http_server(site), LocDev("proxy", site.url, "--watch", folder, "--port", "0") as dev:
        page = context.new_page()
        page.goto(f"{dev.url}/index.html")
        joined(dev, "/index.html")
        page.evaluate("() => fetch('next.html').then((answer) => answer.text())")
        since = dev.mark()
        page.click("a")
        joined(dev, "/next.html", since)
