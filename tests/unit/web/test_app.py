"""The order in which a request is checked and answered."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.types import Message, Receive, Scope, Send

from livereload_loc.access import Guard, Refusal
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.web.app import AppServices, build_app, own_app
from livereload_loc.web.status.record import EventRecord
from livereload_loc.web.status.state import ServerStatus
from tests.support.in_loop import in_loop

PAGE = b"<!doctype html><title>x</title>"
EMBEDDED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
NAVIGATION = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}


class Listener:
    """Notes what is refused."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def refused(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)


class Site:
    """A source that notes who came through to it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        length = str(len(PAGE)).encode()
        headers = [(b"content-type", b"text/html"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})


class Asked:
    """An app with its services, and what it answers."""

    def __init__(self, mode: str, *, livereload_port: int | None = None) -> None:
        self.site, self.listener = Site(), Listener()
        status = ServerStatus(Hub(), Guard(), cast(Any, None), EventRecord(), tagged=mode != "watch")
        services = AppServices(status, cast(OpenPages, self.listener), (), livereload_port)
        if mode == "own":
            self.app = own_app(services)
        else:
            site = None if mode == "watch" else self.site
            self.app = build_app(services, site, proxied=mode == "proxy")

    async def get(
        self, path: str, host: str = "localhost", *, kind: str = "http", port: int = 8080, **headers: str
    ) -> tuple[int | str, bytes]:
        """Return status and body, or the type of the first message for a WebSocket that is not denied."""
        fields = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": kind, "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
            "query_string": b"", "root_path": "", "server": ("localhost", port), "client": ("127.0.0.1", 1),
            "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
            "extensions": {"websocket.http.response": {}}, "subprotocols": [],
        }  # fmt: skip
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent)
        return sent[0].get("status", sent[0]["type"]), body


@pytest.mark.parametrize("mode", ["watch", "serve", "proxy", "own"])
@pytest.mark.parametrize("path", ["/", "/_loc/reload.js", "/_loc/ws/reload"])
@pytest.mark.parametrize("kind", ["http", "websocket"])
@in_loop
async def test_a_foreign_name_gets_nothing_anywhere(mode: str, path: str, kind: str) -> None:
    asked = Asked(mode)
    status, body = await asked.get(path, "evil.example", kind=kind)
    assert status == 421
    assert b"--allow-host evil.example" in body
    assert [(refusal.option, refusal.value) for refusal in asked.listener.refusals] == [
        ("--allow-host", "evil.example")
    ]
    assert asked.site.asked == []


@pytest.mark.parametrize("mode", ["serve", "proxy"])
@in_loop
async def test_our_own_addresses_come_before_the_sites_and_are_for_any_page(mode: str) -> None:
    asked = Asked(mode)
    status, body = await asked.get("/_loc/reload.js", **EMBEDDED)
    assert (status, asked.site.asked) == (200, [])
    assert body
    assert (await asked.get("/_loc/none"))[0] == 404
    assert asked.site.asked == []


@pytest.mark.parametrize("mode", ["serve", "proxy"])
@in_loop
async def test_files_of_the_site_are_not_for_pages_of_another_site(mode: str) -> None:
    asked = Asked(mode)
    assert (await asked.get("/a.js", **EMBEDDED))[0] == 403
    assert asked.site.asked == []
    assert (await asked.get("/a.js", **{**EMBEDDED, "sec-fetch-site": "same-origin"}))[0] == 200


@in_loop
async def test_beside_a_server_the_scripts_are_for_any_page() -> None:
    asked = Asked("watch")
    assert await asked.get("/", **EMBEDDED) == await asked.get("/_loc/reload.js", **EMBEDDED)
    assert b"<h1>loc-dev</h1>" in (await asked.get("/", **NAVIGATION))[1]
    assert (await asked.get("/none"))[0] == 404


@pytest.mark.parametrize(("mode", "tagged"), [("serve", False), ("proxy", True)])
@in_loop
async def test_the_tag_goes_into_the_pages_of_another_server(mode: str, tagged: bool) -> None:
    status, body = await Asked(mode).get("/", **NAVIGATION)
    assert (status, b"/_loc/reload.js" in body) == (200, tagged)


@pytest.mark.parametrize(("mode", "passed"), [("serve", []), ("proxy", ["/chat"])])
@in_loop
async def test_only_another_server_has_sockets_of_its_own(mode: str, passed: list[str]) -> None:
    asked = Asked(mode)
    await asked.get("/chat", kind="websocket")
    assert asked.site.asked == passed


@in_loop
async def test_clients_of_livereload_are_served_at_its_port() -> None:
    asked = Asked("serve", livereload_port=35729)
    assert (await asked.get("/livereload.js", port=35729))[0] == 200
    assert asked.site.asked == []
    assert (await asked.get("/livereload.js"))[1] == PAGE
