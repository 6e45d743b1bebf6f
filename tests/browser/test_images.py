"""Images are swapped in place wherever they show, with no flash."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open, applied, joined
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded
from tests.support.scripted_pages import warnings
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def picture(width: int) -> str:
    """An image that its width tells apart."""
    size = f'width="{width}" height="10" viewBox="0 0 {width} 10"'
    dot = f'<symbol id="dot"><rect width="{width}" height="5"/></symbol>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{dot}<rect width="{width}" height="10"/></svg>'


MARKUP = {
    "src": '<img id=it src="a.svg">',
    "src with a query": '<img id=it src="a.svg?v=1">',
    "srcset": '<img id=it srcset="big-a.svg 3x, a.svg 1x, aa.svg 2x" src="aa.svg">',
    "picture": '<picture><source srcset="a.svg" media="all"><img id=it src="aa.svg"></picture>',
    "cors": '<img id=it src="a.svg" crossorigin>',
    "input": '<input type=image id=it src="a.svg">',
    "lazy": '<img id=it src="a.svg" loading=lazy>',
}


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP)
def test_an_image_element_shows_the_new_image(site: Site, open_page: Open, markup: str) -> None:
    for name in ("aa.svg", "big-a.svg"):
        site.save(name, picture(99))
    site.save("a.svg", picture(11))
    site.page("index.html", markup)
    page = open_page()
    holds(page, "(it.naturalWidth ?? it.width) === 11 || it.width === 11")
    mark(page)
    site.save("a.svg", picture(12))
    holds(page, "it.width === 12")
    assert is_marked(page)


STYLES = {
    "background": "div { background: no-repeat url(img/a.svg), url('img/b.svg') !important }",
    "nested": "@media all { @supports (color: red) { body { & div { background-image: url(img/a.svg) } } } }",
    "property": "div { --image: url('img/a.svg'); background-image: var(--image) }",
    "image-set": "div { background-image: image-set('img/a.svg' 1x, 'img/b.svg' 2x) }",
    "content": "div::before { content: url(img/a.svg) }",
    "imported": "@import 'styles/more.css';",
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_an_image_in_a_style_sheet_is_the_new_one(
    site: Site, dev: LocDev, open_page: Open, style: str
) -> None:
    for name in ("img/a.svg", "img/b.svg", "styles/img/a.svg"):
        site.save(name, picture(11))
    site.save("styles/more.css", "div { background-image: url('img/a.svg') }")
    site.save("site.css", style)
    site.page("index.html", "<div>box</div>", '<link rel="stylesheet" href="site.css">')
    page = open_page()
    holds(page, "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/a.svg'))")
    mark(page)
    path = "styles/img/a.svg" if "@import" in style else "img/a.svg"
    site.save(path, picture(12))
    applied(dev, path, "image", "/index.html")
    assert is_marked(page)
    styles = page.evaluate(
        "() => { const { backgroundImage } = getComputedStyle(document.querySelector('div'));"
        " return backgroundImage + getComputedStyle(document.querySelector('div'), '::before').content }"
    )
    assert f"/{path}?_loc=" in styles
    assert "b.svg?_loc" not in styles
    assert all(
        url.startswith(f"{site.url}/")
        for url in page.evaluate(
            '(text) => [...text.matchAll(/url\\("(.*?)"/g)].map(([, url]) => url)', styles
        )
    )


def test_inline_styles_icons_and_pictures_in_svg_are_swapped(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("a.svg", picture(11))
    site.page(
        "index.html",
        '<div id=box style="background-image: url(a.svg)">box</div>'
        '<svg width=50 height=50><image id=it href="a.svg"/><use id=used href="a.svg#dot"/></svg>',
        '<link rel="icon" href="a.svg">',
    )
    page = open_page()
    mark(page)
    site.save("a.svg", picture(12))
    applied(dev, "a.svg", "image", "/index.html")
    assert is_marked(page)
    assert "a.svg?_loc=" in page.evaluate("() => box.style.backgroundImage")
    assert "a.svg?_loc=" in page.evaluate("() => it.href.baseVal")
    assert page.evaluate("() => used.href.baseVal").endswith("#dot")
    assert "a.svg?_loc=" in page.evaluate("() => document.querySelector('link').href")
    holds(page, "used.getBBox().width === 12")


def test_images_in_shadow_roots_and_frames_of_the_origin_are_swapped(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("a.svg", picture(11))
    site.save("frame.html", "<!doctype html><img id=it src=a.svg>")
    site.page(
        "index.html",
        "<div id=host><template shadowrootmode=open><img src=a.svg></template></div>"
        "<iframe src=frame.html></iframe>",
    )
    page = open_page()
    dev.wait_for("client", lambda event: event["page"] == "/frame.html")
    mark(page)
    site.save("a.svg", picture(12))
    holds(page, "host.shadowRoot.querySelector('img').width === 12 && frames[0].it.width === 12")
    assert is_marked(page)


def test_an_image_is_loaded_before_it_is_shown(site: Site, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.page("index.html", "<img id=it src=a.svg>")
    page = open_page()
    holds(page, "it.width === 11")
    page.evaluate(
        """() => {
          window.widths = new Set();
          const look = () => {
            widths.add(it.width);
            widths.add(it.naturalWidth);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    site.save("a.svg", picture(12))
    holds(page, "it.width === 12")
    assert set(page.evaluate("() => [...widths]")) <= {11, 12}


def test_an_image_that_a_script_fetched_reloads_the_page(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.page(
        "index.html", "<script>fetch('a.svg').then(async (r) => { window.text = await r.text() })</script>"
    )
    page = open_page()
    holds(page, "window.text?.includes('width=\"11\"')")
    mark(page)
    site.save("a.svg", picture(12))
    holds(page, "window.text?.includes('width=\"12\"')")
    applied(dev, "a.svg", "reload")


def test_a_page_without_the_image_stays(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.page("index.html", "<img id=it src=a.svg>")
    site.page("second.html", "<p>no image")
    first, second = open_page(), open_page("second.html")
    mark(second)
    site.save("a.svg", picture(12))
    holds(first, "it.width === 12")
    applied(dev, "a.svg", "nothing", "/second.html")
    assert is_marked(second)


def test_a_new_sheet_does_not_bring_the_old_image_back(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.save("site.css", "div::before { content: url(a.svg); display: inline-block } p { order: 1 }")
    site.page("index.html", "<div></div><p>one", '<link rel="stylesheet" href="site.css">')
    page = open_page()
    holds(page, "getComputedStyle(document.querySelector('div'), '::before').width === '11px'")
    site.save("a.svg", picture(12))
    holds(page, "getComputedStyle(document.querySelector('div'), '::before').width === '12px'")
    site.save("site.css", "div::before { content: url(a.svg); display: inline-block } p { order: 2 }")
    holds(page, "getComputedStyle(document.querySelector('p')).order === '2'")
    holds(page, "getComputedStyle(document.querySelector('div'), '::before').width === '12px'")


def test_an_image_that_was_missing_appears(site: Site, open_page: Open) -> None:
    site.page("index.html", "<img id=it src=a.svg>")
    page = open_page()
    mark(page)
    site.save("a.svg", picture(12))
    holds(page, "it.naturalWidth === 12")
    assert is_marked(page)


def test_an_embedded_image_reloads_the_page(site: Site, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.page("index.html", "<object data=a.svg></object>")
    page = open_page()
    mark(page)
    site.save("a.svg", picture(12))
    reloaded(page)
    holds(
        page,
        "document.querySelector('object').contentDocument?.documentElement?.getAttribute('width') === '12'",
    )


EMBEDDED = {
    "object": "<object id=other data=a.svg></object>",
    "embed": "<embed id=other src=a.svg>",
    "iframe": "<iframe id=other src=a.svg></iframe>",
}


@pytest.mark.parametrize("markup", EMBEDDED.values(), ids=EMBEDDED)
def test_an_image_that_is_embedded_too_reloads_the_page(
    site: Site, dev: LocDev, open_page: Open, markup: str
) -> None:
    site.save("a.svg", picture(11))
    site.page("index.html", f"<img id=it src=a.svg>{markup}")
    page = open_page()
    holds(page, "it.width === 11 && other.getSVGDocument()?.documentElement?.getAttribute('width') === '11'")
    mark(page)
    site.save("a.svg", picture(12))
    reloaded(page)
    holds(page, "it.width === 12 && other.getSVGDocument()?.documentElement?.getAttribute('width') === '12'")
    applied(dev, "a.svg", "reload", "/index.html")
    assert dev.count("applied") == 1


@pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
def test_an_embedded_drawing_gets_no_client(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("a.svg", picture(11))
    site.save("frame.html", "<!doctype html><p>a frame")
    site.page(
        "index.html",
        "<object data=a.svg onload=\"frame.src = 'frame.html'\"></object><iframe id=frame></iframe>",
    )
    page = open_page()
    joined(dev, "/frame.html")
    said = warnings(page)
    since = dev.mark()
    page.reload()
    joined(dev, "/frame.html", since)  # which is given its client after the drawing would be
    assert page.evaluate("() => document.querySelector('object').contentDocument.scripts.length") == 0
    assert not said
