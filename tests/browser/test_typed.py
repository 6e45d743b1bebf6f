"""What the user typed is put back, also into what scripts render late; never over what they type then."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.support.page_marks import OWN_SCRIPT, holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

FORM = (
    "<form action=/sent.html><input id=name><input id=check type=checkbox><select id=choice></select></form>"
)
RESET = "document.querySelector('#name').value = 'reset by a script'; window.reset = true"
OPTIONS = "choice.innerHTML = '<option>one<option>two'"


def later(script: str) -> str:
    """A script that runs some time after the page has loaded."""
    return f"<script>addEventListener('load', () => setTimeout(() => {{ {script} }}, 500))</script>"


def typed_into(page: Page) -> None:
    page.locator("#name").press_sequentially("typed")
    page.check("#check")
    holds(page, "choice.options.length === 2")
    page.select_option("#choice", "two")
    mark(page)


def test_fields_and_options_that_a_script_adds_later_have_what_the_user_typed(
    site: Site, open_page: Open
) -> None:
    site.page("index.html", f"{FORM}<script>{OPTIONS}</script>")
    page = open_page()
    typed_into(page)
    site.page(
        "index.html",
        f"<div id=root></div>{later(f'root.innerHTML = `{FORM}`; setTimeout(() => {OPTIONS}, 200)')}",
    )
    reloaded(page)
    holds(
        page, "document.querySelector('#name')?.value === 'typed' && check.checked && choice.value === 'two'"
    )


def test_a_field_that_a_script_resets_has_what_the_user_typed(site: Site, open_page: Open) -> None:
    site.page("index.html", f"{FORM}<script>{OPTIONS}</script>")
    page = open_page()
    typed_into(page)
    site.page(
        "index.html",
        f"{FORM}<script>{OPTIONS}</script>{later(RESET)}",
    )
    reloaded(page)
    holds(page, "window.reset && document.querySelector('#name').value === 'typed'")


def test_what_the_user_types_meanwhile_stays(site: Site, open_page: Open) -> None:
    site.page("index.html", FORM, OWN_SCRIPT)
    page = open_page()
    page.locator("#name").press_sequentially("typed")
    mark(page)
    site.page("index.html", f"<p>new</p>{FORM}", OWN_SCRIPT)
    reloaded(page)
    holds(page, "document.querySelector('#name').value === 'typed'")
    page.locator("#name").press_sequentially(" more")
    holds(page, "document.querySelector('#name').value.includes('more')")
    value = page.evaluate("() => document.querySelector('#name').value")
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('#name').value") == value


def test_an_ordinary_page_does_not_act_on_what_is_put_back(site: Site, open_page: Open) -> None:
    heard = (
        "<script>heard = []; for (const type of ['click', 'input', 'change', 'submit'])"
        " addEventListener(type, (event) => heard.push(`${type} ${event.target.id}`))</script>"
    )
    site.page("index.html", f"{heard}{FORM}<script>{OPTIONS}</script>")
    page = open_page()
    typed_into(page)
    acting = FORM.replace("<select", "<select onchange=form.submit()").replace(
        "<input", "<input onchange=form.submit()"
    )
    site.page("index.html", f"{heard}{acting}<script>{OPTIONS}</script>")
    reloaded(page)
    holds(
        page, "document.querySelector('#name').value === 'typed' && check.checked && choice.value === 'two'"
    )
    page.wait_for_timeout(500)
    assert page.evaluate("() => heard") == ["input name", "input check", "input choice"]
    assert not site.count("/sent.html")
