"""SVG and XHTML documents that ``loc-dev serve`` shows in a tab, in a frame and as an image."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import HEAD, text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
<!ENTITY what "drawing">]>
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"><text>{text} &what;</text></svg>"""
PREFIXED = """<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:text>{text} drawing</s:text></s:svg>"""
XHTML = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>
<body><p>{text} drawing<br/></p></body></html>"""


@pytest.mark.parametrize(
    ("name", "document"),
    [("a.svg", SVG), ("b.svg", PREFIXED), ("c.xhtml", XHTML)],
    ids=["svg", "prefix", "xhtml"],
)
def test_a_saved_document_reloads_itself(
    context: BrowserContext, site: Site, served: LocDev, name: str, document: str
) -> None:
    site.save(name, document.format(text="first", width=20))
    page = visit(context, served, f"/{name}")
    for version in ("second", "third"):
        mark(page)
        since = served.mark()
        site.save(name, document.format(text=version, width=20))
        reloaded(page)
        holds(page, f"document.documentElement.textContent.includes('{version} drawing')")
        applied(served, name, "reload", f"/{name}", since)


def test_a_saved_drawing_in_a_frame_reloads_alone_and_an_image_is_swapped(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    site.save("a.svg", SVG.format(text="first", width=20))
    site.save("index.html", f"{HEAD}<body><p>home<iframe src=/a.svg></iframe>")
    site.save("about/index.html", f"{HEAD}<body><p>about<img src=/a.svg>")
    home, about = (visit(context, served, path) for path in ("/", "/about/"))
    holds(home, "Symbol.for('loc-dev') in frames[0]")
    since = served.mark()
    site.save("a.svg", SVG.format(text="second", width=30))
    holds(home, "frames[0].document.documentElement?.textContent.includes('second drawing')")
    holds(about, "document.querySelector('img').naturalWidth === 30")
    applied(served, "a.svg", "reload", "/a.svg", since)
    applied(served, "a.svg", "nothing", "/", since)
    assert is_marked(home)
    assert is_marked(about)
    text(home, "home")


XHTML_FORM = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml">
<head><title>x</title><link rel="stylesheet" href="/site.css"/></head>
<body><p>{}</p><input id="name"/></body></html>"""


def test_xhtml_is_swapped_and_filled_like_html(context: BrowserContext, site: Site, served: LocDev) -> None:
    site.save("form.xhtml", XHTML_FORM.format("first"))
    page = visit(context, served, "/form.xhtml")
    for order in ("2", "3"):
        site.save("site.css", f"p {{ order: {order} }}")
        shows(page, "p", "order", order)
    assert is_marked(page)
    page.fill("#name", "typed")
    site.save("form.xhtml", XHTML_FORM.format("second"))
    reloaded(page)
    text(page, "second")
    holds(page, "document.querySelector('#name').value === 'typed'")


SHEETS = ["<?xml-stylesheet href='/site.css'?>{}", "{}<style>@import '/site.css';</style>"]


@pytest.mark.parametrize("sheet", SHEETS, ids=["instruction", "import"])
def test_a_drawing_shows_its_saved_sheet(
    context: BrowserContext, site: Site, served: LocDev, sheet: str
) -> None:
    site.save("site.css", "text { order: 1 }")
    start, end = '<svg xmlns="http://www.w3.org/2000/svg">', "<text>x</text></svg>"
    site.save("a.svg", f"{sheet.format(start)}{end}")
    page = visit(context, served, "/a.svg")
    shows(page, "text", "order", "1")
    for order in ("2", "3"):
        site.save("site.css", f"text {{ order: {order} }}")
        shows(page, "text", "order", order)
