"""The reload socket: introductions, updates, restarts and paths."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import BrowserContext

from tests.support.expecting import expect
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Message, Scripted
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def test_a_page_introduces_itself(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    plain_site.page("about/index.html", "<p>one")
    _, talk = visit(context, plain_site, server, "about/?a=b")
    introduction = talk.introduction
    assert introduction["url"] == "/about/?a=b"
    assert introduction["seq"] is None
    assert introduction["run"] == "first"
    assert 0 < introduction["age"] < 20_000


def test_a_reloaded_page_says_what_it_knows_and_did(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, server)
    mark(page)
    talk.reload_for_each("index.html", "app.py")
    server.hello["seq"] = 2
    after = server.next()
    reloaded(page)
    assert after.introduction["run"] == "first"
    answers = [after.hear("applied")]
    if after.introduction["seq"] == 1:  # the page was gone before it heard of the second, and asks for that
        after.update(2, "reload", "app.py")
        after = server.next()
    assert after.introduction["seq"] == 2
    answers.append(after.hear("applied"))
    assert answers == [{"type": "applied", "seq": seq, "did": "reload", "why": ""} for seq in (1, 2)]
    assert server.talks.empty()


def test_an_update_that_comes_twice_is_done_once(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", "<p>one")
    _, talk = visit(context, plain_site, server)
    for seq in (1, 1, 2):
        talk.update(seq, "css", "unused.css")
    assert [talk.hear("applied")["seq"] for _ in range(2)] == [1, 2]


def test_a_gap_means_reload(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, server)
    mark(page)
    talk.update(1, "css", "unused.css")
    talk.update(3, "css", "unused.css")
    reloaded(page)
    assert server.next().introduction["seq"] == 3


def test_no_paths_and_all_are_always_obeyed(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, server)
    cases: list[Message] = [
        {"paths": []},
        {"paths": ["unused.css"], "all": True},
        {"paths": ["caf\ufffd.css"]},
    ]
    for fields in cases:
        mark(page)
        seq = server.hello["seq"] = server.hello["seq"] + 1
        talk.say("update", seq=seq, action="reload", **fields)
        reloaded(page)
        talk = server.next()
        assert talk.hear("applied")["did"] == "reload"


def test_a_reload_of_unknown_cause_takes_nothing_from_the_cache(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.save("app.js", "window.version = 1")
    plain_site.page("index.html", "<p>one", "<script src=app.js></script>")
    page, talk = visit(context, plain_site, server)
    plain_site.save("app.js", "window.version = 2")
    talk.update(1, "reload")
    holds(page, "window.version === 2")


def test_another_run_reloads_and_a_lost_connection_does_not(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.save("app.js", "window.version = 1")
    plain_site.page("index.html", "<p>one", "<script src=app.js></script>")
    page, talk = visit(context, plain_site, server)
    mark(page)
    talk.update(1, "css", "unused.css")
    talk.hear("applied")
    server.hello["seq"] = 1
    talk.cut()
    back = server.next()
    assert back.introduction["seq"] == 1
    assert is_marked(page)
    plain_site.save("app.js", "window.version = 2")
    server.hello = {"run": "second", "seq": 0}
    back.cut()
    reloaded(page)
    holds(page, "window.version === 2")
    server.next()
    assert server.next().introduction["run"] == "second"


@pytest.mark.not_in("webkit", "it runs no async script while the parser waits for another one")
def test_a_page_waits_until_it_has_loaded_before_it_says_that_it_does_not_use_an_asset(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    gate = plain_site.gates["/slow.js"] = threading.Event()
    plain_site.save("slow.js", "")
    plain_site.save("late.css", "p { color: rgb(1, 0, 0) }")
    plain_site.page("index.html", "<script src=slow.js></script><link rel=stylesheet href=late.css><p>one")
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html", wait_until="commit")
    talk = server.next()
    plain_site.save("late.css", "p { color: rgb(2, 0, 0) }")
    talk.update(1, "css", "late.css")
    page.wait_for_timeout(200)
    assert talk.heard.empty()
    gate.set()
    assert talk.hear("applied") == {"type": "applied", "seq": 1, "did": "css", "why": ""}
    shows(page, "p", "color", "rgb(2, 0, 0)")


def test_exact_paths_are_url_paths(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    server.hello["exact"] = True
    plain_site.save("a/site.css", "p { order: 1 }")
    plain_site.page("index.html", "<p>one", '<link rel="stylesheet" href="a/site.css">')
    plain_site.page("docs/index.html", "<p>two")
    home, first = visit(context, plain_site, server)
    docs, second = visit(context, plain_site, server, "docs/")
    mark(home)
    for seq, path in enumerate(("site.css", "docs/index.html", "other.html", "index.html/x.html"), start=1):
        first.update(seq, "reload", path)
        assert first.hear("applied")["did"] == "nothing", path
    assert is_marked(home)
    first.update(5, "css", "a/site.css")
    assert first.hear("applied")["did"] == "css"
    mark(docs)
    second.update(1, "reload", "docs/index.html")
    reloaded(docs)
    server.hello["seq"] = 5
    first.update(6, "reload", "index.html")
    reloaded(home)


def test_a_frame_with_a_client_reloads_alone_when_paths_are_exact(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    server.hello["exact"] = True
    plain_site.page("index.html", "<iframe src=frame.html></iframe>")
    plain_site.page("frame.html", "<p id=it>one")
    page, talk = visit(context, plain_site, server)
    other = server.next()
    mark(page)
    plain_site.page("frame.html", "<p id=it>two")
    for each in (talk, other):
        each.update(1, "reload", "frame.html")
    holds(page, "frames[0].it?.textContent === 'two'")
    assert is_marked(page)


def test_included_twice_it_does_everything_once(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page(
        "index.html", "<p>one", f'{plain_site.tag}<script src="{server.url}/_loc/reload.js"></script>'
    )
    page, talk = visit(context, plain_site, server)
    talk.update(1, "css", "unused.css")
    assert talk.hear("applied")["did"] == "nothing"
    page.wait_for_timeout(200)
    assert talk.heard.empty()
    assert server.talks.empty()


def test_the_overlay_is_plain_text_and_goes_when_it_is_solved_or_dismissed(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.headers["Content-Security-Policy"] = (
        f"default-src 'self' {server.url}; connect-src 'self' {server.url} {server.url.replace('http', 'ws')}"
    )
    plain_site.page("index.html", "<p>one</p><input>")
    page, talk = visit(context, plain_site, server)
    page.focus("input")
    alert = page.get_by_role("alert")
    talk.say("problem", title="sass <b>failed</b>", detail="line 3:\n  <img src=x onerror=alert(1)>")
    expect(alert).to_contain_text("sass <b>failed</b>")
    expect(alert).to_contain_text("<img src=x onerror=alert(1)>")
    assert alert.locator("img").count() == 0
    assert page.evaluate("() => getComputedStyle(document.querySelector('loc-dev')).position") == "fixed"
    assert page.evaluate("() => document.activeElement.localName") == "input"
    talk.say("solved")
    expect(alert).to_have_count(0)
    talk.say("problem", title="again", detail="")
    expect(alert).to_have_count(1)
    page.get_by_role("button", name="Close").click()
    expect(alert).to_have_count(0)
    talk.say("problem", title="again", detail="")
    expect(alert).to_have_count(1)
    page.keyboard.press("Escape")
    expect(alert).to_have_count(0)


@pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
def test_it_works_under_a_strict_policy(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    socket = server.url.replace("http", "ws")
    plain_site.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {server.url}; style-src 'self'; img-src 'self';"
        f" connect-src 'self' {socket}; require-trusted-types-for 'script'"
    )
    plain_site.save("site.css", "p { color: rgb(1, 0, 0) }")
    plain_site.save("favicon.ico", b"")
    plain_site.save("app.js", "window.version = 1")
    plain_site.page(
        "index.html", "<p>one", '<link rel="stylesheet" href="site.css"><script src=app.js></script>'
    )
    page, talk = visit(context, plain_site, server)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    mark(page)
    plain_site.save("site.css", "p { color: rgb(2, 0, 0) }")
    talk.update(1, "css", "site.css")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    assert is_marked(page)
    plain_site.save("app.js", "window.version = 2")
    talk.update(2, "reload", "app.js")
    holds(page, "window.version === 2")
    assert errors == []


@pytest.mark.not_in("firefox", "Playwright tells nothing of sockets by BiDi")
@pytest.mark.not_in("webkit", "WebDriver tells nothing of sockets")
def test_the_tag_may_name_another_server(context: BrowserContext, plain_site: Site, server: Scripted) -> None:
    plain_site.save("copy.js", "")
    other = server.url.replace("localhost", "127.0.0.1")
    plain_site.save("index.html", f'<script src="{server.url}" data-server="{other}"></script>')
    page = context.new_page()
    with page.expect_websocket() as opened:
        page.goto(f"{plain_site.url}/index.html")
    assert opened.value.url == f"{other.replace('http', 'ws')}/_loc/ws/reload"


def test_a_policy_that_blocks_the_parts_still_lets_the_page_reload(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    socket = server.url.replace("http", "ws")
    policy = f"script-src {server.url}/_loc/reload.js; connect-src 'self' {socket}"
    plain_site.headers["Content-Security-Policy"] = policy
    plain_site.save("site.css", "p { order: 1 }")
    head = f'<script src="{server.url}/_loc/reload.js" async></script><link rel=stylesheet href=site.css>'
    plain_site.save("index.html", f"<!doctype html>{head}<p>one")
    page, talk = visit(context, plain_site, server)
    mark(page)
    plain_site.save("site.css", "p { order: 2 }")
    talk.update(1, "css", "site.css")
    reloaded(page)
    shows(page, "p", "order", "2")
