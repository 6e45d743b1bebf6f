"""A server that serves the real client and says what a test wants it to say."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from livereload_loc.web.scripts import script
from tests.support.waiting import DEADLINE

Message = dict[str, Any]


class Talk:
    """One socket of one page."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.heard: queue.Queue[Message] = queue.Queue()
        self.closed = threading.Event()
        self.close_code: int | None = None
        self.introduction: Message = {}

    def say(self, kind: str, **fields: Any) -> None:
        """Send a message."""
        self._connection.send(json.dumps({"type": kind, **fields}))

    def update(self, seq: int, action: str, *paths: str, **fields: Any) -> None:
        """Send an update."""
        self.say("update", seq=seq, action=action, paths=paths, **fields)

    def reload_for_each(self, *paths: str) -> None:
        """Send an update for each of ``paths`` in one breath: a page may be gone after the first."""
        with self._connection.send_context():
            for seq, path in enumerate(paths, 1):
                update = {"type": "update", "seq": seq, "action": "reload", "paths": [path]}
                self._connection.protocol.send_text(json.dumps(update).encode())

    def hear(self, kind: str) -> Message:
        """The next message, which must be of this kind."""
        message = self.heard.get(timeout=DEADLINE)
        assert message["type"] == kind, message
        return message

    def cut(self) -> None:
        """End the connection as a server does that goes away."""
        self._connection.close(1012)


class Scripted:
    """Greets each page with ``hello``; ``talks`` are the sockets that opened."""

    def __init__(self) -> None:
        self.hello: Message = {"run": "first", "seq": 0}
        self.talks: queue.Queue[Talk] = queue.Queue()
        self.refuses = False
        """Whether sockets get a 403, while the script is served."""
        self.url = ""
        self.server: Server

    def away(self) -> None:
        """Go away: close the sockets and listen no more."""
        self.server.shutdown()

    def next(self) -> Talk:
        """The next page that came, after it introduced itself."""
        talk = self.talks.get(timeout=DEADLINE)
        talk.introduction = talk.hear("page")
        return talk

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/_loc/ws/reload":
            return connection.respond(HTTPStatus.FORBIDDEN, "no\n") if self.refuses else None
        headers = Headers(
            {"Content-Type": "text/javascript; charset=utf-8", "Access-Control-Allow-Origin": "*"}
        )
        headers["Cache-Control"] = "no-cache"
        name = request.path.partition("?")[0].removeprefix("/_loc/").strip("/") or "reload.js"
        body = script(name).body
        headers["Content-Length"] = str(len(body))
        return Response(200, "OK", headers, body)

    def converse(self, connection: ServerConnection) -> None:
        talk = Talk(connection)
        talk.say("hello", **self.hello)
        self.talks.put(talk)
        try:
            for text in connection:
                talk.heard.put(json.loads(text))
        except ConnectionClosed:
            pass
        talk.close_code = connection.close_code
        talk.closed.set()


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    """A scripted server on a free port."""
    scripted = Scripted()
    with serve(
        scripted.converse, "localhost", 0, process_request=scripted.answer, compression=None
    ) as server:
        scripted.server = server
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        scripted.url = f"http://localhost:{server.socket.getsockname()[1]}"
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()
