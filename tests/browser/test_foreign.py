"""Web pages of strangers, in the developer's browser while the tool runs: they learn and do nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.backends import upstream
from tests.support.engines import Engine
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

pytestmark = pytest.mark.not_in("webkit", "it knows no names but those of the system")


@pytest.fixture(scope="module")
def browser(engine: Engine) -> Iterator[Browser]:
    """A browser that these names lead to this machine, as rebound names would."""
    browser = engine.launch("evil.example", "rebound.example")
    yield browser
    browser.close()


@pytest.fixture(params=["serve", "proxy", "watch"])
def dev(request: pytest.FixtureRequest, folder: Path) -> Iterator[LocDev]:
    (folder / "index.html").write_text("<!doctype html><html><head></head><body>S3CRET</body></html>")
    (folder / "secret.js").write_text("window.secret = 'S3CRET';\n")
    (folder / "secret.css").write_text("body { --secret: S3CRET }\n")
    (folder / "secret.json").write_text('{"secret": "S3CRET"}')
    (folder / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>')
    with ExitStack() as stack:
        what: list[Any] = [folder]
        if request.param == "proxy":
            command = (sys.executable, "-m", "http.server", "PORT", "--bind", "127.0.0.1")
            what = [stack.enter_context(upstream(folder, *command)), "--watch", folder]
        yield stack.enter_context(LocDev(request.param, *what, "--port", "0"))


@pytest.fixture
def foreign(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of evil.example, which may do all that pages may."""
    (tmp_path / "evil").mkdir()
    with http_server(Site(tmp_path / "evil")) as site:
        site.save("index.html", "<!doctype html><h1>Free games</h1>")
        context = browser.new_context()
        context.set_default_timeout(DEADLINE * 1000)
        page = context.new_page()
        page.goto(site.url.replace("localhost", "evil.example") + "/index.html")
        yield page
        context.close()


ADDRESSES = ["localhost", "127.0.0.1", "evil.example"]
PATHS = ["/", "/index.html", "/secret.js", "/secret.json", "/_loc/", "/_loc/api/status"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_reads_nothing(foreign: Page, dev: LocDev, address: str) -> None:
    for path in PATHS:
        for options in (
            "{}",
            "{mode: 'no-cors'}",
            "{credentials: 'include'}",
            "{method: 'POST', mode: 'no-cors'}",
        ):
            read = foreign.evaluate(
                f"fetch('http://{address}:{dev.port}{path}', {options})"
                ".then((answer) => answer.text().then((text) => answer.type + text), () => 'nothing')"
            )
            assert "S3CRET" not in read, (path, options)
            if path.startswith("/_loc/"):
                assert read in ("nothing", "opaque"), (path, options)


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_includes_nothing(foreign: Page, dev: LocDev, address: str) -> None:
    base = f"http://{address}:{dev.port}"
    for tag, attribute, path in (
        ("script", "src", "/secret.js"),
        ("link", "href", "/secret.css"),
        ("img", "src", "/secret.svg"),
        ("script", "src", "/secret.json"),
    ):
        outcome = foreign.evaluate(
            f"""() => new Promise((done) => {{
              const element = document.createElement("{tag}");
              element.onload = () => done("loaded");
              element.onerror = () => done("refused");
              if ("{tag}" === "link") element.rel = "stylesheet";
              element.{attribute} = "{base}{path}";
              document.body.append(element);
            }})"""
        )
        assert outcome == "refused", (tag, path)
    assert foreign.evaluate("window.secret") is None


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_opens_no_socket(foreign: Page, dev: LocDev, address: str) -> None:
    for path in ("/_loc/ws/reload", "/livereload", "/", "/hmr"):
        state = foreign.evaluate(
            f"""() => new Promise((done) => {{
              const socket = new WebSocket("ws://{address}:{dev.port}{path}");
              socket.onopen = () => done("open");
              socket.onerror = () => done("refused");
            }})"""
        )
        assert state == "refused", path


def test_it_sees_nothing_in_a_frame_and_changes_nothing_by_a_form(foreign: Page, dev: LocDev) -> None:
    base = f"http://localhost:{dev.port}"
    foreign.evaluate(
        f"""() => new Promise((done) => {{
          const frame = document.createElement("iframe");
          frame.name = "target";
          frame.onload = done;
          frame.src = "{base}/index.html";
          document.body.append(frame);
        }})"""
    )
    with pytest.raises(Exception, match="cross-origin"):
        foreign.evaluate("frames[0].document.body.textContent")
    for path in ("/_loc/", "/_loc/api/status", "/_loc/healthz", "/"):
        foreign.evaluate(
            f"""() => new Promise((done) => {{
              document.querySelector("iframe").onload = done;
              const form = document.createElement("form");
              Object.assign(form, {{ method: "post", action: "{base}{path}", target: "target" }});
              document.body.append(form);
              form.submit();
            }})"""
        )
    assert dev.process.poll() is None
    assert dev.count("change") == 0


def test_a_name_that_is_pointed_here_is_refused(browser: Browser, dev: LocDev) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"http://rebound.example:{dev.port}/")
    assert answer
    assert answer.status == 421
    assert "--allow-host rebound.example" in page.locator("body").inner_text()
    dev.wait_for("problem", lambda event: "--allow-host rebound.example" in event["detail"])
    context.close()
