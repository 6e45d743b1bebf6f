"""Projects of Python's web frameworks, with a template and a file of code, as ``saved_code.py`` runs them.

``CODE = 1`` stands in the code, and its number and that of the template stand in the page.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.chromium import PARAGRAPHS
from tests.benchmarks.contestants import COMMAND
from tests.support.ports import free_port

TEMPLATE = "templates/page.html"

_FASTAPI = """
from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates

CODE = 1
templates = Jinja2Templates("templates")
app = FastAPI(debug=True)


@app.get("/")
def page(request: Request):
    return templates.TemplateResponse(request, "page.html", {"code": CODE})
"""

_AREL = """
import arel
from contextlib import asynccontextmanager
from starlette.routing import WebSocketRoute

hot_reload = arel.HotReload(paths=[arel.Path("templates")])


@asynccontextmanager
async def lifespan(app):
    await hot_reload.startup()
    yield
    await hot_reload.shutdown()


app.router.routes.append(WebSocketRoute("/hot-reload", hot_reload, name="hot-reload"))
app.router.lifespan_context = lifespan
templates.env.globals["hot_reload"] = hot_reload
"""

_ASGI = """
from livereload_loc import LiveReloadMiddleware

app.add_middleware(LiveReloadMiddleware, watch=["templates"])
"""

_FLASK = """
from flask import Flask, render_template

CODE = 1
app = Flask(__name__)


@app.get("/")
def page():
    return render_template("page.html", code=CODE)
"""

_WSGI = """
from livereload_loc.wsgi import LiveReloadMiddleware

app.wsgi_app = LiveReloadMiddleware(app.wsgi_app, watch=["templates"])
"""

_VIEWS = """
from django.shortcuts import render

CODE = 1


def page(request):
    return render(request, "page.html", {"code": CODE})
"""

_URLS = """
from django.urls import include, path

from shop.views import page

urlpatterns = [path("", page)]
"""

_SETTINGS = """
TEMPLATES[0]["DIRS"] = ["templates"]
"""

_DJANGO_BROWSER_RELOAD = """
INSTALLED_APPS.append("django_browser_reload")
MIDDLEWARE.append("django_browser_reload.middleware.BrowserReloadMiddleware")
"""

_DJANGO_MIDDLEWARE = """
MIDDLEWARE.insert(0, "livereload_loc.django.LiveReloadMiddleware")
"""


def template(number: int, script: str = "") -> str:
    """Return the template of that number."""
    return (
        f"<!doctype html><html><head><title>seen</title>{script}</head>"
        f"<body><p id=template>{number}</p><p id=code>{{{{ code }}}}</p>{PARAGRAPHS}</body></html>"
    )


@dataclass(frozen=True)
class Project:
    """``make`` fills a folder, whose file ``code`` holds the code; ``command`` serves it on a port."""

    name: str
    make: Callable[[Path], None]
    code: str
    command: Callable[[int], list[str]]
    script: str = ""

    def save_template(self, folder: Path, number: int) -> None:
        (folder / TEMPLATE).write_text(template(number, self.script))

    def save_code(self, folder: Path, number: int) -> None:
        text = (folder / self.code).read_text()
        (folder / self.code).write_text(text.replace(f"CODE = {number - 1}", f"CODE = {number}"))


def _python(*words: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, *(word.replace("PORT", str(port)) for word in words)]


def _bare(port: int) -> list[str]:
    return [str(COMMAND), f"--port={port}"]


def _one_file(text: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "app.py").write_text(text)

    return make


def _django(settings: str = "", routes: str = "") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        start = [sys.executable, "-m", "django", "startproject", "shop", "."]
        subprocess.run(start, cwd=folder, check=True)
        (folder / "shop/views.py").write_text(_VIEWS)
        (folder / "shop/urls.py").write_text(_URLS + routes)
        with (folder / "shop/settings.py").open("a") as file:
            file.write(_SETTINGS + settings)

    return make


_UVICORN = _python("-m", "uvicorn", "app:app", "--port", "PORT", "--reload")
_FLASK_RUN = _python("-m", "flask", "run", "--debug", "--port", "PORT")
_RUNSERVER = _python("manage.py", "runserver", "PORT")
_RELOAD_URLS = 'urlpatterns.append(path("__reload__/", include("django_browser_reload.urls")))\n'
_AREL_SCRIPT = "{{ hot_reload.script(url_for('hot-reload')) | safe }}"


def _restarting(port: int) -> list[str]:
    upstream = free_port()
    command = _python("-m", "uvicorn", "app:app", "--port", str(upstream))(port)
    proxy = ["proxy", f"http://localhost:{upstream}", f"--port={port}", "--restart", "*.py", "--quiet"]
    return [str(COMMAND), *proxy, "--", *command]


AREL = Project("uvicorn --reload, arel", _one_file(_FASTAPI + _AREL), "app.py", _UVICORN, _AREL_SCRIPT)
UVICORN = Project("uvicorn --reload, our middleware", _one_file(_FASTAPI + _ASGI), "app.py", _UVICORN)
DJANGO_PEER = Project(
    "runserver, django-browser-reload",
    _django(_DJANGO_BROWSER_RELOAD, _RELOAD_URLS),
    "shop/views.py",
    _RUNSERVER,
)
DJANGO = Project("runserver, our middleware", _django(_DJANGO_MIDDLEWARE), "shop/views.py", _RUNSERVER)
BARE_DJANGO = Project("loc-dev, Django", _django(), "shop/views.py", _bare)

PROJECTS = (
    AREL,
    UVICORN,
    Project("loc-dev proxy --restart, FastAPI", _one_file(_FASTAPI), "app.py", _restarting),
    Project("loc-dev, FastAPI", _one_file(_FASTAPI), "app.py", _bare),
    DJANGO_PEER,
    DJANGO,
    BARE_DJANGO,
    Project("flask run --debug, our middleware", _one_file(_FLASK + _WSGI), "app.py", _FLASK_RUN),
    Project("loc-dev, Flask", _one_file(_FLASK), "app.py", _bare),
)
