"""A sheet that a script has enabled, disabled or limited to a medium stays so when it is swapped."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.support.page_marks import holds, is_marked, mark, shows
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

TOGGLE = "dark.disabled = true; dark.disabled = false"
ALTERNATE = '<link id=dark rel="alternate stylesheet" title=dark href=dark.css>'

# How the page has the sheet, and how its script enables it.
ENABLED = {
    "an alternate": (ALTERNATE, TOGGLE),
    "another title set": ("<link id=dark rel=stylesheet title=dark href=dark.css>", TOGGLE),
    "disabled in the page": ("<link id=dark rel=stylesheet href=dark.css disabled>", "dark.disabled = false"),
    "an alternate, disabled in the page": (
        '<link id=dark rel="alternate stylesheet" title=dark href=dark.css disabled>',
        "dark.disabled = false",
    ),
}


def style(red: int) -> str:
    return f"p {{ color: rgb({red}, 0, 0) }}"


@pytest.mark.parametrize("how", ENABLED)
def test_a_theme_that_a_script_has_enabled_stays_when_it_is_saved(
    site: Site, open_page: Open, how: str
) -> None:
    link, script = ENABLED[how]
    site.save("light.css", style(9))
    site.save("dark.css", style(1))
    site.page("index.html", "<p>one", f"<link rel=stylesheet title=light href=light.css>{link}")
    page = open_page()
    page.evaluate(f"() => {{ {script} }}")
    shows(page, "p", "color", "rgb(1, 0, 0)")
    mark(page)
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            seen.add(getComputedStyle(document.querySelector("p")).color);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    for red in (2, 3):
        site.save("dark.css", style(red))
        shows(page, "p", "color", f"rgb({red}, 0, 0)")
        holds(page, "document.querySelectorAll('link').length === 2")
    shows(page, "p", "color", "rgb(3, 0, 0)")
    assert set(page.evaluate("() => [...seen]")) <= {f"rgb({red}, 0, 0)" for red in (1, 2, 3)}
    assert is_marked(page)


@pytest.mark.not_in("chromium", "a sheet's own flag does not enable an alternate there")
@pytest.mark.not_in("webkit", "a sheet's own flag does not enable an alternate there")
def test_an_alternate_that_is_enabled_by_its_sheet_stays_so(site: Site, open_page: Open) -> None:
    site.save("light.css", style(9))
    site.save("dark.css", style(1))
    site.page("index.html", "<p>one", f"<link rel=stylesheet title=light href=light.css>{ALTERNATE}")
    page = open_page()
    holds(page, "dark.sheet")
    page.evaluate("() => { dark.sheet.disabled = false }")
    shows(page, "p", "color", "rgb(1, 0, 0)")
    site.save("dark.css", style(2))
    shows(page, "p", "color", "rgb(2, 0, 0)")
    holds(page, "document.querySelectorAll('link').length === 2")
    shows(page, "p", "color", "rgb(2, 0, 0)")


@pytest.mark.parametrize("script", ["dark.sheet.disabled = true", "dark.sheet.media.mediaText = 'print'"])
@pytest.mark.parametrize("title", ["", "title=light"])
def test_a_sheet_that_a_script_has_turned_off_stays_so(
    site: Site, open_page: Open, script: str, title: str
) -> None:
    site.save("light.css", style(9))
    site.save("dark.css", style(1))
    site.page(
        "index.html",
        "<p>one",
        f"<link rel=stylesheet href=light.css><link id=dark rel=stylesheet {title} href=dark.css>",
    )
    page = open_page()
    page.evaluate(f"() => {{ {script} }}")
    shows(page, "p", "color", "rgb(9, 0, 0)")
    mark(page)
    site.save("dark.css", style(2))
    holds(page, "document.querySelectorAll('link').length === 2 && dark.href.includes('_loc=')")
    shows(page, "p", "color", "rgb(9, 0, 0)")
    assert page.evaluate("() => [dark.sheet.disabled, dark.sheet.media.mediaText].includes(true)") == (
        "disabled" in script
    )
    assert is_marked(page)


@pytest.mark.parametrize("how", ENABLED)
def test_a_theme_that_a_script_has_enabled_stays_when_what_it_imports_is_saved(
    site: Site, open_page: Open, how: str
) -> None:
    link, script = ENABLED[how]
    site.save("light.css", style(9))
    site.save("deep.css", style(1))
    site.save("dark.css", "@import 'deep.css';")
    site.page("index.html", "<p>one", f"<link rel=stylesheet title=light href=light.css>{link}")
    page = open_page()
    page.evaluate(f"() => {{ {script} }}")
    shows(page, "p", "color", "rgb(1, 0, 0)")
    mark(page)
    for red in (2, 3):
        site.save("deep.css", style(red))
        shows(page, "p", "color", f"rgb({red}, 0, 0)")
        holds(page, "document.querySelectorAll('link').length === 2")
    assert is_marked(page)
