"""The reload client as a script among the page's own."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext

from livereload_loc.web.scripts import SCRIPTS, modules, source
from tests.support.page_marks import holds
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

# These stand for what they hide, which a page may have replaced.
GENUINE = {"Promise", "Map", "Set", "URL", "fetch"}

NAMES = (
    "() => Object.getOwnPropertyNames(window).filter((name) => !name.startsWith('__pw'))"  # Playwright's own
)


def test_it_leaves_no_name_in_the_page(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    plain_site.save("without.html", "<p>one")
    plain_site.page("index.html", "<p>one")
    page = context.new_page()
    page.goto(f"{plain_site.url}/without.html")
    without = set(page.evaluate(NAMES))
    page.goto(f"{plain_site.url}/index.html")
    server.next()
    assert set(page.evaluate(NAMES)) == without


def test_its_modules_hide_no_global_of_the_browser(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    declaration = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
    files = [file for script in SCRIPTS for file in modules(script)]
    names = [name for file in files for name in declaration.findall(source(file))]
    assert "decide" in names
    plain_site.page("index.html", "<p>one")
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html")
    hidden = page.evaluate("(names) => names.filter((name) => name in window)", names)
    assert set(hidden) == GENUINE


def test_its_parts_are_no_scripts_of_the_page(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    """A page that does not use a saved script of the same name has nothing to do with it."""
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, server)
    loaded = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/_loc/keep.js'))"
    holds(page, loaded)
    talk.update(1, "reload", "scripts/keep.js")
    assert talk.hear("applied")["did"] == "nothing"
