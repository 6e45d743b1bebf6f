"""The Django middleware under runserver and under ASGI, over a real project."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import WebSocketException

from tests.support.backends import PAGE, upstream
from tests.support.middleware_pages import returned, tab, told, wait
from tests.support.waiting import DEADLINE

PROJECT = """
import asyncio
import os
import sys

from django.conf import settings

settings.configure(
    DEBUG=DEBUG_VALUE,
    SECRET_KEY="x",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    BASE_DIR=os.path.dirname(os.path.abspath(__file__)),
    INSTALLED_APPS=["django.contrib.staticfiles"],
    MIDDLEWARE=[
        "livereload_loc.django.LiveReloadMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    STATIC_URL="static/",
    STATICFILES_DIRS=["static"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["templates"]}],
)

import django

django.setup()

from django.core.asgi import get_asgi_application
from django.core.management import execute_from_command_line
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import path

VERSION = 1


def page(request):
    return HttpResponse(render_to_string("page.html", {"version": VERSION}))


def data(request):
    return JsonResponse({"page": "<head>" * 100})


def stream(request):
    return StreamingHttpResponse(iter(["<!doctype html><head>", "<title>x</title>", "<p>" * 200]))


async def later(request):
    async def pieces():
        for piece in ["<!doctype html><head>", "<title>x</title>", "<p>" * 200]:
            await asyncio.sleep(0.01)
            yield piece
    return StreamingHttpResponse(pieces())


def file(request):
    return FileResponse(open("templates/page.html", "rb"), content_type="text/html")


views = {"": page, "data": data, "stream": stream, "later": later, "file": file}
urlpatterns = [path(where, view) for where, view in views.items()]
application = get_asgi_application()
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""
TAG = '<script src="/_loc/reload.js" async data-server="http://localhost:'
COMMANDS = {
    "runserver": (sys.executable, "project.py", "runserver", "PORT"),
    "asgi": (sys.executable, "-m", "uvicorn", "project:application", "--reload", "--port", "PORT"),
}


@contextmanager
def django(folder: Path, kind: str, *, debug: bool = True) -> Iterator[str]:
    """A project with the middleware, served in one way or the other; its URL."""
    for name in ("templates", "static"):
        (folder / name).mkdir(parents=True)
    (folder / "project.py").write_text(PROJECT.replace("DEBUG_VALUE", str(debug)))
    (folder / "templates/page.html").write_text(PAGE)
    (folder / "static/site.css").write_text("p { order: 1 }")
    with upstream(folder, *COMMANDS[kind]) as url:
        wait(url, "version 1")
        yield url


def get(url: str, **headers: str) -> httpx2.Response:
    sent = {"Accept": "text/html", "Accept-Encoding": "gzip", **headers}
    return httpx2.get(url, headers=sent, timeout=DEADLINE)


@pytest.mark.parametrize("kind", COMMANDS)
def test_templates_sheets_and_code(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "project"
    with django(folder, kind) as url:
        page = wait(url, TAG)
        with tab(page, url) as connection:
            hello = told(connection)
            for word in ("two", "three"):
                (folder / "templates/page.html").write_text(PAGE.replace("one", word))
                assert told(connection)["paths"] == ["page.html"]
                assert f"<h1>{word}" in get(url).text, "an old template is shown"
            (folder / "static/site.css").write_text("p { order: 2 }")
            update = told(connection)
            assert (update["action"], update["paths"]) == ("css", ["site.css"])
            code = (folder / "project.py").read_text()
            (folder / "project.py").write_text(code.replace("VERSION = 1", "VERSION = 2"))
            with pytest.raises(WebSocketException):
                told(connection)
        assert returned(page, url)["run"] != hello["run"]
        assert wait(url, "version 2")


@pytest.mark.parametrize("kind", COMMANDS)
def test_responses_of_every_kind(tmp_path: Path, kind: str) -> None:
    with django(tmp_path / "project", kind) as url:
        page = get(url)
        assert page.text.count(TAG) == 1
        assert page.headers["cache-control"] == "no-cache"
        assert "content-encoding" not in page.headers
        etag = page.headers["etag"]
        assert "-loc" in etag
        assert get(url, **{"If-None-Match": etag}).status_code == 304
        for path in ("/stream", "/later"):
            streamed = get(url + path).text
            assert streamed.startswith(f"<!doctype html><head>{TAG}")
            assert streamed.endswith("<p>" * 200)
        file = get(f"{url}/file")
        assert file.text.count(TAG) == 1
        assert int(file.headers["content-length"]) == len(file.content)
        data = get(f"{url}/data", Accept="application/json")
        assert data.headers["content-encoding"] == "gzip"
        assert "no-cache" not in str(data.headers)
        assert data.json() == {"page": "<head>" * 100}
        script = get(f"{url}/_loc/reload.js", Accept="*/*")
        assert "WebSocket" in script.text
        assert get(f"{url}/_loc/ws/reload").status_code == 404
        assert get(f"{url}/_loc/reload.js", Host="evil.example").status_code == 421


@pytest.mark.parametrize("kind", COMMANDS)
def test_without_debug_there_is_no_trace(tmp_path: Path, kind: str) -> None:
    with django(tmp_path / "project", kind, debug=False) as url:
        page = get(url)
        assert page.text.rstrip() == PAGE.replace("{{ version }}", "1").rstrip()
        assert "loc" not in page.headers["etag"]
        assert get(f"{url}/_loc/reload.js").status_code == 404
