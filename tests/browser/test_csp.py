"""Pages under the policies of real sites: they reload, and break no rule that they would not break anyway."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.upstreams import serving
from tests.support.waiting import until

pytestmark = pytest.mark.not_in("webkit", "WebDriver runs no script before the page's own")

ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
NONCE = "cjRuZDBt"
INLINE = "window.inline = true"
DIGEST = base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode()

# What github.com sends, with its own address added where its styles come from.
GITHUB = (
    "default-src 'none'; base-uri 'self'; child-src github.githubassets.com github.com/assets-cdn/worker/ "
    "github.com/assets/ gist.github.com/assets-cdn/worker/; connect-src 'self' uploads.github.com "
    "www.githubstatus.com collector.github.com raw.githubusercontent.com api.github.com "
    "github-cloud.s3.amazonaws.com github-production-repository-file-5c1aeb.s3.amazonaws.com "
    "*.rel.tunnels.api.visualstudio.com wss://*.rel.tunnels.api.visualstudio.com "
    "objects-origin.githubusercontent.com copilot-proxy.githubusercontent.com "
    "proxy.individual.githubcopilot.com *.actions.githubusercontent.com wss://alive.github.com; "
    "font-src github.githubassets.com; form-action 'self' github.com gist.github.com "
    "copilot-workspace.githubnext.com objects-origin.githubusercontent.com; frame-ancestors 'none'; "
    "frame-src viewscreen.githubusercontent.com notebooks.githubusercontent.com; img-src 'self' data: blob: "
    "github.githubassets.com media.githubusercontent.com camo.githubusercontent.com "
    "identicons.github.com avatars.githubusercontent.com private-avatars.githubusercontent.com "
    "github-cloud.s3.amazonaws.com *.githubusercontent.com; manifest-src 'self'; media-src github.com "
    "user-images.githubusercontent.com/ secured-user-images.githubusercontent.com/; "
    "script-src github.githubassets.com; style-src 'self' 'unsafe-inline' github.githubassets.com; "
    "upgrade-insecure-requests; worker-src github.githubassets.com github.com/assets-cdn/worker/"
)
STRICT = (
    f"script-src 'nonce-{NONCE}' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none'"
)


@dataclass
class Case:
    """``headers`` of a page, ``meta`` in its head, whether its style sheet applies, and whether the script
    may load the parts that it needs seldom."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    meta: str = ""
    styles: bool = True
    parts: bool = True


def enforced(*policies: str, styles: bool = True, parts: bool = True) -> Case:
    return Case([(ENFORCED, policy) for policy in policies], styles=styles, parts=parts)


CASES = {
    "no policy": Case(),
    "github": enforced(GITHUB),
    "django-csp": enforced("default-src 'self'"),
    "nothing": enforced("default-src 'none'", styles=False),
    "nothing but styles": enforced("default-src 'none'; style-src 'self'"),
    "google": enforced(STRICT),
    "google, reported": Case([(REPORTED, f"{STRICT}; require-trusted-types-for 'script'")]),
    "nothing, reported": Case([(REPORTED, "default-src 'none'; report-uri /reports")]),
    "one enforced, one reported": Case([(REPORTED, STRICT), (ENFORCED, "default-src 'self'")]),
    "nonces that differ": enforced("script-src 'nonce-other' 'strict-dynamic'", STRICT, parts=False),
    "several by comma and by header": enforced("default-src 'self', script-src 'none'", "connect-src 'none'"),
    "only scripts": enforced("script-src 'none'"),
    "only elements": enforced("script-src 'self'; script-src-elem 'none'"),
    "only sockets": enforced("connect-src 'none'"),
    "inline by keyword": enforced("script-src 'unsafe-inline'; style-src 'self' 'unsafe-inline'"),
    "inline by digest": enforced(f"script-src 'sha256-{DIGEST}'"),
    "strict by digest": enforced(f"script-src 'sha256-{DIGEST}' 'strict-dynamic'", parts=False),
    "trusted types": enforced("require-trusted-types-for 'script'; trusted-types 'none'"),
    "trusted types and nonces": enforced(f"{STRICT}; require-trusted-types-for 'script'"),
    "a sandbox": enforced("sandbox allow-scripts allow-same-origin"),
    "a meta policy": Case(meta="default-src 'self'"),
    "hosts without a scheme": enforced("script-src localhost:*; connect-src localhost:*"),
    "anything": enforced("default-src *"),
    "schemes": enforced("script-src http:; connect-src http: ws:"),
    "odd spacing": enforced("  DEFAULT-SRC\t'Self' ;; Script-Src   'NONE'"),
}
HARMLESS = ("no policy", "a sandbox")


@dataclass
class Site:
    """The same pages on two servers, with us and without."""

    folder: Path
    ours: str
    plain: str

    def save(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)


def page(case: Case) -> str:
    meta = f'<meta http-equiv="{ENFORCED}" content="{case.meta}">' if case.meta else ""
    return f"""<!doctype html><html><head><title>A page</title>{meta}
<link rel="stylesheet" href="/static/site.css">
<script src="/static/app.js" nonce="{NONCE}"></script>
<script>{INLINE}</script>
</head><body onclick="0"><p style="color: red">A page</p>
<img src="/static/picture.svg"><iframe src="/frame"></iframe>
<script nonce="{NONCE}">
const elsewhere = location.origin.replace("localhost", "other.localhost");
new Image().src = elsewhere;
try {{ document.createElement("p").innerHTML = "<b>x</b>" }} catch {{}}
try {{ eval("0") }} catch {{}}
fetch(elsewhere).catch(() => 0);
</script>
</body></html>"""


def app(folder: Path, *, enabled: bool) -> Starlette:
    async def show(request: Request) -> HTMLResponse:
        case = CASES[request.path_params["name"]]
        known = request.headers.get("if-none-match") == '"1"'
        response = HTMLResponse("" if known else page(case), 304 if known else 200, {"ETag": '"1"'})
        for name, value in case.headers:
            response.headers.append(name, value)
        return response

    async def frame(request: Request) -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>frame</title>")

    static = StaticFiles(directory=folder / "static")
    routes = [Route("/case/{name}", show), Route("/frame", frame), Mount("/static", static)]
    app = Starlette(routes=routes)
    app.add_middleware(LiveReloadMiddleware, watch=[folder], enabled=enabled)
    return app


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    (folder / "static").mkdir()
    (folder / "static/site.css").write_text("p { order: 1 }")
    (folder / "static/app.js").write_text("window.app = true")
    (folder / "static/picture.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (folder / "page.txt").write_text("1")
    with (
        serving(app(folder, enabled=True), lifespan="on") as ours,
        serving(app(folder, enabled=False), lifespan="on") as plain,
    ):
        yield Site(folder, f"http://localhost:{ours}", f"http://localhost:{plain}")


class Tab:
    """A page and the rules that it broke."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.broken: set[tuple[str, ...]] = set()
        self.said: list[str] = []
        self.page.on("console", self._hear)
        self.page.expose_binding("broken", self._note)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => window.broken(JSON.stringify("
            "[event.disposition, event.effectiveDirective, event.blockedURI])), true)"
        )

    def _note(self, _: object, words: str) -> None:
        # Two servers have two ports, and a style sheet that is swapped bears a stamp.
        rule = tuple(re.sub(r"localhost:\d+|\?_loc=\d+", "", word) for word in json.loads(words))
        if not rule[2].endswith("/favicon.ico"):  # which browsers ask for when they like
            self.broken.add(rule)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "warning" and message.text.startswith("loc-dev:"):
            self.said.append(message.text)

    def open(self, url: str) -> Response:
        response = self.page.goto(url)
        assert response
        return response

    def calm(self) -> None:
        """Wait until what the page has broken by now is told."""
        self.page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done)))")


def alone(context: BrowserContext, site: Site, name: str) -> set[tuple[str, ...]]:
    """The rules that the page breaks without us."""
    tab = Tab(context)
    tab.open(f"{site.plain}/case/{name}")
    tab.calm()
    tab.page.close()
    return tab.broken


@pytest.mark.parametrize("name", CASES)
def test_a_page_reloads_and_breaks_no_rule_of_its_own(context: BrowserContext, site: Site, name: str) -> None:
    expected = alone(context, site, name)
    assert bool(expected) == (name not in HARMLESS)
    tab = Tab(context)
    tab.open(f"{site.ours}/case/{name}")
    holds(tab.page, "Symbol.for('loc-dev') in window")
    until(lambda: httpx2.get(f"{site.ours}/_loc/api/status").json()["pages"], "the page did not join")
    mark(tab.page)
    if CASES[name].styles and CASES[name].parts:
        site.save("static/site.css", "p { order: 7 }")
        shows(tab.page, "p", "order", "7")
        assert is_marked(tab.page)
    site.save("page.txt", "2")
    reloaded(tab.page)
    # The page that it was reloaded to is as good as the first.
    holds(tab.page, "Symbol.for('loc-dev') in window")
    mark(tab.page)
    site.save("page.txt", "3")
    reloaded(tab.page)
    tab.calm()
    if not CASES[name].parts:
        # Beside 'strict-dynamic' a digest lets a script of the parser's run, but not import another one.
        tab.broken = {each for each in tab.broken if "/_loc/" not in each[2]}
    assert tab.broken == expected
    assert not tab.said


@pytest.mark.not_in("firefox", "Playwright takes the size of the cached page for that of a 304 by BiDi")
def test_a_page_that_is_not_sent_again_keeps_what_it_needs(context: BrowserContext, site: Site) -> None:
    tab = Tab(context)
    sent: list[int] = []
    for _ in range(2):
        with tab.page.expect_response("**/case/nothing") as came:
            tab.open(f"{site.ours}/case/nothing")
        sizes = came.value.request.sizes()
        sent.append(sizes["responseBodySize"])
        holds(tab.page, "Symbol.for('loc-dev') in window")
    assert sent[0] > 500 > sent[1]
    assert tab.broken == alone(context, site, "nothing")


SANDBOXED = {"default-src 'self'; sandbox allow-forms", "sandbox"}


@pytest.mark.parametrize("policy", SANDBOXED)
def test_a_page_that_may_run_nothing_is_left_alone(
    context: BrowserContext, site: Site, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CASES, "sandbox", enforced(policy))
    tab = Tab(context)
    plain = tab.open(f"{site.plain}/case/sandbox").text()
    ours = tab.open(f"{site.ours}/case/sandbox")
    assert ours.text() == plain
    assert ours.headers["content-security-policy"] == policy


@pytest.mark.parametrize(
    ("meta", "sought"),
    [
        ("default-src 'self'; connect-src https://api.example", "ws://localhost"),
        ("connect-src 'none'", "ws:"),
    ],
)
def test_a_meta_policy_that_blocks_the_socket_is_named(
    context: BrowserContext, site: Site, monkeypatch: pytest.MonkeyPatch, meta: str, sought: str
) -> None:
    monkeypatch.setitem(CASES, "meta", Case(meta=meta))
    tab = Tab(context)
    text = tab.open(f"{site.ours}/case/meta").text()
    tagged = re.sub(r' data-(run|id)="[\w-]+"', "", text)
    assert tagged == page(CASES["meta"]).replace(
        "<head>", '<head><script src="/_loc/reload.js" async></script>'
    )

    def named() -> bool:
        tab.calm()
        return bool(tab.said)

    until(named, "nothing was said")
    (said,) = tab.said
    assert said.startswith("loc-dev: blocked by the Content-Security-Policy")
    assert sought in said
    assert "connect-src" in said
