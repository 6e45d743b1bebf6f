"""A saved page is shown in place: what differs changes, and all else stays as it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.scripted_pages import knows_itself, visit
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site


@pytest.mark.every_engine
def test_a_saved_page_changes_in_place(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", "<h1 class=a>one</h1><p>stays</p><ul><li>1</li></ul>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(
        "() => { document.addEventListener('loc:update', ({ detail }) => { window.heard = detail.paths });"
        " window.kept = document.querySelector('p') }"
    )
    plain_site.page("index.html", "<h1 class=b>two</h1><p>stays</p><ul><li>0</li><li>1</li></ul>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied") == {"type": "applied", "seq": 1, "did": "in-place", "why": ""}
    assert page.evaluate("() => document.body.innerHTML") == (
        '<h1 class="b">two</h1><p>stays</p><ul><li>0</li><li>1</li></ul>'
    )
    assert page.evaluate("() => [window.kept === document.querySelector('p'), ...window.heard]") == [
        True,
        "index.html",
    ]
    plain_site.page("index.html", "<h1 class=b>three</h1>")
    talk.update(2, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => document.body.innerHTML") == '<h1 class="b">three</h1>'


KEPT = """
<style>@keyframes k { to { opacity: .5 } } #moves { animation: k 1000s linear }</style>
<p id=text>old</p><input id=typed value=x><input type=checkbox id=box>
<select id=list><option>a<option>b</select>
<details id=details><summary>s</summary>d</details><div contenteditable id=edited>e</div>
<div id=scrolls style="height: 50px; overflow: auto"><div style="height: 900px">long</div></div>
<canvas id=drawn width=9 height=9></canvas><button id=hears>b</button><iframe id=frame srcdoc="<p>f"></iframe>
<p id=selected>selected text</p><div id=moves>m</div><div style="height: 3000px">tall</div>
"""
CHANGE = """() => {
  const by = (id) => document.getElementById(id);
  by("typed").value = "typed";
  by("box").checked = true;
  by("list").selectedIndex = 1;
  by("details").open = true;
  by("edited").firstChild.data = "edited";
  by("scrolls").scrollTop = 70;
  by("drawn").getContext("2d").fillRect(0, 0, 9, 9);
  by("hears").addEventListener("click", () => { window.clicked = true });
  by("frame").contentWindow.kept = 1;
  by("moves").getAnimations()[0].currentTime = 500000;
  scrollTo(0, 120);
  by("typed").focus({ preventScroll: true });
  by("typed").setSelectionRange(1, 3);
}"""
STATE = """() => {
  const by = (id) => document.getElementById(id);
  by("hears").click();
  return [
    by("text").textContent, by("typed").value, by("box").checked, by("list").value, by("details").open,
    by("edited").textContent, by("scrolls").scrollTop,
    [...by("drawn").getContext("2d").getImageData(4, 4, 1, 1).data], window.clicked,
    by("frame").contentWindow.kept, by("moves").getAnimations()[0].currentTime >= 500000, scrollY,
    document.activeElement.id, by("typed").selectionStart, by("typed").selectionEnd,
  ];
}"""


@pytest.mark.every_engine
def test_what_a_user_did_stays(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", KEPT)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate(CHANGE)
    changed = (
        KEPT.replace("old", "new").replace("<canvas", "<h2>more</h2><canvas").replace("value=x", "value=y")
    )
    plain_site.page("index.html", changed.replace("<option>a", "<option>0<option>a"))
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate(STATE) == [
        *("new", "typed", True, "b", True, "edited", 70, [0, 0, 0, 255], True, 1, True, 120, "typed", 1, 3)
    ]


def test_a_page_that_is_the_same_stays(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    page.evaluate("() => document.addEventListener('loc:update', () => { window.marked = false })")
    talk.update(1, "reload", "app.py")
    assert talk.hear("applied")["did"] == "same"
    assert is_marked(page)


def test_a_style_sheet_that_was_saved_with_the_page_shows_too(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.save("site.css", "p { order: 1 }")
    plain_site.page("index.html", "<p>one</p>", "<link rel=stylesheet href=site.css>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    for seq, (order, text) in enumerate(((2, "two"), (3, "three")), 1):
        plain_site.save("site.css", f"p {{ order: {order} }}")
        plain_site.page("index.html", f"<p>{text}</p>", "<link rel=stylesheet href=site.css>")
        talk.update(seq, "reload", "site.css", "index.html")
        assert talk.hear("applied")["did"] == "in-place"
        shows(page, "p", "order", f"{order}")
        assert page.evaluate("() => document.querySelector('p').textContent") == text
    assert is_marked(page)


def test_what_was_added_stays_and_what_is_unclear_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p id=a>a</p><p id=b>b</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    page.evaluate("() => document.querySelector('#b').before(document.createElement('hr'))")
    plain_site.page("index.html", "<p id=a>a</p><p id=b>new</p>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => document.body.innerHTML") == '<p id="a">a</p><hr><p id="b">new</p>'
    plain_site.page("index.html", "<p id=a>a</p><p id=c>c</p><p id=b>new</p>")
    talk.update(2, "reload", "index.html")
    reloaded(page)


def test_a_page_with_the_widget_changes_in_place(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    widget = f"<script src='{staying.url}/_loc/widget.js'></script><script>locWidget.init();</script>"
    plain_site.page("index.html", f"<p>one</p>{widget}")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    holds(page, "document.querySelector('#_loc #_lo_count')")
    plain_site.page("index.html", f"<p>two</p>{widget}<p>three</p>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    texts = "[...document.querySelectorAll('p, #_lo_count')].map(({ textContent: text }) => text || '-')"
    assert page.evaluate(f"() => {texts}") == ["two", "three", "-"]


NAMES = [
    *("attributes", "childNodes", "firstChild", "nextSibling", "nodeType", "localName", "namespaceURI", "id"),
    *("remove", "isConnected", "setAttributeNodeNS", "removeAttributeNode", "insertBefore", "moveBefore"),
    *("content", "textContent", "ownerDocument"),
]
CLOBBERED = (
    f"<form title=old>{''.join(f'<input name={name}>' for name in NAMES)}<i>1</i><b>2</b></form>"
    "<img name=importNode><img name=createEvent><img name=dispatchEvent><img name=nodeType>"
)


def test_names_of_elements_stop_nothing(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", CLOBBERED)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    saved = CLOBBERED.replace("title=old", "title=new").replace(
        "<i>1</i><b>2</b>", "<b>2</b><u>3</u><i>1</i>"
    )
    plain_site.page("index.html", saved)
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => document.querySelector('form').outerHTML") == page.evaluate(
        "(html) => new DOMParser().parseFromString(html, 'text/html').forms[0].outerHTML", saved
    )


def test_two_tabs_of_a_page_change_one_after_the_other(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    tabs = [visit(context, plain_site, staying) for _ in range(2)]
    for page, _ in tabs:
        knows_itself(page)
        mark(page)
    for number in (1, 2):
        plain_site.page("index.html", f"<p>text {number}</p><i>{number}</i>")
        for page, talk in tabs:
            talk.update(number, "reload", "index.html")
            assert talk.hear("applied")["did"] == "in-place"
            assert page.evaluate("() => document.body.textContent") == f"text {number}{number}"
    assert all(is_marked(page) for page, _ in tabs)


def test_a_page_with_trusted_types_and_nonces_changes_in_place(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    style, policy = (
        "<style nonce=abc>",
        "style-src 'nonce-abc'; require-trusted-types-for 'script'; trusted-types loc-dev",
    )
    plain_site.headers["Content-Security-Policy"] = policy
    plain_site.page("index.html", f"{style}p {{ order: 1 }}</style><p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    plain_site.page(
        "index.html",
        f"{style}p {{ order: 2 }}</style>{style}p {{ flex-grow: 3 }}</style><p>two</p>",
    )
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    shows(page, "p", "order", "2")
    shows(page, "p", "flex-grow", "3")


@pytest.mark.every_engine
def test_back_leads_to_the_page_as_it_is_now(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    plain_site.page("other.html", "<p>other</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    plain_site.page("index.html", "<p>two</p>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    page.goto(f"{plain_site.url}/other.html")
    staying.next()
    page.evaluate("() => history.back()")
    holds(page, "document.querySelector('p').textContent === 'two'")
    staying.next()


@pytest.mark.not_in("webkit", "it has no moveBefore")
def test_a_frame_that_moves_keeps_its_document(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    frame = "<iframe id=frame srcdoc='<p>f'></iframe>"
    plain_site.page("index.html", f"<p>a</p>{frame}<p>b</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    page.evaluate("() => { frame.contentWindow.kept = 1 }")
    plain_site.page("index.html", f"<p>a</p><p>b</p><section><h2>new</h2>{frame}</section>")
    talk.update(1, "reload", "index.html")
    assert talk.hear("applied")["did"] == "in-place"
    assert page.evaluate("() => [frame.parentNode.localName, frame.contentWindow.kept]") == ["section", 1]


@pytest.mark.not_in("webkit", "it makes pieces of long texts itself")
def test_a_text_in_pieces_is_one(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", f"<p>{'old words ' * 20_000}</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    # Some parsers do so after 64 kB.
    page.evaluate("() => document.querySelector('p').firstChild.splitText(2 ** 16).splitText(9)")
    page.evaluate(
        "() => { const last = document.querySelector('p').lastChild;"
        " getSelection().setBaseAndExtent(last, last.length - 6, last, last.length - 1) }"
    )
    for number, word in enumerate(("new", "newest"), 1):
        text = f"{'old words ' * 10_000}{word} {'old words ' * 10_000}"
        plain_site.page("index.html", f"<p>{text}</p>")
        talk.update(number, "reload", "index.html")
        assert talk.hear("applied")["did"] == "in-place"
        assert page.evaluate("() => document.querySelector('p').textContent") == text
        assert page.evaluate("() => `${getSelection()}`") == "words"
