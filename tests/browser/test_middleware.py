"""Tabs of apps whose pages bear the tag of the middleware, under the reloaders of uvicorn, Flask, Django."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.backends import CSS, DJANGO, PAGE, upstream
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.scripted_pages import knows_itself
from tests.support.uvicorn_reload import Reloading, uvicorn_reload
from tests.support.waiting import until

TABS = 10
FLASK = """
from flask import Flask
from livereload_loc.wsgi import LiveReloadMiddleware

app = Flask(__name__)
app.wsgi_app = LiveReloadMiddleware(app.wsgi_app)
app.add_url_rule("/", view_func=lambda: f"<!doctype html><title>x</title><p>{1 / 1}")
"""

# Its server listens a second after our middleware has opened the socket.
LATE = """
class Late:
    def __init__(self, get_response):
        self.get_response = get_response
        time.sleep(1)

    def __call__(self, request):
        return self.get_response(request)


settings.configure(
    MIDDLEWARE=["__main__.Late", "livereload_loc.django.LiveReloadMiddleware"],
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Reloading]:
    with uvicorn_reload(tmp_path / "app", 'watch=["."]') as app:
        yield app


def tabs(context: BrowserContext, app: Reloading, count: int) -> list[Page]:
    pages = [context.new_page() for _ in range(count)]
    for number, page in enumerate(pages):
        page.goto(f"{app.url}/{number}")
        mark(page)
    app.know(count)
    return pages


def body(page: Page, expected: str) -> None:
    holds(page, f"document.body?.textContent.includes('{expected}')")


def test_a_template_changes_the_page_in_place_and_a_style_sheet_is_swapped(
    context: BrowserContext, app: Reloading
) -> None:
    (page,) = tabs(context, app, 1)
    knows_itself(page)
    app.save("templates/page.html", "<h1>1", "<h1>saved")
    body(page, "saved")
    app.save("static/site.css", "order: 1", "order: 7")
    shows(page, "p", "order", "7")
    assert is_marked(page)


def test_a_template_reloads_the_page_where_the_app_wants_that(
    context: BrowserContext, tmp_path: Path
) -> None:
    with uvicorn_reload(tmp_path / "app", 'watch=["."], in_place="off"') as app:
        (page,) = tabs(context, app, 1)
        assert not page.evaluate("document.querySelectorAll('[data-id]').length")
        app.save("templates/page.html", "<h1>1", "<h1>saved")
        reloaded(page)
        body(page, "saved")


def test_ten_tabs_come_back_with_the_new_code_again_and_again(
    context: BrowserContext, app: Reloading
) -> None:
    pages = tabs(context, app, TABS)
    for version in (2, 3, 4):
        app.restart(version)
        for page in pages:
            page.wait_for_function(f"() => document.querySelector('p')?.textContent === '{version}'")
        app.know(TABS)


def test_code_that_is_saved_while_a_page_is_on_its_way_shows_in_it(
    context: BrowserContext, app: Reloading
) -> None:
    """The old app finishes its answer, and script and socket come from the new one."""
    for version in (2, 3):
        page = context.new_page()
        page.evaluate(f"setTimeout(() => location.href = '{app.url}/slow')")
        until((app.folder.parent / "asked").exists, "the page was not asked for")
        app.save("app.py", f"VERSION = {version - 1}", f"VERSION = {version}")
        holds(page, f"document.querySelector('p')?.textContent === '{version}'")
        page.close()
        (app.folder.parent / "asked").unlink()


@pytest.mark.not_in("firefox", "Playwright tells nothing of sockets by BiDi")
@pytest.mark.not_in("webkit", "WebDriver tells nothing of sockets")
def test_the_page_of_an_error_reloads_once_it_is_mended(context: BrowserContext, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(FLASK)
    command = ("-m", "flask", "run", "--debug", "--port", "PORT")
    with upstream(tmp_path, sys.executable, *command) as url:
        page = context.new_page()
        sent: list[object] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(url)
        until(lambda: page.wait_for_timeout(20) or sent, "it has not joined")
        for code, shown in (("1 / 0", "ZeroDivisionError"), ("2 / 1", "2.0")):
            file.write_text(FLASK.replace("1 / 1", code))
            body(page, shown)


@pytest.mark.not_in("webkit", "WebDriver tells nothing of requests")
def test_a_page_does_not_reload_before_the_app_that_restarts_is_there(
    context: BrowserContext, tmp_path: Path
) -> None:
    file = tmp_path / "app.py"
    file.write_text(f"import time\n{DJANGO.replace('settings.configure(', LATE)}")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text(PAGE)
    (tmp_path / "static").mkdir()
    (tmp_path / "static/site.css").write_text(CSS)
    with upstream(tmp_path, sys.executable, "app.py", "runserver", "PORT") as url:
        page = context.new_page()
        page.goto(url)
        body(page, "version 1")
        failed: list[str] = []
        page.on(
            "requestfailed",
            lambda request: request.is_navigation_request() and failed.append(str(request.failure)),
        )
        for old, new in ((1, 2), (2, 3)):
            file.write_text(file.read_text().replace(f"VERSION = {old}", f"VERSION = {new}"))
            body(page, f"version {new}")
        assert not failed
