"""A saved page is shown in place: what differs changes, and all else stays as it is."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenKnown
from tests.support.page_marks import holds, is_marked, shows
from tests.support.scripted_server import Scripted
from tests.support.web_servers import Site


@pytest.mark.every_engine
def test_a_saved_page_changes_in_place(open_known: OpenKnown) -> None:
    page = open_known("<h1 class=a>one</h1><p>stays</p><ul><li>1</li></ul>")
    page.tab.evaluate(
        "() => { document.addEventListener('loc:update', ({ detail }) => { window.heard = detail.paths });"
        " window.kept = document.querySelector('p') }"
    )
    page.changes_to("<h1 class=b>two</h1><p>stays</p><ul><li>0</li><li>1</li></ul>")
    assert page.tab.evaluate("() => document.body.innerHTML") == (
        '<h1 class="b">two</h1><p>stays</p><ul><li>0</li><li>1</li></ul>'
    )
    assert page.tab.evaluate("() => [kept === document.querySelector('p'), ...heard]") == [True, "index.html"]
    page.changes_to("<h1 class=b>three</h1>")
    assert page.tab.evaluate("() => document.body.innerHTML") == '<h1 class="b">three</h1>'


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
def test_what_a_user_did_stays(open_known: OpenKnown) -> None:
    page = open_known(KEPT)
    page.tab.evaluate(CHANGE)
    changed = (
        KEPT.replace("old", "new").replace("<canvas", "<h2>more</h2><canvas").replace("value=x", "value=y")
    )
    page.changes_to(changed.replace("<option>a", "<option>0<option>a"))
    assert page.tab.evaluate(STATE) == [
        *("new", "typed", True, "b", True, "edited", 70, [0, 0, 0, 255], True, 1, True, 120, "typed", 1, 3)
    ]


def test_a_selection_stays_in_a_text_that_changes(open_known: OpenKnown) -> None:
    page = open_known("<p>some old words that stay</p>")
    page.tab.evaluate(
        "() => getSelection().setBaseAndExtent(document.querySelector('p').firstChild, 9, "
        "document.querySelector('p').firstChild, 14)"
    )
    assert page.tab.evaluate("() => `${getSelection()}`") == "words"
    page.changes_to("<p>some quite new words that stay</p>")
    assert page.tab.evaluate("() => `${getSelection()}`") == "words"


def test_a_page_that_is_the_same_stays(open_known: OpenKnown) -> None:
    page = open_known("<p>one</p>")
    page.tell("app.py")
    assert page.answer()["did"] == "same"
    assert is_marked(page.tab)


def test_a_style_sheet_that_was_saved_with_the_page_shows_too(
    plain_site: Site, open_known: OpenKnown
) -> None:
    plain_site.save("site.css", "p { order: 1 }")
    page = open_known("<p>one</p>", "<link rel=stylesheet href=site.css>")
    for order, text in ((2, "two"), (3, "three")):
        plain_site.save("site.css", f"p {{ order: {order} }}")
        plain_site.page("index.html", f"<p>{text}</p>", "<link rel=stylesheet href=site.css>")
        page.tell("site.css", "index.html")
        assert page.answer()["did"] == "in-place"
        shows(page.tab, "p", "order", f"{order}")
        assert page.tab.evaluate("() => document.querySelector('p').textContent") == text
    assert is_marked(page.tab)


def test_what_was_added_stays_and_what_is_unclear_reloads(plain_site: Site, open_known: OpenKnown) -> None:
    page = open_known("<p id=a>a</p><p id=b>b</p>")
    page.tab.evaluate("() => document.querySelector('#b').before(document.createElement('hr'))")
    page.changes_to("<p id=a>a</p><p id=b>new</p>")
    assert page.tab.evaluate("() => document.body.innerHTML") == '<p id="a">a</p><hr><p id="b">new</p>'
    plain_site.page("index.html", "<p id=a>a</p><p id=c>c</p><p id=b>new</p>")
    page.reloads_for("index.html")


def test_a_page_with_the_widget_changes_in_place(staying: Scripted, open_known: OpenKnown) -> None:
    widget = f"<script src='{staying.url}/_loc/widget.js'></script><script>locWidget.init();</script>"
    page = open_known(f"<p>one</p>{widget}")
    holds(page.tab, "document.querySelector('#_loc #_lo_count')")
    page.changes_to(f"<p>two</p>{widget}<p>three</p>")
    texts = "[...document.querySelectorAll('p, #_lo_count')].map(({ textContent: text }) => text || '-')"
    assert page.tab.evaluate(f"() => {texts}") == ["two", "three", "-"]


NAMES = [
    *("attributes", "childNodes", "firstChild", "nextSibling", "nodeType", "localName", "namespaceURI", "id"),
    *("remove", "isConnected", "setAttributeNodeNS", "removeAttributeNode", "insertBefore", "moveBefore"),
    *("content", "textContent", "ownerDocument"),
]
CLOBBERED = (
    f"<form title=old>{''.join(f'<input name={name}>' for name in NAMES)}<i>1</i><b>2</b></form>"
    "<img name=importNode><img name=createEvent><img name=dispatchEvent><img name=nodeType>"
)


def test_names_of_elements_stop_nothing(open_known: OpenKnown) -> None:
    page = open_known(CLOBBERED)
    saved = CLOBBERED.replace("title=old", "title=new").replace(
        "<i>1</i><b>2</b>", "<b>2</b><u>3</u><i>1</i>"
    )
    page.changes_to(saved)
    assert page.tab.evaluate("() => document.querySelector('form').outerHTML") == page.tab.evaluate(
        "(html) => new DOMParser().parseFromString(html, 'text/html').forms[0].outerHTML", saved
    )


def test_two_tabs_of_a_page_change_one_after_the_other(plain_site: Site, open_known: OpenKnown) -> None:
    pages = [open_known("<p>one</p>") for _ in range(2)]
    for number in (1, 2):
        plain_site.page("index.html", f"<p>text {number}</p><i>{number}</i>")
        for page in pages:
            page.tell("index.html")
            assert page.answer()["did"] == "in-place"
            assert page.tab.evaluate("() => document.body.textContent") == f"text {number}{number}"
    assert all(is_marked(page.tab) for page in pages)


def test_a_page_with_trusted_types_and_nonces_changes_in_place(
    plain_site: Site, open_known: OpenKnown
) -> None:
    style, policy = (
        "<style nonce=abc>",
        "style-src 'nonce-abc'; require-trusted-types-for 'script'; trusted-types loc-dev",
    )
    plain_site.headers["Content-Security-Policy"] = policy
    page = open_known(f"{style}p {{ order: 1 }}</style><p>one</p>")
    page.changes_to(f"{style}p {{ order: 2 }}</style>{style}p {{ flex-grow: 3 }}</style><p>two</p>")
    shows(page.tab, "p", "order", "2")
    shows(page.tab, "p", "flex-grow", "3")


@pytest.mark.every_engine
def test_back_leads_to_the_page_as_it_is_now(
    plain_site: Site, staying: Scripted, open_known: OpenKnown
) -> None:
    page = open_known("<p>one</p>")
    plain_site.page("other.html", "<p>other</p>")
    page.changes_to("<p>two</p>")
    page.tab.goto(f"{plain_site.url}/other.html")
    staying.next()
    page.tab.evaluate("() => history.back()")
    holds(page.tab, "document.querySelector('p').textContent === 'two'")
    staying.next()


@pytest.mark.not_in("webkit", "it has no moveBefore")
def test_a_frame_that_moves_keeps_its_document(open_known: OpenKnown) -> None:
    frame = "<iframe id=frame srcdoc='<p>f'></iframe>"
    page = open_known(f"<p>a</p>{frame}<p>b</p>")
    page.tab.evaluate("() => { frame.contentWindow.kept = 1 }")
    page.changes_to(f"<p>a</p><p>b</p><section><h2>new</h2>{frame}</section>")
    assert page.tab.evaluate("() => [frame.parentNode.localName, frame.contentWindow.kept]") == ["section", 1]


@pytest.mark.not_in("webkit", "it makes pieces of long texts itself")
def test_a_text_in_pieces_is_one(open_known: OpenKnown) -> None:
    page = open_known(f"<p>{'old words ' * 20_000}</p>")
    # Some parsers do so after 64 kB.
    page.tab.evaluate("() => document.querySelector('p').firstChild.splitText(2 ** 16).splitText(9)")
    for word in ("new", "newest"):
        text = f"{'old words ' * 10_000}{word} {'old words ' * 10_000}"
        page.changes_to(f"<p>{text}</p>")
        assert page.tab.evaluate("() => document.querySelector('p').textContent") == text


def test_an_open_dialog_stays_open(open_known: OpenKnown) -> None:
    page = open_known("<dialog>d</dialog><p>one</p>")
    page.tab.evaluate("() => document.querySelector('dialog').showModal()")
    page.changes_to("<dialog>new d</dialog><p>two</p>")
    assert page.tab.evaluate("() => document.querySelector('dialog:modal').textContent") == "new d"
