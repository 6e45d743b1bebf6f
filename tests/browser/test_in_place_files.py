"""The files of a page that is shown in place: those that were saved with it, and those that come with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.scripted_pages import knows_its_text, knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}"></svg>'


def widths(*expected: int) -> str:
    shown = "[...document.querySelectorAll('img')].map(({ naturalWidth }) => naturalWidth).join()"
    return f"{shown} === '{','.join(map(str, expected))}'"


def test_an_image_that_was_saved_with_the_page_shows_too(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("a.svg", IMAGE.format(1))
    plain_site.page("index.html", "<p>one</p><img src=a.svg>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.save("a.svg", IMAGE.format(2))
    plain_site.page("index.html", "<p>two</p><img src=a.svg>")
    talk.update(1, "reload", "a.svg", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    holds(page, widths(2))
    assert page.evaluate("() => document.querySelector('p').textContent") == "two"
    assert is_marked(page)


@pytest.mark.every_engine
def test_what_was_swapped_is_new_wherever_the_page_names_it_later(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("a.svg", IMAGE.format(1))
    plain_site.save("a.css", "p { order: 1 }")
    sheet = "<link rel=stylesheet href=a.css>"
    plain_site.page("index.html", "<p>one</p><img src=a.svg>", sheet)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    # As long as one image has a file, browsers remember it for others.
    page.evaluate("() => { window.kept = new Image(); kept.src = 'a.svg' }")
    holds(page, "kept.complete")
    mark(page)
    plain_site.save("a.svg", IMAGE.format(2))
    plain_site.save("a.css", "p { order: 2 }")
    talk.update(1, "image", "a.svg")
    assert talk.hear("applied")["did"] == "image"
    talk.update(2, "css", "a.css")
    assert talk.hear("applied")["did"] == "css"
    plain_site.page(
        "index.html",
        f"<img src=a.svg title=new><p>one</p><div><img src=a.svg id=more></div><i>{sheet}</i>",
    )
    talk.update(3, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    holds(page, widths(2, 2))
    shows(page, "p", "order", "2")
    # What comes with the next one, too.
    plain_site.page("index.html", "<img src=a.svg title=new><p>one</p><b><img src=a.svg></b>", sheet)
    talk.update(4, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    holds(page, widths(2, 2))
    shows(page, "p", "order", "2")
    assert is_marked(page)


@pytest.mark.every_engine
def test_what_was_swapped_and_saved_again_unused_is_new(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("a.svg", IMAGE.format(1))
    plain_site.page("index.html", "<p>one</p><img src=a.svg>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.save("a.svg", IMAGE.format(2))
    talk.update(1, "image", "a.svg")
    assert talk.hear("applied")["did"] == "image"
    for seq, image in enumerate(("", "<img src=a.svg>"), 2):
        plain_site.page("index.html", f"<p>one</p>{image}")
        talk.update(seq, "reload", "index.html")
        assert talk.hear("applied")["did"] == "in-place"
        plain_site.save("a.svg", IMAGE.format(3))
    holds(page, widths(3))
    assert is_marked(page)


def test_a_sheet_in_a_document_with_nonces_gets_its_nonce(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    style = "<style nonce={}>{}</style>"
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-1'"
    plain_site.page("index.html", f"<p>one</p>{style.format(1, 'p { order: 1 }')}")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.headers["Content-Security-Policy"] = "style-src 'nonce-2'"
    added = f"{style.format(2, 'p { order: 1 }')}<div>{style.format(2, 'p { flex-grow: 3 }')}</div>"
    plain_site.page("index.html", f"<p>one</p>{added}")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    shows(page, "p", "flex-grow", "3")
    assert is_marked(page)


@pytest.mark.not_in("webkit", "it keeps no cache in automation")
@pytest.mark.parametrize("asks", ["fetch('data.json')", "fetch('part.html')"])
def test_what_a_script_has_fetched_reloads_the_page_when_it_is_saved(
    context: BrowserContext, plain_site: Site, always: Scripted, asks: str
) -> None:
    plain_site.tag = f'<script src="{always.url}" async data-id="1"></script>'
    for file in ("data.json", "part.html"):
        plain_site.save(file, "1")
    script = f"<script>{asks}.then((response) => response.text()).then((text) => made.append(text))</script>"
    plain_site.page("index.html", f"<p id=made></p>{script}")
    page, talk = visit(context, plain_site, always)
    knows_its_text(page)
    holds(page, "made.textContent === '1'")
    mark(page)
    talk.update(1, "reload", "other.json")
    assert talk.hear("applied")["did"] == "same"
    talk.update(2, "reload", asks.split("'")[1])
    reloaded(page)


@pytest.mark.not_in("webkit", "it never has loaded a page with such an object")
def test_a_file_that_an_object_shows_reloads_the_page(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("a.pdf", "%PDF-1.4")
    plain_site.page("index.html", "<object data=a.pdf type=application/pdf></object>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    holds(page, "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('a.pdf'))")
    talk.update(1, "reload", "a.pdf")
    reloaded(page)


@pytest.mark.every_engine
def test_a_frame_that_shows_another_page_is_no_step_of_the_history(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    for name in ("start", "a", "b"):
        plain_site.save(f"{name}.html", f"<p>{name}")
    page = context.new_page()
    page.goto(f"{plain_site.url}/start.html")
    plain_site.page("index.html", "<iframe src=a.html></iframe>")
    page.goto(f"{plain_site.url}/index.html")
    talk = staying.next()
    knows_itself(page)
    holds(page, "Symbol.for('loc-dev') in frames[0]")
    length = page.evaluate("() => history.length")
    plain_site.page("index.html", "<iframe src=b.html></iframe>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    holds(page, "frames[0].document.querySelector('p')?.textContent === 'b'")
    assert page.evaluate("() => history.length") == length


@pytest.mark.not_in("webkit", "it plays nothing without a gesture")
def test_media_play_what_their_sources_are_now(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    body = "<video><source src={}>{}</video>"
    plain_site.page("index.html", body.format("a.wav", ""))
    for name in ("a.wav", "b.wav"):
        plain_site.save(name, WAVE)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    current = "document.querySelector('video').currentSrc.replace(/.*\\//, '')"
    holds(page, f"{current} === 'a.wav' && document.querySelector('video').readyState > 0")
    page.evaluate("() => { window.begun = 0; document.querySelector('video').onloadstart = () => begun++ }")
    for seq, (first, more, begun) in enumerate((("a.wav", "<source src=c.wav>", 0), ("b.wav", "", 1)), 1):
        plain_site.page("index.html", body.format(first, more))
        talk.update(seq, "reload", "index.html")
        assert talk.hear("applied")["did"] == "in-place"
        holds(page, f"{current} === '{first}'")
        assert page.evaluate("() => begun") == begun


WAVE = (
    b"RIFF" + (36 + 800).to_bytes(4, "little") + b"WAVEfmt " + bytes([16, 0, 0, 0, 1, 0, 1, 0])
    + (8000).to_bytes(4, "little") + (8000).to_bytes(4, "little") + bytes([1, 0, 8, 0])
    + b"data" + (800).to_bytes(4, "little") + bytes([128]) * 800
)  # fmt: skip
