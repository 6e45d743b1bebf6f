"""``loc-dev serve`` in browsers: saved pages, sheets and media."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import HEAD, text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.web_servers import Site

SECONDS = 120
RATE = 44_100


def test_a_saved_page_concerns_only_the_tabs_that_show_it(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    home, named, about = (visit(context, served, path) for path in ("/", "/index.html", "/about/"))
    since = served.mark()
    site.save("index.html", f"{HEAD}<body><p>new home")
    for tab in (home, named):
        text(tab, "new home")
    applied(served, "index.html", "nothing", "/about/", since)
    assert is_marked(about)
    mark(home)
    since = served.mark()
    site.save("about/index.html", f"{HEAD}<body><p>new about")
    text(about, "new about")
    applied(served, "about/index.html", "nothing", "/", since)
    assert is_marked(home)


def test_a_saved_style_sheet_is_swapped_in_every_tab(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    tabs = [visit(context, served, path) for path in ("/", "/about/")]
    site.save("site.css", "p { order: 2 }")
    for tab in tabs:
        shows(tab, "p", "order", "2")
        assert is_marked(tab)


@pytest.mark.not_in("firefox", "Playwright tells too little of requests by BiDi")
@pytest.mark.not_in("webkit", "WebDriver tells nothing of requests")
def test_what_is_saved_is_asked_for_once(context: BrowserContext, site: Site, served: LocDev) -> None:
    """No browser keeps what we serve without asking about it, so nothing has to be fetched past its cache."""
    site.save("main.js", "")
    site.save("index.html", f"{HEAD}<script src=main.js></script><body><p>home")
    page = visit(context, served, "/")
    holds(page, "performance.getEntriesByType('resource').some(({ name }) => name.includes('/_loc/keep.js'))")
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.url.partition("?")[0], request.resource_type)))
    site.save("site.css", "p { order: 2 }")
    shows(page, "p", "order", "2")
    assert asked == [(f"{served.url}/site.css", "stylesheet")]
    asked.clear()
    site.save("main.js", "window.version = 2")
    holds(page, "window.version === 2")
    assert asked[0] == (f"{served.url}/", "document")


@pytest.mark.parametrize(
    "document",
    [
        "<p>{}",
        "{}",
        "<body>{}</body>",
        "<title>x</title><p>{}",
        "<!-- <head> --><p>{}",
        "<script>var tag = '<head></head><body></body>'</script><p>{}",
        "<frameset><frame></frameset><noframes>{}</noframes>",
    ],
)
def test_a_page_without_head_or_body_tags_shows_what_was_saved(
    context: BrowserContext, site: Site, served: LocDev, document: str
) -> None:
    site.save("bare.html", document.format("old words"))
    page = visit(context, served, "/bare.html")
    site.save("bare.html", document.format("new words"))
    holds(page, "document.documentElement?.textContent.includes('new words')")


@pytest.mark.parametrize("codec", ["utf-16", "shift_jis", "utf-8-sig"])
def test_a_page_of_another_encoding_reloads(
    context: BrowserContext, site: Site, served: LocDev, codec: str
) -> None:
    document = "<!doctype html><html><head><meta charset={}><title>日本</title></head><body>{}"
    site.save("page.html", document.format(codec, "日本").encode(codec))
    page = visit(context, served, "/page.html")
    text(page, "日本")
    site.save("page.html", document.format(codec, "表示").encode(codec))
    text(page, "表示")
    assert page.evaluate("document.compatMode") == "CSS1Compat"


def test_a_single_page_app_reloads_at_each_of_its_addresses(context: BrowserContext, site: Site) -> None:
    with LocDev("serve", site.folder, "--port", "0", "--spa") as served:
        page = visit(context, served, "/deep/link")
        site.save("index.html", f"{HEAD}<body><p>new home")
        text(page, "new home")


@pytest.mark.every_engine
def test_an_app_that_has_changed_its_address_reloads_for_the_page_that_it_came_from(
    context: BrowserContext, site: Site
) -> None:
    with LocDev("serve", site.folder, "--port", "0", "--spa") as served:
        page = visit(context, served, "/")
        page.evaluate("history.pushState(null, '', '/users/42')")
        site.save("index.html", f"{HEAD}<body><p>new home")
        text(page, "new home")
        assert page.evaluate("location.pathname") == "/users/42"


@pytest.mark.not_in("webkit", "WebDriver tells nothing of responses")
def test_a_recording_is_played_from_where_one_clicks(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    with wave.open(str(site.folder / "long.wav"), "wb") as recording:
        recording.setnchannels(2)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        recording.writeframes(bytes(SECONDS * RATE * 4))
    site.save("player.html", f"{HEAD}<body><audio src=long.wav preload=metadata muted></audio>")
    page = context.new_page()
    parts: list[tuple[int, str]] = []
    page.on(
        "response",
        lambda answer: (
            parts.append((answer.status, answer.headers.get("content-range", "")))
            if answer.url.endswith(".wav")
            else None
        ),
    )
    page.goto(f"{served.url}/player.html")
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")
    seconds = page.evaluate("() => document.querySelector('audio').duration")
    assert seconds == pytest.approx(SECONDS)
    at = page.evaluate(
        """async () => {
          const audio = document.querySelector("audio");
          const sought = new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
          audio.currentTime = audio.duration - 5;
          await sought;
          await audio.play();
          return audio.currentTime;
        }"""
    )
    assert at == pytest.approx(SECONDS - 5, abs=2)
    assert {status for status, _ in parts} == {206}
    starts = [int(given.removeprefix("bytes ").partition("-")[0]) for _, given in parts]
    assert max(starts) > SECONDS * RATE * 4 // 2


@pytest.mark.not_in("webkit", "WebDriver tells nothing of responses")
def test_what_pages_are_made_of_concerns_all_of_them(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    sources = Site(tmp_path / "src")
    sources.save("about/index.html", "a template")
    sources.save("theme/site.css", "a source")
    with LocDev("serve", site.folder, "--watch", sources.folder, "--port", "0") as served:
        home, about = (visit(context, served, path) for path in ("/", "/about/"))
        asked: list[str] = []
        about.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}"))
        for path in ("theme/site.css", "about/index.html"):
            sources.save(path, "new")
            for tab in (home, about):
                reloaded(tab)
                mark(tab)
        assert not [answer for answer in asked if answer.startswith("404") and "favicon" not in answer]
        site.save("about/index.html", f"{HEAD}<body><p>new about")
        text(about, "new about")
        assert is_marked(home)


@pytest.mark.not_in("firefox", "it asks for a download as for a page")
@pytest.mark.not_in("webkit", "WebDriver downloads nothing")
def test_a_page_that_is_downloaded_is_the_file(
    context: BrowserContext, site: Site, served: LocDev, tmp_path: Path
) -> None:
    page = visit(context, served, "/")
    page.evaluate("document.body.innerHTML = '<a href=/about/index.html download>Save</a>'")
    with page.expect_download() as download:
        page.click("a")
    download.value.save_as(tmp_path / "saved.html")
    assert (tmp_path / "saved.html").read_bytes() == (site.folder / "about/index.html").read_bytes()
