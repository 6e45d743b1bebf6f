"""``loc-dev doctor`` before pages that reload, and before some that do not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.backends import upstream
from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.upstreams import serving
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

PAGE = "<!doctype html><html><head>{tag}<link rel=stylesheet href=css/a.css></head><body>Hi</body></html>"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def doctor(url: str) -> tuple[int, str]:
    """Exit code and what is printed."""
    done = subprocess.run(
        [sys.executable, "-m", "livereload_loc", "doctor", url],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def make(folder: Path, tag: str = "") -> None:
    (folder / "css").mkdir(exist_ok=True)
    (folder / "css/a.css").write_text("h1 { color: red }")
    (folder / "index.html").write_text(PAGE.format(tag=tag))


def plain(stack: ExitStack, folder: Path) -> str:
    """A server that knows nothing of us."""
    return stack.enter_context(
        upstream(folder, sys.executable, "-m", "http.server", "PORT", "-b", "127.0.0.1")
    )


def test_a_served_page_is_well(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    dev = stack.enter_context(LocDev("serve", tmp_path, "--port", "0"))
    code, said = doctor(f"{dev.url}/")
    assert code == 0, said
    for part in (
        f"{dev.url}/ responds with 200",
        "it has the script tag of",
        "the script loads",
        "the WebSocket opens",
        "browsers fetch it at each reload",
        f"loc-dev watches {tmp_path}",
        f"the page is {tmp_path}/index.html",
        f"/css/a.css is {tmp_path}/css/a.css",
        "All is well",
    ):
        assert part in said
    assert "no  " not in said


def test_a_page_with_the_tag_beside_another_server_is_well(stack: ExitStack, tmp_path: Path) -> None:
    dev = stack.enter_context(LocDev("watch", tmp_path, "--port", "0"))
    make(tmp_path, f'<script src="{dev.url}" async></script>')
    code, said = doctor(plain(stack, tmp_path))
    assert code == 0, said
    assert "browsers fetch it at each reload (no Cache-Control allows browsers to keep it)" in said
    assert "the WebSocket opens for pages of http://localhost:" in said


def test_a_page_through_the_proxy_is_well(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    dev = stack.enter_context(LocDev("proxy", plain(stack, tmp_path), "--watch", tmp_path, "--port", "0"))
    assert doctor(dev.url)[0] == 0


def test_a_page_without_the_tag(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    code, said = doctor(plain(stack, tmp_path))
    assert code == 1
    assert "no  it has no script tag of loc-dev" in said
    assert "loc-dev proxy http://localhost:" in said


def test_the_server_behind_the_proxy_is_away(stack: ExitStack, tmp_path: Path) -> None:
    behind = f"http://localhost:{free_port()}"
    dev = stack.enter_context(LocDev("proxy", behind, "--watch", tmp_path, "--port", "0"))
    code, said = doctor(dev.url)
    assert code == 1
    assert f"loc-dev is running, but {behind} does not answer" in said
    assert "reloads as soon as the server answers" in said


def test_a_page_that_is_not_there_is_nobodys_file(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    dev = stack.enter_context(LocDev("serve", tmp_path, "--port", "0"))
    code, said = doctor(f"{dev.url.removeprefix('http://')}/nothing")
    assert code == 1
    assert f"no  {dev.url}/nothing responds with 404" in said
    assert "it has the script tag" in said
    assert "your server generates it" not in said


def test_nothing_listens() -> None:
    code, said = doctor(f"http://localhost:{free_port()}")
    assert code == 1
    assert "nothing is listening" in said
    assert "Start your server" in said


def test_the_tool_is_not_there(stack: ExitStack, tmp_path: Path) -> None:
    port = free_port()
    make(tmp_path, f'<script src="http://localhost:{port}/_loc/reload.js" async></script>')
    code, said = doctor(plain(stack, tmp_path))
    assert code == 1
    assert (
        f"no  nothing is listening at http://localhost:{port}\n    The script tag in the page names that port"
        in said
    )


def test_what_is_no_page(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    code, said = doctor(f"{plain(stack, tmp_path)}/css/a.css")
    assert code == 1
    assert "it is text/css, not an HTML page" in said


def test_a_policy_that_blocks_the_script(stack: ExitStack, tmp_path: Path) -> None:
    dev = stack.enter_context(LocDev("watch", tmp_path, "--port", "0"))
    make(tmp_path, f'<script src="{dev.url}"></script><meta http-equiv="Content-Security-Policy" '
                   "content=\"script-src 'self'\">")  # fmt: skip
    code, said = doctor(plain(stack, tmp_path))
    assert code == 1
    assert "no  the Content-Security-Policy in its <meta> blocks the script or the WebSocket" in said
    assert f"script-src {dev.url}" in said


def test_a_foreign_name_is_told_the_flag(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path)
    dev = stack.enter_context(LocDev("serve", tmp_path, "--port", "0", "--host", "127.0.0.1"))
    code, said = doctor(f"http://0.0.0.0:{dev.port}/")
    assert code == 1
    assert "--allow-host 0.0.0.0" in said


def test_an_asset_that_is_ignored(stack: ExitStack, tmp_path: Path) -> None:
    make(tmp_path, '<script src="node_modules/x/x.js"></script>')
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/x.js").write_text("1")
    dev = stack.enter_context(LocDev("serve", tmp_path, "--port", "0"))
    code, said = doctor(dev.url)
    assert code == 1
    assert "x.js, " in said
    assert "node_modules" in said
    assert "Remove that rule" in said


def test_a_host_without_an_address_is_named_without_an_error_number() -> None:
    code, said = doctor("http://no-such-host.invalid:8080/")
    assert code == 1
    assert "http://no-such-host.invalid:8080 does not respond: " in said
    assert "Errno" not in said


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "", "http://[", "http://[x]/"])
def test_what_is_no_address(url: str) -> None:
    code, said = doctor(url)
    assert code == 2
    assert "is not a URL such as http://localhost:8000" in said
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("location", ["http://[", "//[", "mailto:x@example.org"])
def test_a_server_that_sends_on_to_nowhere(location: str) -> None:
    async def elsewhere(request: Request) -> Response:
        return Response(status_code=302, headers={"Location": location})

    with serving(Starlette(routes=[Route("/", elsewhere)])) as port:
        code, said = doctor(f"http://127.0.0.1:{port}/")
    assert code == 1
    assert "no  that is not the address of a page" in said
    assert "Have your server redirect" in said


def scripted(stack: ExitStack, folder: Path, **headers: str) -> str:
    """A server of ``folder`` whose every answer bears ``headers``."""
    site = Site(folder)
    site.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return stack.enter_context(http_server(site)).url


@pytest.mark.parametrize(
    ("page", "headers", "result", "cure"),
    [
        ("<!-- never closed", {}, "it has no place for a script tag", "-->"),
        (
            "<p>x",
            {"Content_Security_Policy": "sandbox"},
            "a sandbox without scripts",
            "allow-scripts",
        ),
        ("<p>x", {"Content_Encoding": "x-odd"}, "it is compressed (x-odd)", "Turn off compression"),
        ("<p>x", {"Content_Disposition": "attachment"}, "it is a download", "Remove that header"),
    ],
)
def test_a_page_that_the_proxy_puts_no_tag_into(
    stack: ExitStack, tmp_path: Path, page: str, headers: dict[str, str], result: str, cure: str
) -> None:
    (tmp_path / "index.html").write_text(page)
    backend = scripted(stack, tmp_path, **headers)
    dev = stack.enter_context(LocDev("proxy", backend, "--watch", tmp_path, "--port", "0"))
    code, said = doctor(dev.url)
    assert code == 1
    assert result in said
    assert cure in said.splitlines()[-3]
    assert "1 problem:" in said


def test_other_pages_that_bear_no_tag(stack: ExitStack, tmp_path: Path) -> None:
    (tmp_path / "page.xhtml").write_text("<html xmlns='http://www.w3.org/1999/xhtml'/>")
    dev = stack.enter_context(LocDev("serve", tmp_path, "--port", "0"))
    (tmp_path / "page.xml").write_text("<a>b</a>")
    assert "its root element is empty, or it is not well-formed" in doctor(f"{dev.url}/page.xhtml")[1]
    assert "no  it is application/xml, not an HTML page" in doctor(f"{dev.url}/page.xml")[1]
    assert "no  it is a page of loc-dev itself" in doctor(f"{dev.url}/_loc/")[1]


@pytest.mark.parametrize("enabled", ["1", "0"])
def test_a_middleware_whose_socket_is_on_another_port(
    stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enabled: str
) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\n"
        "from livereload_loc.wsgi import LiveReloadMiddleware\n"
        "app = Flask(__name__)\n"
        "app.wsgi_app = LiveReloadMiddleware(app.wsgi_app, watch=['.'])\n"
        "app.get('/')(lambda: '<p>x')\n"
    )
    monkeypatch.setenv("LOC_DEV", enabled)
    flask = upstream(tmp_path, sys.executable, "-m", "flask", "run", "--port", "PORT")
    code, said = doctor(stack.enter_context(flask))
    assert code == int(enabled == "0"), said
    if enabled == "1":
        assert f"loc-dev watches {tmp_path}" in said
        assert "your server generates it" in said
    else:
        assert "set LOC_DEV=1" in said


def test_what_browsers_keep(stack: ExitStack, tmp_path: Path) -> None:
    dev = stack.enter_context(LocDev("watch", tmp_path, "--port", "0"))
    make(tmp_path, f'<base href="/"><script src="{dev.url}" async></script><img src=/gone.png>')
    code, said = doctor(scripted(stack, tmp_path, Cache_Control="public, max-age=86400"))
    assert code == 1
    assert "no  browsers may show it for 86,400 s without asking" in said
    assert f"ok  /css/a.css is {tmp_path}/css/a.css; browsers keep it for 86,400 s, but" in said
    assert "no  /gone.png responds with 404" in said
    assert "2 problems:" in said


def test_a_page_that_git_ignores_is_named_with_its_rule(stack: ExitStack, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("\n*.php\n")
    dev = stack.enter_context(LocDev("watch", tmp_path, "--port", "0"))
    make(tmp_path, f'<script src="{dev.url}" async></script>')
    (tmp_path / "index.html").rename(tmp_path / "index.php")
    code, said = doctor(stack.enter_context(upstream(tmp_path, "php", "-S", "localhost:PORT")))
    assert code == 1
    assert f"no  the page is {tmp_path}/index.php, which is not watched: ignored by .gitignore:2" in said
