"""``loc-dev`` without a command: what it runs in a folder, what it asks, and its errors."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.backends import FLASK, PAGE
from tests.support.bare_command import announced, bare, fetch, save, updated

FASTAPI = """
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.get("/", response_class=HTMLResponse)
def page():
    return "<!doctype html><h1>one</h1>"
"""


def test_pages(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><h1>one</h1>")
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        wanted = "loc-dev: found index.html, running: loc-dev serve . --port=0 --json"
        assert announced(dev) == wanted
        assert "/_loc/reload.js" in fetch(dev.url)
        save(tmp_path / "index.html", "one", "two")
        assert updated(page) == ["index.html"]
        assert "two" in fetch(dev.url)


def test_flask(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FLASK)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text(PAGE)
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        line = re.search(
            r"proxy http://localhost:(\d+) --restart '\*.py' --port=0 --json "
            r"-- (\S+) -m flask --app app:app run --debug --no-reload --port (\d+)$",
            announced(dev),
        )
        assert line
        assert line[1] == line[3]
        first = fetch(dev.url)
        assert "version 1" in first
        assert "/_loc/reload.js" in first
        save(tmp_path / "templates/page.html", "one", "two")
        assert updated(page) == ["templates/page.html"]
        assert "two" in fetch(dev.url)
        save(tmp_path / "app.py", "VERSION = 1", "VERSION = 2")
        assert updated(page) == ["app.py"]
        assert "version 2" in fetch(dev.url)


def test_fastapi(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FASTAPI)
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        assert "-m uvicorn main:app --port" in announced(dev)
        assert "/_loc/reload.js" in fetch(dev.url)
        save(tmp_path / "main.py", "one", "two")
        assert updated(page) == ["main.py"]
        assert "two" in fetch(dev.url)


def test_fastapi_after_a_save_that_it_cannot_import(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FASTAPI)
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        assert "one" in fetch(dev.url)
        save(tmp_path / "main.py", "def page():", "def page(:")
        problem = dev.wait_for("problem", lambda event: event["title"].startswith("main.py: "))
        assert "SyntaxError" in problem["detail"]
        (tmp_path / "main.py").write_text(FASTAPI.replace("one", "two"))
        assert updated(page) == ["main.py"]
        assert "two" in fetch(dev.url)


def test_django(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "django", "startproject", "shop", "."], cwd=tmp_path, check=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text("<!doctype html><h1>one</h1>{{ pid }}")
    with (tmp_path / "shop/settings.py").open("a") as settings:
        settings.write('TEMPLATES[0]["DIRS"] = ["templates"]\n')
    (tmp_path / "shop/urls.py").write_text(
        "import os\n\nfrom django.shortcuts import render\nfrom django.urls import path\n\n"
        'urlpatterns = [path("", lambda request: render(request, "page.html", {"pid": os.getpid()}))]\n'
    )
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        assert "manage.py runserver" in announced(dev)
        first = fetch(dev.url)
        assert "one" in first
        for old, new in (("one", "two"), ("two", "three")):
            save(tmp_path / "templates/page.html", old, new)
            assert updated(page) == ["templates/page.html"]
            assert _body(fetch(dev.url)) == _body(first).replace("one", new)  # of the same process
        save(tmp_path / "shop/urls.py", '"pid": os.getpid()', '"pid": "a new view"')
        assert updated(page) == ["shop/urls.py"]
        assert "a new view" in fetch(dev.url)


def _body(page: str) -> str:
    return page[page.index("<h1>") :]


@pytest.mark.skipif(not shutil.which("php"), reason="no PHP is here")
def test_php(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/index.php").write_text("<!doctype html><h1><?= 'o' . 'ne' ?></h1>")
    (tmp_path / "composer.json").write_text("{}")
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        assert announced(dev).endswith(" -t public")
        assert "one" in fetch(dev.url)
        save(tmp_path / "public/index.php", "'ne'", "'nce'")
        assert updated(page) == ["public/index.php"]
        assert "once" in fetch(dev.url)
