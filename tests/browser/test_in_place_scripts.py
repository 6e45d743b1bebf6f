"""Pages with scripts change in place on request: where the browser's cache proves what they were made of."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import joined
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded
from tests.support.scripted_pages import knows_its_text, visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

NO_CACHE = pytest.mark.not_in("webkit", "it keeps no cache in automation")

# What the script adds shows whether a page was loaded anew, or taken for what it was made of.
SCRIPT = """<script>
document.body.classList.add("ready");
document.querySelector("#made").textContent = "by the script";
document.body.append(document.createElement("x-new"));
window.clicks = 0;
document.querySelector("button").addEventListener("click", () => clicks++);
if (location.hash === "#slow") document.write("<img src=slow.png>");
</script>"""


def save(site: Site, server: Scripted, number: int, text: str) -> None:
    """Save the page as a server sends it whose tag names the response."""
    site.tag = f'<script src="{server.url}" async data-id="{number}"></script>'
    site.page("index.html", f"<h1>{text}</h1><p id=made></p><button>b</button><p>end</p>{SCRIPT}")


@NO_CACHE
@pytest.mark.every_engine
def test_a_page_with_scripts_changes_in_place(
    context: BrowserContext, plain_site: Site, always: Scripted
) -> None:
    save(plain_site, always, 1, "one")
    page, talk = visit(context, plain_site, always)
    knows_its_text(page)
    mark(page)
    page.click("button")
    for number, text in ((1, "two"), (2, "three")):
        save(plain_site, always, 1 + number, text)
        talk.update(number, "reload", "index.html")
        assert talk.hear("applied") == {"type": "applied", "seq": number, "did": "in-place", "why": ""}
        assert page.evaluate(
            "() => [...document.querySelectorAll('h1, #made, x-new')].map(({ textContent }) => textContent)"
        ) == [text, "by the script", ""]
    page.click("button")
    assert page.evaluate("() => [document.body.className, clicks]") == ["ready", 2]
    assert is_marked(page)


def reload_for(site: Site, server: Scripted, context: BrowserContext) -> str:
    """Open the page, save it, and wait until it is reloaded; the reason that it gives."""
    page, talk = visit(context, site, server)
    knows_its_text(page)
    mark(page)
    save(site, server, 2, "two")
    talk.update(1, "reload", "index.html")
    reloaded(page)
    answer = server.next().hear("applied")
    assert answer["did"] == "reload"
    assert page.evaluate("() => document.querySelector('h1').textContent") == "two"
    return str(answer["why"])


def test_only_where_that_is_wanted(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    save(plain_site, staying, 1, "one")
    assert reload_for(plain_site, staying, context) == "the page has scripts"


@pytest.mark.not_in("webkit", "it asks the server where it keeps no cache")
def test_a_page_that_may_not_be_kept_reloads(
    context: BrowserContext, plain_site: Site, always: Scripted
) -> None:
    plain_site.headers["Cache-Control"] = "no-store"
    save(plain_site, always, 1, "one")
    assert reload_for(plain_site, always, context) == "the cache holds no copy of the page"


@pytest.mark.not_in("firefox", "it passes over Vary where only the cache may answer")
@pytest.mark.not_in("webkit", "it asks the server where it keeps no cache")
def test_a_page_that_is_kept_for_another_request_reloads(
    context: BrowserContext, plain_site: Site, always: Scripted
) -> None:
    plain_site.headers["Vary"] = "Accept"
    save(plain_site, always, 1, "one")
    assert reload_for(plain_site, always, context) == "the cache holds no copy of the page"


def test_what_bears_no_id_reloads(context: BrowserContext, plain_site: Site, always: Scripted) -> None:
    plain_site.page("index.html", f"<h1>one</h1><p id=made></p><button>b</button>{SCRIPT}")
    assert reload_for(plain_site, always, context) == "no copy of the page is kept"


@NO_CACHE
def test_a_page_may_ask_for_it_by_itself(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    tag = f'<script src="{staying.url}" async data-id="{{}}"></script>'
    html = "<!doctype html><html data-loc-in-place><head>{}</head><body><h1>{}</h1><script>own = 1</script>"
    plain_site.save("index.html", html.format(tag.format(1), "one"))
    page, talk = visit(context, plain_site, staying)
    knows_its_text(page)
    plain_site.save("index.html", html.format(tag.format(2), "two"))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => document.querySelector('h1').textContent") == "two"


@NO_CACHE
def test_a_tab_whose_copy_another_tab_has_renewed_reloads(
    context: BrowserContext, plain_site: Site, always: Scripted
) -> None:
    save(plain_site, always, 1, "one")
    first, talk = visit(context, plain_site, always)
    knows_its_text(first)
    late = context.new_page()
    # It is not idle before the image has come.
    plain_site.gates["/slow.png"] = threading.Event()
    late.goto(f"{plain_site.url}/index.html#slow", wait_until="commit")
    late_talk = always.next()
    save(plain_site, always, 2, "two")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    plain_site.gates["/slow.png"].set()
    holds(late, "document.readyState === 'complete'")
    knows_its_text(late)
    mark(late)
    # Taken for what it shows, the copy would leave the heading as it is.
    plain_site.gates.clear()
    late_talk.update(1, "reload", "app.py")
    reloaded(late)
    assert always.next().hear("applied")["why"] == "the cache holds another copy of the page"
    assert late.evaluate("() => document.querySelector('h1').textContent") == "two"


PROXIED = f"<!doctype html><html><head></head><body><h1>{{}}</h1><p id=made></p><button>b</button>{SCRIPT}"


@NO_CACHE
@pytest.mark.every_engine
@pytest.mark.parametrize("command", ["proxy", "serve"])
def test_pages_that_get_their_tag_here(context: BrowserContext, site_of_files: Site, command: str) -> None:
    site = site_of_files
    site.save("index.html", PROXIED.format("one"))
    site.save("other.html", "<p>other")
    what = [site.url, "--watch", str(site.folder)] if command == "proxy" else [str(site.folder)]
    with LocDev(command, *what, "--port", "0", "--in-place", "always") as dev:
        page = context.new_page()
        page.goto(f"{dev.url}/index.html")
        joined(dev, "/index.html")
        knows_its_text(page)
        for text in ("two", "three"):
            since = dev.mark()
            site.save("index.html", PROXIED.format(text))
            answer = dev.wait_for("applied", since=since)
            assert answer["did"] == "in-place", answer
            assert page.evaluate("() => document.querySelector('h1').textContent") == text
        page.goto(f"{dev.url}/other.html")
        joined(dev, "/other.html")
        since = dev.mark()
        page.evaluate("() => history.back()")
        holds(page, "document.querySelector('h1')?.textContent === 'three'")
        joined(dev, "/index.html", since)


@pytest.fixture
def site_of_files(plain_site: Site) -> Site:
    plain_site.tag = ""
    return plain_site
