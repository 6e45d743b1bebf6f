"""The WSGI middleware under the reloaders of other servers: after a save of code an open page comes back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.support.backends import upstream
from tests.support.middleware_pages import returned, tab, told, wait
from tests.support.waiting import until

APP = """
import sys

from livereload_loc.wsgi import LiveReloadMiddleware


def pages(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<!doctype html><title>x</title>version 1"]

"""
GUNICORN = f"{APP}app = LiveReloadMiddleware(pages)"
BOTTLE = f"""{APP}
import bottle

app = LiveReloadMiddleware(pages)
bottle.run(app, port=int(sys.argv[1]), reloader=True)
"""
HUPPER = f"""{APP}
import hupper
from wsgiref.simple_server import make_server

app = LiveReloadMiddleware(pages)


def main():
    make_server("localhost", int(sys.argv[1]), app).serve_forever()


if __name__ == "__main__":
    hupper.start_reloader("site_app.main")
"""
FLASK = """
import sys

from flask import Flask

from livereload_loc.wsgi import LiveReloadMiddleware

app = Flask(__name__)
app.add_url_rule("/", view_func=lambda: "<!doctype html><title>x</title>version 1")
app.wsgi_app = LiveReloadMiddleware(app.wsgi_app)
app.run(debug=True, port=int(sys.argv[1]))
"""
SERVERS = {
    "gunicorn": (GUNICORN, "1", "-m gunicorn --reload --bind localhost:PORT site_app:app"),
    "bottle": (BOTTLE, "1", "site_app.py PORT"),
    "hupper": (HUPPER, "1", "site_app.py PORT"),
    # its debug flag, which replaces LOC_DEV=1, is set after the middleware has been made
    "flask": (FLASK, "", "site_app.py PORT"),
}


def until_closed(connection: ClientConnection, file: Path, text: str) -> None:
    """Save until the reloader has seen it: some learn only a second or two later which files there are."""

    def closed() -> bool:
        file.write_text(text)
        try:
            connection.recv(1)
        except ConnectionClosed:
            return True
        except TimeoutError:
            pass
        return False

    until(closed, "the server never restarted")


@pytest.mark.parametrize("name", SERVERS)
def test_a_page_comes_back_after_a_save_of_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text, asked, command = SERVERS[name]
    monkeypatch.setenv("LOC_DEV", asked)
    (tmp_path / "site_app.py").write_text(text)
    with upstream(tmp_path, sys.executable, *command.split()) as url:
        page = wait(url, "version 1")
        assert "data-server" in page
        with tab(page, url) as connection:
            hello = told(connection)
            until_closed(connection, tmp_path / "site_app.py", text.replace("version 1", "version 2"))
        assert returned(page, url)["run"] != hello["run"]
        wait(url, "version 2")
