"""Dev servers that restart when their code changes, each with a page, a template and a style sheet."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.support.ports import accepts, free_port
from tests.support.waiting import DEADLINE, until

PHP = (shutil.which("php") or "php", "-d", "opcache.enable=0", "-S", "localhost:PORT")
"""PHP's own server, which shows each save at once, as :func:`upstream` takes it."""

CSS = "p { order: 1 }"
SLOWLY = "import pathlib, time\nif pathlib.Path('slow').exists():\n    time.sleep(3)\n"

UVICORN = (
    SLOWLY
    + """
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

VERSION = 1
templates = Jinja2Templates("templates")


def page(request):
    return templates.TemplateResponse(request, "page.html", {"version": VERSION})


app = Starlette(debug=True, routes=[Mount("/static", StaticFiles(directory="static")), Route("/", page)])
"""
)

FLASK = (
    SLOWLY
    + """
from flask import Flask, render_template

VERSION = 1
app = Flask(__name__)


@app.get("/")
def page():
    return render_template("page.html", version=VERSION)
"""
)

DJANGO = (
    SLOWLY
    + """
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import path

VERSION = 1


def page(request):
    return HttpResponse(render_to_string("page.html", {"version": VERSION}))


urlpatterns = [path("", page)]
settings.configure(
    DEBUG=True,
    SECRET_KEY="x",
    ROOT_URLCONF="__main__",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.staticfiles"],
    STATIC_URL="static/",
    STATICFILES_DIRS=["static"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": ["templates"],
            # The cached loader, Django's own choice, forgets a saved template up to a second later.
            "OPTIONS": {"loaders": ["django.template.loaders.filesystem.Loader"]},
        }
    ],
)
execute_from_command_line(sys.argv)
"""
)

NODE = """
const http = require("node:http");
const fs = require("node:fs");
if (fs.existsSync("slow")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);

const VERSION = 1;

http.createServer((request, response) => {
  const sheet = request.url.startsWith("/static/");
  response.setHeader("Content-Type", sheet ? "text/css" : "text/html; charset=utf-8");
  response.end(fs.readFileSync(sheet ? "static/site.css" : "templates/page.html", "utf8")
    .replace("{{ version }}", VERSION));
}).listen(Number(process.argv[2]), "127.0.0.1");
"""

PAGE = """<!doctype html>
<html>
<head><title>Page</title><link rel="stylesheet" href="/static/site.css"></head>
<body><h1>one</h1><p>version {{ version }}</p></body>
</html>
"""


@dataclass(frozen=True)
class Kind:
    """A dev server: the name and text of its file, and the arguments that start it at a port."""

    file: str
    text: str
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


KINDS = {
    "uvicorn": Kind("app.py", UVICORN, (sys.executable, "-m", "uvicorn", "app:app", "--reload", "--port")),
    "flask": Kind("app.py", FLASK, (sys.executable, "-m", "flask", "run", "--debug", "--port")),
    "django": Kind("app.py", DJANGO, (sys.executable, "app.py", "runserver")),
    "node": Kind("app.js", NODE, (shutil.which("node") or "node", "--watch", "app.js")),
}


class Backend:
    """A running dev server and its folder."""

    def __init__(self, folder: Path, kind: Kind, port: int) -> None:
        self.folder, self.kind, self.port = folder, kind, port
        self.url = f"http://127.0.0.1:{port}"

    def save(self, path: str, old: str, new: str) -> None:
        """Change ``old`` into ``new`` in a file, and save it as most editors do."""
        file = self.folder / path
        text = file.read_text()
        assert old in text
        if file.suffix == ".js":  # node --watch loses a file that another one takes the place of
            file.write_text(text.replace(old, new))
            return
        aside = file.with_name(f"{file.name}~")
        aside.write_text(text.replace(old, new))
        aside.replace(file)

    def wait(self, text: str, path: str = "/") -> None:
        """Wait until it answers with ``text``."""

        def has_come() -> bool:
            with suppress(httpx2.TransportError):
                return text in httpx2.get(self.url + path, timeout=DEADLINE).text
            return False

        until(has_come, f"{text!r} never came")


@contextmanager
def backend(folder: Path, name: str) -> Iterator[Backend]:
    """The dev server ``name``, running on the app that it finds in ``folder``."""
    kind = KINDS[name]
    (folder / "templates").mkdir(parents=True)
    (folder / "static").mkdir()
    (folder / kind.file).write_text(kind.text)
    (folder / "templates/page.html").write_text(PAGE)
    (folder / "static/site.css").write_text(CSS)
    port = free_port()
    process = subprocess.Popen(
        [*kind.arguments, str(port)],
        cwd=folder,
        env={**os.environ, **kind.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        running = Backend(folder, kind, port)
        running.wait("version 1")
        yield running
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)


@contextmanager
def upstream(folder: Path, *command: str, port: int = 0) -> Iterator[str]:
    """Any server in ``folder``, started by ``command``, in which ``PORT`` stands for its port."""
    port = port or free_port()
    arguments: Sequence[str] = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen(
        arguments, cwd=folder, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: accepts(port), f"{command} does not listen")
        yield f"http://localhost:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)
