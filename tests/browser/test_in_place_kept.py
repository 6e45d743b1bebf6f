"""What goes on in a page goes on where the page is shown in place."""

from __future__ import annotations

import wave

import pytest
from playwright.sync_api import BrowserContext

from tests.support.page_marks import holds
from tests.support.scripted_pages import knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

RATE = 8_000


@pytest.mark.every_engine
@pytest.mark.not_in("webkit", "it plays nothing without a gesture")
@pytest.mark.parametrize("media", ["audio", "video"])
def test_what_plays_plays_on(
    context: BrowserContext, plain_site: Site, staying: Scripted, media: str
) -> None:
    with wave.open(str(plain_site.folder / "long.wav"), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(RATE)
        recording.writeframes(bytes([128]) * 60 * RATE)
    body = f"<h1>{{}}</h1>{{}}<{media} src=long.wav muted loop class={{}}></{media}>"
    plain_site.page("index.html", body.format("one", "", "a"))
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(
        f"() => {{ window.shown = document.querySelector('{media}'); window.begun = 0;"
        " shown.addEventListener('loadstart', () => begun++); return shown.play() }"
    )
    holds(page, "shown.currentTime > 0.2")
    plain_site.page("index.html", body.format("two", "<p>more</p>", "b"))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    at = page.evaluate("() => shown.currentTime")
    holds(page, f"shown.currentTime > {at}")
    assert page.evaluate(
        f"() => [shown === document.querySelector('{media}.b'), shown.paused, begun, shown.currentTime > 0.2]"
    ) == [True, False, 0, True]


@pytest.mark.every_engine
def test_the_place_in_boxes_and_of_the_page_stays_where_much_comes_before_it(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    rows = "".join(f"<li>row {number}</li>" for number in range(200))
    body = "<h1>{}</h1><ol style='height: 90px; overflow: auto'>{}</ol><div style='height: 5000px'>d</div>"
    plain_site.page("index.html", body.format("one", rows))
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate("() => { document.querySelector('ol').scrollTop = 900; scrollTo(0, 2000) }")
    plain_site.page("index.html", body.format("two", rows.replace("row 150<", "row 150 changed<")))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => [document.querySelector('ol').scrollTop, scrollY]") == [900, 2000]


@pytest.mark.every_engine
def test_typing_in_editable_text_goes_on(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    note = "<h1>{}</h1><div id=note contenteditable><p>first</p><p>second</p></div>"
    plain_site.page("index.html", note.format("one"))
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(
        "() => { note.focus(); getSelection().setBaseAndExtent(note.lastChild.firstChild, 6,"
        " note.lastChild.firstChild, 6) }"
    )
    page.keyboard.type(" half")
    plain_site.page("index.html", note.format("two"))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    page.keyboard.type(" and half")
    # Browsers type a space at an edge as one that does not break.
    assert page.evaluate("() => note.innerText.replace(/\\s+/g, ' ').trim()") == "first second half and half"


@pytest.mark.every_engine
def test_a_selection_stays_in_a_text_that_changes(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>some old words that stay</p><p>and others</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(
        "() => {"
        " const [first, last] = [...document.querySelectorAll('p')].map(({ firstChild }) => firstChild);"
        " getSelection().setBaseAndExtent(first, 9, last, 3) }"
    )
    selected = "() => `${getSelection()}`.replace(/\\s+/g, ' ')"
    assert page.evaluate(selected) == "words that stay and"
    plain_site.page("index.html", "<p>some quite new words that stay</p><p>and quite other ones</p>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate(selected) == "words that stay and"


@pytest.mark.every_engine
@pytest.mark.parametrize("opens", ["show", "showModal"])
def test_an_open_dialog_stays_open(
    context: BrowserContext, plain_site: Site, staying: Scripted, opens: str
) -> None:
    dialog = "<h1>{}</h1><dialog><button>first</button><input id=word><p>{}</p></dialog>"
    plain_site.page("index.html", dialog.format("one", "d"))
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(f"() => {{ document.querySelector('dialog').{opens}(); word.focus() }}")
    page.keyboard.type("ab")
    plain_site.page("index.html", dialog.format("two", "new d"))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    page.keyboard.type("c")
    assert page.evaluate(
        "() => { const dialog = document.querySelector('dialog');"
        " return [dialog.open, dialog.matches(':modal'), dialog.textContent, word.value] }"
    ) == [True, opens == "showModal", "firstnew d", "abc"]


@pytest.mark.every_engine
def test_typing_goes_on_in_a_field_that_moves(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    rows = [f"<li><label>row {number} <input id=row{number}></label></li>" for number in range(4)]
    plain_site.page("index.html", f"<ul>{''.join(rows)}</ul>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.focus("#row0")
    page.keyboard.type("half")
    page.evaluate("() => row0.setSelectionRange(2, 2)")
    plain_site.page("index.html", f"<ul>{''.join(rows[1:])}{rows[0]}</ul>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    page.keyboard.type("--")
    assert page.evaluate("() => [row0.value, document.activeElement.id, row0.closest('li').nextSibling]") == [
        *("ha--lf", "row0", None)
    ]
