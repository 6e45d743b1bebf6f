"""The page that Werkzeug's debugger shows for an error: it carries the tag, and is its own in all else."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import httpx2
import pytest
from flask import Flask
from werkzeug.debug import DebuggedApplication

from livereload_loc.wsgi import LiveReloadMiddleware
from tests.support.backends import upstream
from tests.support.middleware_pages import wait

TAG = b'<script src="/_loc/reload.js" async data-server='
FLASK = """
from flask import Flask, request
from livereload_loc.wsgi import LiveReloadMiddleware

app = Flask(__name__)
app.wsgi_app = LiveReloadMiddleware(app.wsgi_app)


@app.get("/broken")
def page():
    word = "seen"
    raise KeyError("oops")
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WERKZEUG_DEBUG_PIN", "off")


def asked(app: Callable[..., Any], **environ: str) -> tuple[str, bytes, str]:
    """Status, body and log of a request."""
    request: dict[str, Any] = {"HTTP_ACCEPT": "text/html", "QUERY_STRING": "", **environ}
    setup_testing_defaults(request)
    log = request["wsgi.errors"] = io.StringIO()
    started: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started.append(status)

    body = b"".join(app(request, start))
    return started[-1], body, log.getvalue()


def bare() -> Callable[..., Any]:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raise KeyError("oops")

    return LiveReloadMiddleware(app, enabled=True)


def flask() -> Flask:
    app = Flask(__name__)
    app.debug = True
    app.add_url_rule("/", view_func=lambda: {}["oops"])
    app.wsgi_app = LiveReloadMiddleware(app.wsgi_app, enabled=True)  # type: ignore[method-assign]
    return app


@pytest.mark.parametrize("make", [flask, bare])
def test_it_carries_the_tag_once_and_the_error_is_logged_once(make: Callable[[], Any]) -> None:
    status, body, log = asked(DebuggedApplication(make(), evalex=True))
    assert status == "500 INTERNAL SERVER ERROR"
    assert body.count(TAG) == 1
    assert b"KeyError" in body
    assert log.count("KeyError: 'oops'\n") == 1
    assert "in fail" not in log


def test_what_is_no_page_for_a_person_is_the_debuggers_own() -> None:
    status, body, log = asked(DebuggedApplication(flask()), HTTP_ACCEPT="application/json")
    assert status == "500 INTERNAL SERVER ERROR"
    assert TAG not in body
    assert log.count("KeyError: 'oops'\n") == 1


def test_somebody_in_between_gets_the_error() -> None:
    def between(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with pytest.raises(KeyError, match="oops"):
            flask()(environ, start)
        start("200 OK", [("Content-Type", "text/html")])
        return [b"caught"]

    assert asked(DebuggedApplication(between))[:2] == ("200 OK", b"caught")


def test_without_the_debugger_the_server_gets_the_error() -> None:
    with pytest.raises(KeyError, match="oops"):
        asked(flask())


def test_an_response_that_has_begun_is_left_to_the_debugger() -> None:
    def begins(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        raise KeyError("oops")

    _, body, log = asked(DebuggedApplication(LiveReloadMiddleware(begins, enabled=True)))
    assert TAG not in body
    assert log.count("KeyError: 'oops'\n") == 1


def test_its_console_works(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FLASK)
    command = ("-m", "flask", "run", "--debug", "--port", "PORT")
    with upstream(tmp_path, sys.executable, *command) as url:
        page = wait(f"{url}/broken", "KeyError")
        assert page.encode().count(TAG) == 1
        secret = re.findall(r'SECRET = "(\w+)"', page)[0]
        frame = re.findall(r'id="frame-(\d+)"', page)[-1]
        typed = {"__debugger__": "yes", "cmd": "word, request.path", "frm": frame, "s": secret}
        response = httpx2.get(f"{url}/broken", params=typed)
        assert "seen" in response.text
        assert "/broken" in response.text.partition("\n")[2]  # the request is still there for it
        resource = {"__debugger__": "yes", "cmd": "resource", "f": "style.css"}
        assert "traceback" in httpx2.get(f"{url}/broken", params=resource).text
