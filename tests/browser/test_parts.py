"""The parts of the client: they are there before they are needed, and no reload is lost without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route

from tests.support.page_marks import is_marked, mark, reloaded, shows
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Scripted
from tests.support.waiting import until
from tests.support.web_servers import Site

PARTS = "**/_loc/*.js"


def fail(route: Route) -> None:
    route.abort()


def hang(route: Route) -> None:
    """Answer nothing."""


def save_styles(site: Site, order: int) -> None:
    site.save("site.css", f"p {{ order: {order} }}")


@pytest.fixture
def styled(plain_site: Site) -> Site:
    save_styles(plain_site, 1)
    plain_site.page("index.html", "<p>one", "<link rel=stylesheet href=site.css>")
    return plain_site


@pytest.mark.not_in("webkit", "WebDriver holds up no requests")
def test_an_idle_page_gets_the_parts_and_needs_no_server_for_them(
    context: BrowserContext, styled: Site, server: Scripted
) -> None:
    came: list[str] = []
    context.on("requestfinished", lambda request: came.append(request.url))
    page, talk = visit(context, styled, server)
    needed = [f"{server.url}/_loc/{name}.js" for name in ("apply", "keep")]

    def all_came() -> bool:
        page.wait_for_timeout(50)
        return {*needed} <= {*came}

    until(all_came, "the parts were not fetched")
    context.route(PARTS, fail)
    mark(page)
    save_styles(styled, 2)
    talk.update(1, "css", "site.css")
    shows(page, "p", "order", "2")
    assert is_marked(page)
    assert [came.count(url) for url in needed] == [1, 1]


@pytest.mark.parametrize("answer", [fail, hang])
@pytest.mark.not_in("webkit", "WebDriver holds up no requests")
def test_a_reload_is_not_lost_without_the_parts(
    context: BrowserContext, styled: Site, server: Scripted, answer: Callable[[Route], None]
) -> None:
    context.route(PARTS, answer)
    page, talk = visit(context, styled, server)
    mark(page)
    save_styles(styled, 2)
    talk.update(1, "css", "site.css")
    reloaded(page)
    shows(page, "p", "order", "2")
    again = server.next()
    assert (again.introduction["run"], again.introduction["seq"]) == ("first", 1)
    assert again.hear("applied") == {"type": "applied", "seq": 1, "did": "reload", "why": ""}


@pytest.mark.not_in("webkit", "WebDriver holds up no requests")
def test_a_part_that_failed_is_asked_for_again(
    context: BrowserContext, styled: Site, server: Scripted
) -> None:
    failed: list[str] = []
    context.on("requestfailed", lambda request: failed.append(request.url))
    context.route(PARTS, fail)
    page, talk = visit(context, styled, server)
    until(lambda: page.wait_for_timeout(50) or bool(failed), "no part was asked for")
    context.unroute(PARTS)
    mark(page)
    save_styles(styled, 2)
    talk.update(1, "css", "site.css")
    shows(page, "p", "order", "2")
    assert is_marked(page)
    assert talk.hear("applied")["did"] == "css"
