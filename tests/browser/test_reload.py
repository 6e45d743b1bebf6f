"""A reload shows what was saved, and keeps what the user was doing."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open, applied, joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, holds, is_marked, mark, reloaded
from tests.support.scripted_pages import knows_itself
from tests.support.waiting import until
from tests.support.web_servers import Site, http_server

pytestmark = pytest.mark.every_engine

FORM = """
<form>
  <input id=name><textarea name=text></textarea>
  <select name=choice><option>one<option>two</select>
  <select id=many multiple><option>one<option>two<option>three</select>
  <input type=checkbox name=check><input type=radio name=r value=1><input type=radio name=r value=2>
  <input id=search type=search value="as served">
  <input id=secret type=password><input id=file type=file><input id=hidden type=hidden value=served>
  <input id=code autocomplete=one-time-code><input id=card autocomplete=cc-number>
  <input id=off autocomplete=off>
</form>
<form autocomplete=off><input id=quiet></form>
"""


def test_a_changed_script_runs_with_the_modules_that_it_imports(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("more.js", "export const more = 1")
    site.save("app.js", "import { more } from './more.js'; window.shown = [1, more]")
    site.page("index.html", "<p>one", "<script type=module src=app.js></script>")
    site.page("second.html", "<p>two")
    page, second = open_page(), open_page("second.html")
    mark(second)
    site.save("more.js", "export const more = 2")
    holds(page, "String(window.shown) === '1,2'")
    # It is back by now: a save of what no open page uses would reload the other one.
    applied(dev, "more.js", "reload", "/index.html")
    applied(dev, "more.js", "nothing", "/second.html")
    site.save("app.js", "import { more } from './more.js'; window.shown = [2, more]")
    holds(page, "String(window.shown) === '2,2'")
    assert is_marked(second)


@pytest.mark.parametrize("markup", ["<script", "<script crossorigin", "<script type=module"])
def test_a_changed_script_of_another_origin_runs(
    site: Site, folder: Path, open_page: Open, markup: str
) -> None:
    with http_server(Site(folder)) as other:
        other.headers["Access-Control-Allow-Origin"] = "*"
        site.save("app.js", "window.shown = 1")
        site.page("index.html", "<p>one", f"{markup} src={other.url}/app.js></script>")
        page = open_page()
        holds(page, "window.shown === 1")
        site.save("app.js", "window.shown = 2")
        holds(page, "window.shown === 2")


def test_a_changed_font_reloads_the_pages_that_use_it(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("a.woff2", b"no font")
    site.page(
        "index.html",
        "<p>one",
        "<style>@font-face { font-family: a; src: url(a.woff2) } p { font-family: a }</style>",
    )
    site.page("second.html", "<p>two")
    page, second = open_page(), open_page("second.html")
    holds(page, "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('woff2'))")
    mark(page)
    mark(second)
    site.save("a.woff2", b"no font either")
    reloaded(page)
    applied(dev, "a.woff2", "nothing", "/second.html")
    assert is_marked(second)


def test_a_changed_page_and_a_changed_file_of_another_kind_reload_all(site: Site, open_page: Open) -> None:
    site.page("index.html", "<p>one", OWN_SCRIPT)
    site.page("second.html", "<p>two", OWN_SCRIPT)
    pages = [open_page(), open_page("second.html")]
    for path in ("second.html", "data.json"):
        for page in pages:
            mark(page)
        site.page(path, "<p>changed", OWN_SCRIPT)
        for page in pages:
            reloaded(page)
    expect(pages[1].locator("p")).to_have_text("changed")


def test_one_save_is_one_reload(site: Site, dev: LocDev, open_page: Open) -> None:
    site.page("index.html", "<p>one")
    page = open_page()
    page.evaluate("() => { sessionStorage.loads = 0 }")
    site.page("index.html", "<p>two<script>sessionStorage.loads++</script>")
    applied(dev, "index.html", "reload")
    page.wait_for_timeout(500)
    assert page.evaluate("() => sessionStorage.loads") == "1"
    assert dev.count("applied") == 1


def test_a_page_saved_twice_within_a_second_is_the_newest(site: Site, open_page: Open) -> None:
    site.page("index.html", "<p>old")
    page = open_page()
    for number in range(4):
        site.save("index.html", f"{site.tag}<p>{number}", old=False)
        expect(page.locator("p")).to_have_text(str(number))


def test_a_changed_frame_is_shown_though_the_cache_holds_the_old_one(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("frame.html", "<p id=it>one")
    site.page("index.html", "<iframe src=frame.html></iframe>")
    page = open_page()
    joined(dev, "/frame.html")
    knows_itself(page)
    mark(page)
    site.save("frame.html", "<p id=it>two")
    holds(page, "frames[0].it?.textContent === 'two'")
    assert is_marked(page)


def fill(page: Page) -> None:
    page.fill("#name", "typed")
    page.fill("[name=text]", "two\nlines")
    page.select_option("[name=choice]", "two")
    page.select_option("#many", ["one", "three"])
    page.check("[type=checkbox]")
    page.check("[value='2']")
    for secret in ("#secret", "#code", "#card", "#off", "#quiet"):
        page.fill(secret, "private")
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    page.evaluate("() => { hidden.value = 'by script' }")


VALUES = """() => Object.fromEntries([...document.querySelectorAll("input, textarea, select")].map((field) =>
  [field.id || field.name + (field.type === "radio" ? field.value : ""),
   field.multiple ? [...field.selectedOptions].map(({ value }) => value) :
   /checkbox|radio/.test(field.type) ? field.checked : field.value]))"""


def test_typed_values_are_kept_and_secrets_are_not(site: Site, open_page: Open) -> None:
    site.page("index.html", FORM, OWN_SCRIPT)
    page = open_page()
    fill(page)
    mark(page)
    site.page("index.html", f"<h1>new</h1>{FORM.replace('as served', 'served anew')}", OWN_SCRIPT)
    reloaded(page)
    holds(page, "document.querySelector('#name').value === 'typed'")
    assert page.evaluate(VALUES) == {
        "name": "typed",
        "text": "two\nlines",
        "choice": "two",
        "many": ["one", "three"],
        "check": True,
        "r1": False,
        "r2": True,
        "search": "served anew",
        "secret": "",
        "file": "",
        "hidden": "served",
        "code": "",
        "card": "",
        "off": "",
        "quiet": "",
    }
    assert "private" not in page.evaluate("() => JSON.stringify(sessionStorage)")


def test_values_survive_a_second_reload(site: Site, open_page: Open) -> None:
    site.page("index.html", FORM, OWN_SCRIPT)
    page = open_page()
    page.fill("#name", "typed")
    for _ in range(2):
        mark(page)
        site.page("index.html", FORM, OWN_SCRIPT)
        reloaded(page)
        holds(page, "document.querySelector('#name').value === 'typed'")


def test_focus_selection_and_scroll_positions_are_kept(site: Site, open_page: Open) -> None:
    body = (
        "<input autofocus>"
        "<div id=box style='height: 50px; overflow: auto'><div style='height: 900px'></div></div>"
        "<div style='height: 3000px'></div><input id=name>"
    )
    site.page("index.html", body, OWN_SCRIPT)
    page = open_page()
    page.fill("#name", "some text")
    page.evaluate(
        "() => { document.querySelector('#name').setSelectionRange(2, 5);"
        " box.scrollTop = 300; scrollTo(0, 1200) }"
    )
    mark(page)
    site.page("index.html", body, OWN_SCRIPT)
    reloaded(page)
    holds(page, "scrollY === 1200 && box.scrollTop === 300")
    holds(page, "document.activeElement.id === 'name'")
    assert page.evaluate(
        "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    ) == [2, 5]


def test_a_save_while_the_server_makes_the_page_is_shown(site: Site, dev: LocDev, open_page: Open) -> None:
    site.page("index.html", "<p>one")
    site.page("slow.html", "<p>one", OWN_SCRIPT)
    page = open_page()
    gate = site.gates["/slow.html"] = threading.Event()
    page.evaluate("() => setTimeout(() => location.href = 'slow.html')")
    asked(site, "/slow.html", 1)
    site.save("site.txt", "saved meanwhile")
    page.wait_for_timeout(300)
    gate.set()
    page.wait_for_url("**/slow.html")
    expect(page.locator("p")).to_have_text("one")
    # Not before that reload is over: Chromium is not to be closed amid it.
    applied(dev, "site.txt", "reload", "/slow.html")
    assert site.count("/slow.html") > 1


def asked(site: Site, path: str, times: int) -> None:
    """Wait until the server was asked for ``path`` so often."""
    until(lambda: site.count(path) >= times, f"{path} was not asked for {times} times")
