"""``loc-dev proxy`` in Chromium: nothing about the site changes but that it reloads."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import visit
from tests.support.backends import PHP, upstream
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, shows
from tests.support.paths import NODE_MODULES
from tests.support.scripted_pages import knows_itself
from tests.support.waiting import DEADLINE

VITE = NODE_MODULES / "vite/bin/vite.js"

FORM = """<!doctype html>
<html><head><title>form</title><link rel="stylesheet" href="site.css"></head><body>
<form method="post" enctype="multipart/form-data" action="answer.php">
<input name="word"><input type="file" name="sent"><button>Send</button>
</form></body></html>
"""
ANSWER = """<!doctype html><title>answer</title>
<p id="word"><?= htmlspecialchars($_POST["word"]) ?></p>
<p id="sum"><?= md5_file($_FILES["sent"]["tmp_name"]) ?></p>
"""
LOGIN = """<?php
header('Set-Cookie: who="ann, b"; Path=/; HttpOnly', false);
header('Set-Cookie: theme=dark; Path=/; Domain=localhost', false);
header('Location: http://localhost:' . $_SERVER['SERVER_PORT'] . '/secret.php?from=login', true, 302);
"""
SECRET = """<!doctype html><title>secret</title>
<p><?= htmlspecialchars($_SERVER["HTTP_COOKIE"] ?? "nobody") ?></p>
"""

LIVE = """
import asyncio

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

PAGE = '''<!doctype html><html><head><title>live</title></head><body><ol></ol><p></p><script>
const events = new EventSource("/events");
events.onmessage = ({ data }) => {
  const item = document.createElement("li");
  item.textContent = data;
  document.querySelector("ol").append(item);
};
const socket = new WebSocket(`ws://${location.host}/echo`, ["chat", "superchat"]);
socket.binaryType = "arraybuffer";
socket.onopen = () => { socket.send("text"); socket.send(new Uint8Array([1, 2, 3])); };
window.heard = [];
const words = (data) => typeof data === "string" ? data : [...new Uint8Array(data)].join();
socket.onmessage = ({ data }) => heard.push(words(data));
socket.onclose = ({ code, reason }) => heard.push(`${socket.protocol} ${code} ${reason}`);
</script></body></html>'''


async def page(request):
    return HTMLResponse(PAGE)


async def events(request):
    async def told():
        for number in range(1000):
            yield f"data: {number}\\n\\n"
            await asyncio.sleep(0.05)
    return StreamingResponse(told(), media_type="text/event-stream")


async def echo(socket):
    await socket.accept(subprotocol="superchat")
    await socket.send_text(await socket.receive_text())
    await socket.send_bytes(await socket.receive_bytes())
    await socket.close(4000, "enough")


app = Starlette(routes=[Route("/", page), Route("/events", events), WebSocketRoute("/echo", echo)])
"""


@pytest.fixture
def php(folder: Path) -> Iterator[LocDev]:
    """A PHP site behind the proxy."""
    pages = {"index.php": FORM, "answer.php": ANSWER, "login.php": LOGIN, "secret.php": SECRET}
    for name, text in {**pages, "site.css": "button { order: 1 }"}.items():
        (folder / name).write_text(text)
    with upstream(folder, *PHP) as url, LocDev("proxy", url, "--watch", folder, "--port", "0") as dev:
        yield dev


def test_a_saved_page_changes_in_place_and_a_saved_sheet_is_swapped(
    context: BrowserContext, php: LocDev, folder: Path
) -> None:
    page = visit(context, php, "/")
    (folder / "site.css").write_text("button { order: 2 }")
    shows(page, "button", "order", "2")
    assert is_marked(page)
    knows_itself(page)
    (folder / "index.php").write_text(FORM.replace("Send", "Send it"))
    expect(page.locator("button")).to_have_text("Send it")
    assert is_marked(page)


def test_a_form_with_a_file_arrives(
    context: BrowserContext, php: LocDev, folder: Path, tmp_path: Path
) -> None:
    sent = tmp_path / "sent.bin"
    sent.write_bytes(os.urandom(1_500_000))
    page = visit(context, php, "/")
    page.locator("[name=word]").fill("a <b> & ü")
    page.locator("[name=sent]").set_input_files(sent)
    page.get_by_text("Send").click()
    expect(page.locator("#word")).to_have_text("a <b> & ü")
    expect(page.locator("#sum")).to_have_text(hashlib.md5(sent.read_bytes()).hexdigest())


@pytest.mark.not_in("webkit", "it takes no cookie of Domain=localhost")
def test_a_login_redirects_and_keeps_its_cookies(context: BrowserContext, php: LocDev) -> None:
    page = context.new_page()
    page.goto(f"{php.url}/login.php")
    assert page.url == f"{php.url}/secret.php?from=login"
    expect(page.locator("p")).to_have_text('who="ann, b"; theme=dark')


@pytest.mark.not_in("webkit", "WebDriver tells nothing of responses")
def test_a_server_that_is_away_is_named_and_its_page_comes_back(
    context: BrowserContext, folder: Path
) -> None:
    (folder / "index.php").write_text("<!doctype html><p>here")
    with upstream(folder, *PHP) as url:
        pass
    with LocDev("proxy", url, "--watch", folder, "--port", "0") as dev:
        page = context.new_page()
        answer = page.goto(dev.url)
        assert answer
        assert answer.status == 502
        expect(page.locator("h1")).to_have_text(f"{url} does not answer")
        with upstream(folder, *PHP, port=int(url.rpartition(":")[2])):
            expect(page.locator("body")).to_have_text("here", timeout=DEADLINE * 1000)


def test_events_and_sockets_pass(context: BrowserContext, folder: Path) -> None:
    (folder / "live.py").write_text(LIVE)
    command = (sys.executable, "-m", "uvicorn", "live:app", "--port", "PORT")
    with upstream(folder, *command) as url, LocDev("proxy", url, "--watch", folder, "--port", "0") as dev:
        page = visit(context, dev, "/")
        holds(page, "document.querySelectorAll('li').length > 3")
        assert page.locator("li").all_inner_texts()[:3] == ["0", "1", "2"]
        holds(page, "heard.length === 3")
        assert page.evaluate("() => heard") == ["text", "1,2,3", "superchat 4000 enough"]


@pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
def test_hot_modules_of_vite_work_through_us(context: BrowserContext, folder: Path) -> None:
    (folder / "index.html").write_text(
        "<!doctype html><html><head><title>vite</title></head><body><p></p>"
        '<script type="module" src="/main.js"></script></body></html>'
    )
    (folder / "main.js").write_text(
        'import { word } from "./word.js";\n'
        'const show = (text) => { document.querySelector("p").textContent = text; };\n'
        "show(word);\n"
        'import.meta.hot.accept("./word.js", (module) => show(module.word));\n'
    )
    (folder / "word.js").write_text('export const word = "cold";\n')
    elsewhere = folder.parent / "unwatched"
    elsewhere.mkdir()
    node = shutil.which("node") or "node"
    command = (node, str(VITE), "--host", "localhost", "--port", "PORT", "--strictPort")
    with upstream(folder, *command) as url, LocDev("proxy", url, "--watch", elsewhere, "--port", "0") as dev:
        page = context.new_page()
        with page.expect_console_message(lambda said: said.text == "[vite] connected."):
            page.goto(dev.url)
        expect(page.locator("p")).to_have_text("cold")
        page.wait_for_function("() => !!document.querySelector('script[src=\"/_loc/reload.js\"]')")
        mark(page)
        (folder / "word.js").write_text('export const word = "hot";\n')
        expect(page.locator("p")).to_have_text("hot")
        assert is_marked(page)
