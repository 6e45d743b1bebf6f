"""``loc-dev serve`` in Chromium: sites whose pages carry no tag of their own."""

from __future__ import annotations

import shutil
import wave
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import applied, joined
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.waiting import until
from tests.support.web_servers import Site

HEAD = "<!doctype html><html><head><title>x</title><link rel=stylesheet href=/site.css></head>"
SECONDS = 120
RATE = 44_100


@pytest.fixture
def site(folder: Path) -> Site:
    site = Site(folder)
    site.save("index.html", f"{HEAD}<body><p>home")
    site.save("about/index.html", f"{HEAD}<body><p>about")
    site.save("site.css", "p { order: 1 }")
    return site


@pytest.fixture
def served(site: Site) -> Iterator[LocDev]:
    with LocDev("serve", site.folder, "--port", "0") as served:
        yield served


def visit(context: BrowserContext, dev: LocDev, path: str) -> Page:
    """Open a page in a new tab, and mark it once the tool knows it."""
    page = context.new_page()
    since = dev.mark()
    page.goto(dev.url + path)
    joined(dev, path, since)
    mark(page)
    return page


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


def text(page: Page, expected: str) -> None:
    holds(page, f"document.body?.textContent.includes('{expected}')")


def test_a_saved_page_reloads_only_the_tabs_that_show_it(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    home, named, about = (visit(context, served, path) for path in ("/", "/index.html", "/about/"))
    since = served.mark()
    site.save("index.html", f"{HEAD}<body><p>new home")
    for tab in (home, named):
        text(tab, "new home")
        reloaded(tab)
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
def test_a_page_without_head_or_body_tags_reloads(
    context: BrowserContext, site: Site, served: LocDev, document: str
) -> None:
    site.save("bare.html", document.format("old words"))
    page = visit(context, served, "/bare.html")
    site.save("bare.html", document.format("new words"))
    holds(page, "document.documentElement?.textContent.includes('new words')")
    reloaded(page)


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


def test_a_page_that_is_missing_reloads_when_it_appears(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    file, folder, other = (visit(context, served, path) for path in ("/new.html", "/new/", "/other.html"))
    text(file, "/new.html does not exist")
    since = served.mark()
    site.save("new.html", f"{HEAD}<body><p>a new page")
    text(file, "a new page")
    applied(served, "new.html", "nothing", "/other.html", since)
    assert is_marked(other)
    site.save("new/index.html", f"{HEAD}<body><p>a new folder")
    text(folder, "a new folder")


def test_a_page_that_is_deleted_and_made_again(context: BrowserContext, site: Site, served: LocDev) -> None:
    page = visit(context, served, "/about/")
    (site.folder / "about/index.html").unlink()
    holds(page, "!document.body?.textContent.includes('about/ yet') && !window.marked")
    mark(page)
    site.save("about/index.html", f"{HEAD}<body><p>here again")
    text(page, "here again")


@pytest.mark.parametrize("own", [False, True], ids=["plain", "404.html"])
@pytest.mark.parametrize("name", ["a.html", "a.css", "deeper/still/a.html"])
def test_a_missing_folder_reloads_when_a_file_appears_in_it(
    context: BrowserContext, site: Site, name: str, own: bool
) -> None:
    site.save("list/old.txt", "old")
    if own:
        site.save("404.html", f"{HEAD}<body><p>lost")
    with LocDev("serve", site.folder, "--port", "0") as served:
        shutil.rmtree(site.folder / "list")
        served.wait_for("change")
        addresses = ("/list/", "/list?x=1", "/other/", "/lis")
        *within, other, short = (visit(context, served, path) for path in addresses)
        since = served.mark()
        site.save(f"list/{name}", "new")
        for page in within:
            text(page, "Index of /list/")
        for path in ("/other/", "/lis"):
            applied(served, f"list/{name}", "nothing", path, since)
        assert is_marked(other)
        assert is_marked(short)


@pytest.mark.parametrize("name", ["b.txt", "b.html", "b.css"])
def test_a_listing_shows_new_files(context: BrowserContext, site: Site, served: LocDev, name: str) -> None:
    site.save("files/a.txt", "a")
    page = visit(context, served, "/files/")
    assert page.locator("li").all_inner_texts() == ["../", "a.txt"]
    site.save(f"files/{name}", "b")
    text(page, name)
    page.get_by_text("a.txt").click()
    page.wait_for_url("**/files/a.txt")


def test_a_single_page_app_reloads_at_each_of_its_addresses(context: BrowserContext, site: Site) -> None:
    with LocDev("serve", site.folder, "--port", "0", "--spa") as served:
        page = visit(context, served, "/deep/link")
        site.save("index.html", f"{HEAD}<body><p>new home")
        text(page, "new home")


def test_a_saved_404_page_shows_where_something_is_missing(context: BrowserContext, site: Site) -> None:
    site.save("404.html", f"{HEAD}<body><p>lost")
    with LocDev("serve", site.folder, "--port", "0") as served:
        page = visit(context, served, "/nowhere")
        text(page, "lost")
        site.save("404.html", f"{HEAD}<body><p>found")
        text(page, "found")


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


def test_a_page_that_comes_by_way_of_a_service_worker(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    """The worker asks for it in the page's place, and the answer is the page all the same."""
    site.save(
        "worker.js",
        "addEventListener('install', () => skipWaiting());"
        "addEventListener('activate', (event) => event.waitUntil(clients.claim()));"
        "addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))",
    )
    page = visit(context, served, "/")
    page.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)")
    holds(page, "navigator.serviceWorker.controller !== null")
    for version in ("second", "third"):
        mark(page)
        since = served.mark()
        site.save("index.html", f"{HEAD}<body><p>{version} home")
        text(page, f"{version} home")
        reloaded(page)
        joined(served, "/", since)


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
    site.save("frame.html", f"{HEAD}<body>a frame")
    site.save("index.html", f"{HEAD}<body><iframe src=frame.html></iframe><iframe src=frame.html></iframe>")
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
