"""Pages whose policy wants Trusted Types. Nothing of the client violates it."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.support.page_marks import holds, mark, reloaded, shows
from tests.support.scripted_pages import knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

POLICIES = [
    "require-trusted-types-for 'script'",
    "require-trusted-types-for 'script'; trusted-types 'none'",
]


@pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
@pytest.mark.parametrize("policy", POLICIES)
def test_trusted_types_are_not_violated(
    context: BrowserContext, plain_site: Site, server: Scripted, policy: str
) -> None:
    plain_site.headers["Content-Security-Policy"] = policy
    plain_site.save("site.css", "p { order: 1 }")
    plain_site.save("favicon.ico", b"")
    plain_site.page("index.html", "<p>one</p><input>", "<link rel=stylesheet href=site.css>")
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    page, talk = visit(context, plain_site, server)
    plain_site.save("site.css", "p { order: 2 }")
    talk.update(1, "css", "site.css")
    shows(page, "p", "order", "2")
    talk.say("problem", title="a problem", detail="of a build")
    page.get_by_role("alert").wait_for()
    mark(page)
    page.locator("input").fill("typed")
    talk.update(2, "reload", "app.py")
    reloaded(page)
    server.next()
    holds(page, "document.querySelector('input').value === 'typed'")
    assert said == []


@pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
def test_trusted_types_are_not_violated_in_frames(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.headers["Content-Security-Policy"] = POLICIES[0]
    plain_site.save("favicon.ico", b"")
    plain_site.save("frame.html", "<!doctype html><p>in a frame")
    plain_site.page("index.html", "<p>one</p><iframe src=frame.html></iframe>")
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html")
    urls = {server.next().introduction["url"] for _ in range(2)}
    assert urls == {"/index.html", "/frame.html"}
    assert said == []


LISTEN = """() => {
  window.violations = [];
  for (const view of [window, frames[0]])
    view.document.addEventListener("securitypolicyviolation", (event) =>
      window.violations.push(`${event.violatedDirective} ${event.sample}`));
}"""


def test_a_policy_that_is_allowed_by_name_is_made_once_in_a_window(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.headers["Content-Security-Policy"] = f"{POLICIES[0]}; trusted-types loc-dev"
    sheet = "<link rel=stylesheet href=site.css>"
    plain_site.save("site.css", "p { order: 1 }")
    plain_site.save("frame.html", f"<!doctype html>{sheet}<p>in a frame")
    plain_site.page("index.html", "<p>one</p><iframe src=frame.html></iframe>", sheet)
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html")
    talks = {talk.introduction["url"]: talk for talk in (staying.next(), staying.next())}
    knows_itself(page)
    page.evaluate(LISTEN)
    plain_site.page("index.html", "<p>two</p><iframe src=frame.html></iframe>", sheet)
    talks["/index.html"].update(1, "reload", "index.html")
    assert talks["/index.html"].hear("applied")["did"] == "in-place"
    talks["/frame.html"].update(1, "css", "unused.css")
    assert talks["/frame.html"].hear("applied")["did"] == "nothing"
    for number, colour in ((2, "rgb(2, 0, 0)"), (3, "rgb(3, 0, 0)")):
        plain_site.save("site.css", f"p {{ color: {colour} }}")
        for talk in talks.values():
            talk.update(number, "css", "site.css")
            assert talk.hear("applied")["did"] == "css"
        for document in ("document", "frames[0].document"):
            holds(page, f"getComputedStyle({document}.querySelector('p')).color === '{colour}'")
    assert page.evaluate("() => window.violations") == []
