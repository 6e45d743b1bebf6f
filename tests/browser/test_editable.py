"""Text that the user typed into elements with ``contenteditable`` is kept over a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.support.page_marks import OWN_SCRIPT, holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

NOTE = "<div id=note contenteditable><p class=lead>one</p><p>two <b>bold</b></p></div>"
# Whether the part that keeps what is typed is there.
KEEP = """() => {
  const entry = performance.getEntriesByType("resource").find(({ name }) => name.includes("/_loc/keep.js"));
  return entry && import(entry.name.replace(/(#.*)?$/, "#0")).then(() => true);
}"""


def type_at_end(page: Page, text: str) -> None:
    """Type with real keys after the last word of the note."""
    page.evaluate(
        "() => { note.focus(); const range = document.createRange(); range.selectNodeContents(note);"
        " range.collapse(false); getSelection().removeAllRanges(); getSelection().addRange(range) }"
    )
    page.locator("#note").press_sequentially(text)


def opened(site: Site, open_page: Open, body: str) -> Page:
    site.page("index.html", body, OWN_SCRIPT)
    page = open_page()
    page.wait_for_function(KEEP)
    return page


def typed(page: Page, part: str) -> str:
    """Wait until the note has a text, and return all of it as HTML."""
    holds(page, f"document.querySelector('#note')?.textContent.includes('{part}')")
    return str(page.evaluate("() => note.innerHTML"))


def test_text_and_its_formatting_are_kept_over_two_reloads(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, NOTE)
    type_at_end(page, "er words")
    before = typed(page, "er words")
    for heading in ("new", "newer"):
        mark(page)
        site.page("index.html", f"<h1>{heading}</h1>{NOTE}", OWN_SCRIPT)
        reloaded(page)
        assert typed(page, "er words") == before
        page.wait_for_function(KEEP)


def test_typing_goes_on_where_it_was(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, NOTE)
    type_at_end(page, "er wo")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{NOTE}", OWN_SCRIPT)
    reloaded(page)
    typed(page, "er wo")
    holds(page, "document.activeElement === note && getSelection().anchorNode?.data?.endsWith('er wo')")
    assert page.evaluate("() => getSelection().anchorOffset === getSelection().anchorNode.data.length")


def test_a_text_that_was_saved_meanwhile_is_shown_as_it_was_saved(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, NOTE)
    type_at_end(page, "er words")
    mark(page)
    site.page("index.html", NOTE.replace("one", "saved"), OWN_SCRIPT)
    reloaded(page)
    page.wait_for_timeout(300)
    assert "saved" in typed(page, "saved")
    assert "er words" not in page.evaluate("() => note.textContent")


def test_nothing_that_could_run_is_put_back(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, NOTE)
    type_at_end(page, "er words")
    page.evaluate(
        "() => { const image = document.createElement('img'); image.setAttribute('onerror', 'ran = true');"
        " image.src = 'none'; note.append(image) }"
    )
    mark(page)
    site.page("index.html", f"<h1>new</h1>{NOTE}", OWN_SCRIPT)
    reloaded(page)
    page.wait_for_timeout(300)
    assert page.evaluate("() => note.innerHTML") == NOTE[NOTE.index(">") + 1 : -len("</div>")].replace(
        "class=lead", 'class="lead"'
    )
    assert page.evaluate("() => window.ran === undefined")


def test_a_note_that_a_script_makes_later_is_filled(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, NOTE)
    type_at_end(page, "er words")
    mark(page)
    site.page(
        "index.html",
        f"<div id=root></div><script>setTimeout(() => {{ root.innerHTML = '{NOTE}' }}, 700)</script>",
    )
    reloaded(page)
    typed(page, "er words")


RICH = (
    "<div id=note contenteditable><table><tbody><tr><td>a cell</td></tr></tbody></table>"
    '<p>two <img alt="{}" src="data:,"> three</p><video></video><p>four</p></div>'
)


def test_pictures_and_tables_in_a_note_stay_where_they_are(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, RICH.format("old"))
    type_at_end(page, "teen and more")
    page.evaluate("() => getSelection().collapse(note.querySelector('td').firstChild, 6)")
    page.keyboard.type("s of it")
    before = typed(page, "a cells of it")
    assert "teen and more" in before
    mark(page)
    site.page("index.html", f"<h1>new</h1>{RICH.format('new')}", OWN_SCRIPT)
    reloaded(page)
    assert typed(page, "a cells of it") == before.replace('"old"', '"new"')


def test_a_note_whose_picture_was_taken_out_has_none(site: Site, open_page: Open) -> None:
    page = opened(site, open_page, RICH.format("old"))
    type_at_end(page, "teen and more")
    page.evaluate("() => note.querySelector('img').remove()")
    before = typed(page, "teen and more")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{RICH.format('old')}", OWN_SCRIPT)
    reloaded(page)
    assert typed(page, "teen and more") == before


def test_a_note_of_plain_text_is_kept(site: Site, open_page: Open) -> None:
    note = "<div id=note contenteditable=plaintext-only>one</div>"
    page = opened(site, open_page, note)
    type_at_end(page, "s and more")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{note}", OWN_SCRIPT)
    reloaded(page)
    assert typed(page, "ones and more") == "ones and more"
