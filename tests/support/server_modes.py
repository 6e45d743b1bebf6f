"""Every way in which the tool serves, all on one folder with secrets in and beside it."""

from __future__ import annotations

import re
import sys
import threading
import wsgiref.simple_server
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from livereload_loc import LiveReloadMiddleware
from livereload_loc.wsgi import LiveReloadMiddleware as WsgiMiddleware
from tests.support.backends import upstream
from tests.support.loc_dev import LocDev
from tests.support.raw_http import get
from tests.support.upstreams import serving

SECRET = b"S3CRET"
ALL = ["watch", "serve", "proxy", "count", "asgi", "wsgi"]
RELOADING = [name for name in ALL if name != "count"]


@dataclass(frozen=True)
class Mode:
    """One of them; ``socket_port`` is where its pages' sockets go, ``path`` their path."""

    name: str
    port: int
    socket_port: int
    path: bytes = b"/_loc/ws/reload"
    dev: LocDev | None = None

    @property
    def guards_all(self) -> bool:
        """Whether every address is its own to guard, not just those below its prefix."""
        return self.name in ("watch", "serve", "proxy")


Modes = dict[str, Mode]
"""All of them by name."""


def make_site(folder: Path) -> Path:
    """``www/p`` with files to serve, and secrets in it, beside it and above it."""
    site = folder / "www/p"
    (site / "sub/.hidden").mkdir(parents=True)
    (site / ".git").mkdir()
    (site / ".well-known").mkdir()
    for path in (".env", ".git/config", "sub/.hidden/key", ".well-known/.env", "tls~1.pem", "c\\d",
                 "key.pem.", "key.pem "):  # fmt: skip
        (site / path).write_bytes(SECRET)
    for path in ("private.txt", "p-private.txt"):
        (folder / "www" / path).write_bytes(SECRET)
    (folder / "www/pp").mkdir()
    (folder / "www/pp/private.txt").write_bytes(SECRET)
    (site / "index.html").write_text("<!doctype html><html><head></head><body>Hi</body></html>")
    (site / "main.js").write_text("window.mine = 1;\n")
    (site / "big.bin").write_bytes(bytes(200_000))
    (site / ".well-known/security.txt").write_text("public")
    (site / "link.txt").symlink_to(folder / "www/private.txt")
    (site / "up").symlink_to(folder / "www")
    (site / "hidden-link").symlink_to(".env")
    (site / "list").mkdir()
    (site / "list/<img src=x onerror=alert(1)>.txt").write_text("x")
    return site


@contextmanager
def all_modes(folder: Path) -> Iterator[dict[str, Mode]]:
    """All of them, running."""
    site = make_site(folder)
    with ExitStack() as stack:
        behind = stack.enter_context(
            upstream(site, sys.executable, "-m", "http.server", "PORT", "--bind", "127.0.0.1")
        )
        found = []
        for name, arguments in {
            "watch": (site,),
            "serve": (site,),
            "proxy": (behind, "--watch", str(site)),
        }.items():
            dev = stack.enter_context(LocDev(name, *arguments, "--port", "0"))
            found.append(Mode(name, dev.port, dev.port, dev=dev))
        count = stack.enter_context(LocDev("count", "--port", "0"))
        found.append(Mode("count", count.port, count.port, b"/_loc/ws/counter", count))

        app = Starlette()
        app.mount("/", StaticFiles(directory=site, html=True))
        live = LiveReloadMiddleware(app, watch=[site], enabled=True)
        port = stack.enter_context(serving(live))
        found.append(Mode("asgi", port, port))

        def page(environ, start_response):  # type: ignore[no-untyped-def]
            start_response("200 OK", [("Content-Type", "text/html")])
            return [b"<!doctype html><html><head></head><body>Hi</body></html>"]

        middleware = WsgiMiddleware(page, watch=[site], enabled=True)
        server = stack.enter_context(
            wsgiref.simple_server.make_server("127.0.0.1", 0, middleware, handler_class=_Quiet)
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        shown = get(server.server_port, "/", b"Accept: text/html").body
        socket_port = re.search(rb'data-server="http://[^":]+:(\d+)"', shown)
        assert socket_port, shown
        found.append(Mode("wsgi", server.server_port, int(socket_port[1])))
        yield {mode.name: mode for mode in found}


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
