"""A site without TLS behind a proxy that serves over HTTPS."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.support.in_loop import in_loop
from tests.support.loc_dev import LocDev
from tests.support.tls_clients import opened
from tests.support.upstreams import serving as upstream


async def shown(request: Request) -> Response:
    names = ("host", "x-forwarded-proto", "x-forwarded-host", "origin")
    response = HTMLResponse(f"<p>{json.dumps({name: request.headers.get(name) for name in names})}")
    response.set_cookie("plain", "1")
    response.set_cookie("safe", "1", secure=True, samesite="none", domain="localhost")
    return response


async def elsewhere(request: Request) -> Response:
    host = request.headers["host"] if request.query_params.get("by") == "host" else "127.0.0.1"
    port = f":{request.scope['server'][1]}" if host == "127.0.0.1" else ""
    return RedirectResponse(f"http://{host}{port}/there")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"{socket.headers['x-forwarded-proto']} {socket.headers['origin']}")
    await socket.close()


SITE = Starlette(routes=[Route("/", shown), Route("/elsewhere", elsewhere), WebSocketRoute("/ws", echo)])


@in_loop
async def test_a_site_without_tls_behind_ours(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    with (
        upstream(SITE) as port,
        LocDev("proxy", f"http://127.0.0.1:{port}", "--watch", site, *pair, "--port", "0") as dev,
    ):
        own = f"localhost:{dev.port}"
        answer = httpx2.get(
            dev.url, verify=trusting, headers={"Sec-Fetch-Dest": "document", "Origin": dev.url}
        )
        assert "_loc/reload.js" in answer.text
        told = json.loads(answer.text.partition("<p>")[2])
        assert told == {
            "host": own, "x-forwarded-proto": "https", "x-forwarded-host": own, "origin": dev.url,
        }  # fmt: skip
        cookies = answer.headers.get_list("set-cookie")
        assert cookies == [
            "plain=1; Path=/; SameSite=lax",
            "safe=1; Domain=localhost; Path=/; SameSite=none; Secure",
        ]
        for by in ("host", "port"):
            moved = httpx2.get(f"{dev.url}/elsewhere?by={by}", verify=trusting)
            assert moved.headers["location"] == f"{dev.url}/there"

        async with opened(f"wss://{own}/ws", trusting, dev.url) as channel:
            assert await channel.recv() == f"https {dev.url}"
