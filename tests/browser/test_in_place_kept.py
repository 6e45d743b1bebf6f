"""What goes on in a page goes on where the page is shown in place."""

from __future__ import annotations

import wave

import pytest

from tests.browser.conftest import OpenKnown
from tests.support.page_marks import holds
from tests.support.web_servers import Site

RATE = 8_000


@pytest.mark.every_engine
@pytest.mark.not_in("webkit", "it plays nothing without a gesture")
def test_what_plays_plays_on(plain_site: Site, open_known: OpenKnown) -> None:
    with wave.open(str(plain_site.folder / "long.wav"), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(RATE)
        recording.writeframes(bytes([128]) * 60 * RATE)
    body = "<h1>{}</h1>{}<audio src=long.wav muted loop class={}></audio>"
    page = open_known(body.format("one", "", "a"))
    page.tab.evaluate(
        "() => { window.audio = document.querySelector('audio'); window.begun = 0;"
        " audio.addEventListener('loadstart', () => begun++); return audio.play() }"
    )
    holds(page.tab, "audio.currentTime > 0.2")
    page.changes_to(body.format("two", "<p>more</p>", "b"))
    at = page.tab.evaluate("() => audio.currentTime")
    holds(page.tab, f"audio.currentTime > {at}")
    assert page.tab.evaluate(
        "() => [audio === document.querySelector('audio.b'), audio.paused, begun, audio.currentTime > 0.2]"
    ) == [True, False, 0, True]


@pytest.mark.every_engine
def test_the_place_in_boxes_and_of_the_page_stays_where_much_comes_before_it(open_known: OpenKnown) -> None:
    rows = "".join(f"<li>row {number}</li>" for number in range(200))
    body = "<h1>{}</h1><ol style='height: 90px; overflow: auto'>{}</ol><div style='height: 5000px'>d</div>"
    page = open_known(body.format("one", rows))
    page.tab.evaluate("() => { document.querySelector('ol').scrollTop = 900; scrollTo(0, 2000) }")
    page.changes_to(body.format("two", rows.replace("row 150<", "row 150 changed<")))
    assert page.tab.evaluate("() => [document.querySelector('ol').scrollTop, scrollY]") == [900, 2000]


@pytest.mark.every_engine
def test_typing_in_editable_text_goes_on(open_known: OpenKnown) -> None:
    note = "<h1>{}</h1><div id=note contenteditable><p>first</p><p>second</p></div>"
    page = open_known(note.format("one"))
    page.tab.evaluate(
        "() => { note.focus(); getSelection().setBaseAndExtent(note.lastChild.firstChild, 6,"
        " note.lastChild.firstChild, 6) }"
    )
    page.tab.keyboard.type(" half")
    page.changes_to(note.format("two"))
    page.tab.keyboard.type(" and half")
    # Browsers type a space at an edge as one that does not break.
    assert (
        page.tab.evaluate("() => note.innerText.replace(/\\s+/g, ' ').trim()") == "first second half and half"
    )
