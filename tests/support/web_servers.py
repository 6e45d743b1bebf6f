"""Small real web servers for the tests: Python's http.server and nginx, with their default headers.

Files are given a time ten days ago, so that browsers keep them without asking (RFC 9111, section 4.2.2).
"""

from __future__ import annotations

import http.server
import itertools
import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.ports import accepts, free_port
from tests.support.waiting import DEADLINE, until

TEN_DAYS = 864_000.0


class Site:
    """A folder that a server shows at ``url``."""

    def __init__(self, folder: Path, tag: str = "") -> None:
        self.folder = folder
        self.url = ""
        self.tag = tag
        """The script tag of the tool, which ``page`` puts into each page."""
        self.requests: list[tuple[str, str]] = []
        self.asked: dict[str, Message] = {}
        """The headers by which each path was asked for last."""
        self.headers: dict[str, str] = {}
        """Further headers of every answer."""
        self.gates: dict[str, threading.Event] = {}
        """Paths whose answers wait until their event is set."""
        self.redirects: dict[str, str] = {}
        """Where a POST to a path is sent on to."""
        self.moved: dict[str, str] = {}
        """Where a GET of a path is sent on to."""
        self.statuses: dict[str, int] = {}
        """The status codes of paths, where they are unusual."""
        self.types: dict[str, str] = {}
        """The media types of files by their names, where they are unusual."""
        self._spare = folder.with_name(f"{folder.name}-unsaved")
        self._spare.mkdir(exist_ok=True)
        self._ages = itertools.count(step=2)

    def save(self, path: str, content: str | bytes, *, old: bool = True) -> None:
        """Save a file as most editors do: whole, by a rename. With ``old`` its time is ten days ago."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        spare = self._spare / "file"
        spare.write_bytes(content.encode() if isinstance(content, str) else content)
        if old:
            then = time.time() - TEN_DAYS + next(self._ages)
            os.utime(spare, (then, then))
        spare.replace(target)

    def page(self, path: str, body: str, head: str = "") -> None:
        """Save a page that carries the tag."""
        self.save(
            path,
            f"<!doctype html><html><head><title>{path}</title>{self.tag}{head}</head><body>{body}</body>",
        )

    def count(self, path: str, method: str = "GET") -> int:
        """How often ``path`` was asked for."""
        return self.requests.count((method, path))


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, site: Site) -> None:
        self._site = site
        super().__init__(*arguments, directory=str(site.folder))

    def do_GET(self) -> None:
        self._note()
        target = self._site.moved.get(self.path)
        if target:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()
            return
        super().do_GET()

    def do_POST(self) -> None:
        self._note()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self._site.redirects.get(self.path)
        if target:
            self.send_response(303)
            self.send_header("Location", target)
            self.end_headers()
            return
        super().do_GET()

    def send_response(self, code: int, message: str | None = None) -> None:
        super().send_response(self._site.statuses.get(self.path, code), message)

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        return self._site.types.get(os.path.basename(path)) or super().guess_type(path)

    def end_headers(self) -> None:
        for name, value in self._site.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass

    def _note(self) -> None:
        self._site.requests.append((self.command, self.path))
        self._site.asked[self.path] = self.headers
        gate = self._site.gates.get(self.path)
        if gate:
            gate.wait(DEADLINE)


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no error."""


@contextmanager
def http_server(site: Site, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Show ``site`` with Python's http.server, with ``tls`` by https."""
    with _Server(("127.0.0.1", 0), partial(_Handler, site=site)) as server:
        if tls:
            # Each connection agrees on TLS in its own thread.
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        site.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
        try:
            yield site
        finally:
            for gate in site.gates.values():
                gate.set()
            server.shutdown()
            thread.join()


@contextmanager
def nginx(site: Site, scratch: Path) -> Iterator[Site]:
    """Show ``site`` with nginx as its package sets it up."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{kind}_temp_path {scratch}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = scratch / "nginx.conf"
    configuration.write_text(
        f"{user} worker_processes 1; daemon off; pid {scratch}/pid; error_log {scratch}/error.log;"
        f"events {{}} http {{ include /etc/nginx/mime.types; access_log off; sendfile on; {temporary}"
        f"server {{ listen 127.0.0.1:{port}; root {site.folder}; }} }}"
    )
    process = subprocess.Popen(
        [program, "-e", f"{scratch}/error.log", "-c", configuration, "-p", scratch], stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: accepts(port), "the server does not listen")
        site.url = f"http://localhost:{port}"
        yield site
    finally:
        process.terminate()
        process.wait(DEADLINE)
