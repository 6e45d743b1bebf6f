"""Runs ``uvicorn app:app --reload`` over an app in a folder, as developers do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support.ports import free_port
from tests.support.waiting import DEADLINE, until

APP = """
import time
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from livereload_loc import LiveReloadMiddleware

VERSION = 1

app = FastAPI(debug=True)
{middleware}
app.mount("/static", StaticFiles(directory="static"))
templates = Jinja2Templates("templates")


@app.get("/version")
def version():
    return PlainTextResponse(str(VERSION))


@app.get("/slow")
def slow(request: Request):
    answer = templates.TemplateResponse(request, "page.html", {{"version": VERSION}})
    Path("../asked").touch()
    time.sleep(1)
    return answer


@app.get("/{{path:path}}")
def page(request: Request, path: str):
    return templates.TemplateResponse(request, "page.html", {{"version": VERSION}})
"""

PAGE = """<!doctype html>
<html>
<head><title>Page</title><link rel="stylesheet" href="/static/site.css"></head>
<body><h1>1</h1><p>{{ version }}</p></body>
</html>
"""


class Reloading:
    """A folder with an app, its template and its style sheet; uvicorn restarts when ``app.py`` changes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.address = ("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        self.socket_url = f"ws://127.0.0.1:{port}/_loc/ws/reload"

    def save(self, path: str, old: str, new: str) -> None:
        """Change ``old`` into ``new`` in a file, and save it as most editors do."""
        file = self.folder / path
        text = file.read_text()
        assert old in text
        aside = file.with_name(f"{file.name}~")
        aside.write_text(text.replace(old, new))
        aside.replace(file)

    def version(self) -> int | None:
        """The version of the code that answers; None when nothing does."""
        try:
            return int(httpx2.get(f"{self.url}/version", timeout=DEADLINE).text)
        except httpx2.TransportError:
            return None

    def restart(self, version: int) -> float:
        """Save the next version of the code, and wait until it answers; how many seconds it took."""
        start = time.monotonic()
        self.save("app.py", f"VERSION = {version - 1}", f"VERSION = {version}")
        self.wait(version)
        return time.monotonic() - start

    def know(self, pages: int) -> None:
        """Wait until so many pages have introduced themselves to the middleware."""
        status = f"{self.url}/_loc/api/status"
        until(lambda: len(httpx2.get(status).json()["pages"]) >= pages, "a page never introduced itself")

    def wait(self, version: int) -> None:
        """Wait until this version of the code answers."""
        until(lambda: self.version() == version, f"version {version} never answered")


@contextmanager
def uvicorn_reload(folder: Path, middleware: str) -> Iterator[Reloading]:
    """The app in ``folder``, with the arguments of the middleware, or without it if there are none."""
    (folder / "templates").mkdir(parents=True)
    (folder / "static").mkdir()
    added = f"app.add_middleware(LiveReloadMiddleware, {middleware})" if middleware else ""
    (folder / "app.py").write_text(APP.format(middleware=added))
    (folder / "templates/page.html").write_text(PAGE)
    (folder / "static/site.css").write_text("p { order: 1 }")
    port = free_port()  # with --reload it takes no port 0
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:app", "--reload", "--port", str(port), "--log-level=warning"],
        cwd=folder,
        start_new_session=True,
    )
    try:
        app = Reloading(folder, port)
        app.wait(1)
        yield app
    finally:
        process.terminate()
        try:
            assert process.wait(DEADLINE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
