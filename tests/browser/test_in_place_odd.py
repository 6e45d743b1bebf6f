"""Odd pages and odd saves: a page equals a fresh load beside what the user did afterwards, or reloads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.page_marks import mark, reloaded
from tests.support.scripted_pages import knows_itself, visit
from tests.support.scripted_server import Scripted, Talk
from tests.support.web_servers import Site

FUZZ = Path(__file__).with_name("in_place_fuzz.js").read_text()
WAIT = "() => new Promise((done) => setTimeout(done, 50))"


@dataclass
class Case:
    """What a page is made of, what a user does there, if it can be done, and what was saved then."""

    old: str
    new: str
    does: str = ""
    why: str = ""
    """Why it is reloaded, where it is."""


TYPES = """const set = (selector, name, value) => {
  const field = document.querySelector(selector);
  if (!field) return;
  field[name] = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};"""
CHOOSES = "const option = [...document.querySelectorAll('option')].find(({ value }) => value === 'b');"
COMMENT = "<!-- <meta charset=utf-8> -->"
SECTIONS = [
    f"<section id=s{at}><h2>{at}</h2><p>text {at}</p><input name=i{at}></section>\n" for at in range(6)
]
CASES = {
    "ids that are there twice": Case(
        "<p id=a>1</p><p id=a>2</p><p id=a>3</p>", "<p id=a>1</p><i id=a>n</i><p id=a>2</p><p id=a>4</p>"
    ),
    "moved sections": Case(
        "".join(SECTIONS), "".join(SECTIONS[::-1]), f"{TYPES} set('[name=i2]', 'value', 'typed')"
    ),
    "a custom built-in element": Case("<button is=x-a>b</button>", "<button is=x-b>b</button>"),
    "the name of a form": Case(
        "<form name=a id=f><input name=q><textarea name=t>one</textarea></form>",
        "<form name=b id=f><input name=p><textarea name=t>two</textarea></form>",
        f"{TYPES} set('input', 'value', 'typed'); set('textarea', 'value', 'typed')",
    ),
    "the options of a list": Case(
        "<select><option value=a>A<option value=b>B</select>",
        "<select><option value=c selected>C<option value=b>B!<option value=d>D</select>",
        f"{CHOOSES} option.selected = true",
    ),
    "the option that was chosen": Case(
        "<select><option value=a>A<option value=c selected>C<option value=b>B</select>",
        "<select><option value=a>A<option value=c selected>C</select>",
        f"{CHOOSES} if (option) option.selected = true",
    ),
    "the button that was chosen": Case(
        "<input type=radio name=r value=1><input type=radio name=r checked><input type=radio name=r id=b>",
        "<input type=radio name=r value=1><input type=radio name=r checked>",
        "if (document.querySelector('#b')) b.checked = true",
    ),
    "a list that shows what is chosen": Case(
        "<select><button><selectedcontent></selectedcontent></button><option>a<option>b</select>",
        "<select><button><selectedcontent></selectedcontent></button><option>n<option>b</select>",
    ),
    "a template": Case(
        "<template><p>1</p><template><b>2</b></template></template>",
        "<template><p>3</p><template><i>4</i><b>2</b></template>5</template>",
    ),
    "white space": Case("<p>1</p><p>2</p><pre>\n\n3</pre>", "<p>1</p>\n\n  <p>2</p>\n<pre>\n\n\n3</pre>\n"),
    "details that close others": Case(
        "<details name=n id=a>1</details><details name=n id=b>2</details>",
        "<details name=n id=c open>0</details><details name=n id=a>1</details>",
    ),
    "nothing": Case("<main><p>1</p></main><p>2</p>", ""),
    "half of it": Case("<main><p>1</p><b>2</b></main><p>3</p>", "<main><p>1</p><b>2"),
    "tables": Case(
        "<table><tr><td>1</table>", "<table><caption>c<tbody><tr><th>0<tr><td>1<tfoot><tr><td>2</table>"
    ),
    "another base": Case("<base href=/a/><p>1", "<base href=/b/><p>1", why="<base> differs"),
    "a refresh": Case("<p>1", "<meta http-equiv=refresh content=999><p>1", why="<meta> differs"),
    "a charset": Case("<p>1", "<meta charset=utf-8><p>1", why="<meta> differs"),
    "a handler": Case("<p>1", "<p onclick='go()'>1", why="the attribute onclick differs"),
    "the tag of the widget": Case(
        "<script src=/_loc/widget.js></script>",
        "<script src=/_loc/widget.js data-auto></script>",
        why="the tag of loc-dev differs",
    ),
    "a charset in a comment": Case(
        f"{COMMENT}<p>1",
        f"{COMMENT}<p>é",
        why="the charset is not clear",
    ),
    "a field that was typed into, and is another now": Case(
        "<p><input name=q class=a></p><b>1</b>",
        "<b>1</b><div><p><input name=q class=b></p></div>",
        f"{TYPES} set('input', 'value', 'typed')",
        "what was typed into goes",
    ),
}


def lines(page: Page) -> list[str]:
    """What a document is, with what its fields hold."""
    page.evaluate(WAIT)
    return list(page.evaluate(f"() => {{ {FUZZ} return lines(document); }}"))


@pytest.mark.parametrize("name", CASES)
def test_it_equals_a_fresh_load_or_reloads(
    context: BrowserContext, plain_site: Site, staying: Scripted, name: str
) -> None:
    case = CASES[name]
    plain_site.page("index.html", case.old)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    page.evaluate(f"() => {{ {case.does} }}")
    plain_site.page("index.html", case.new)
    talk.update(1, "reload", "index.html")
    if case.why:
        reloaded(page)
        assert staying.next().hear("applied")["why"] == case.why
    else:
        assert talk.hear("applied") == {"type": "applied", "seq": 1, "did": "in-place", "why": ""}
    fresh, _ = visit(context, plain_site, staying)
    fresh.evaluate(f"() => {{ {case.does} }}")
    assert lines(page) == lines(fresh)


def test_another_doctype_reloads(context: BrowserContext, plain_site: Site, staying: Scripted) -> None:
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    html = (plain_site.folder / "index.html").read_text()
    plain_site.save("index.html", html.removeprefix("<!doctype html>"))
    talk.update(1, "reload", "index.html")
    reloaded(page)
    assert staying.next().hear("applied")["why"] == "the doctype differs"
    assert page.evaluate("() => document.compatMode") == "BackCompat"


@pytest.mark.parametrize("declared", ["<meta charset=utf-8>", ""])
def test_a_mark_of_the_byte_order_that_is_added(
    context: BrowserContext, plain_site: Site, staying: Scripted, declared: str
) -> None:
    plain_site.page("index.html", "<p>one", declared)
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    mark(page)
    html = (plain_site.folder / "index.html").read_text().replace("one", "zwölf")
    plain_site.save("index.html", b"\xef\xbb\xbf" + html.encode())
    talk.update(1, "reload", "index.html")
    if declared:
        assert talk.hear("applied")["did"] == "in-place"
    else:
        reloaded(page)
    assert page.evaluate("() => document.querySelector('p').textContent") == "zwölf"


def saves(site: Site, talk: Talk, *texts: str) -> None:
    """Save the page several times, with as many updates at once."""
    for seq, text in enumerate(texts, 1):
        site.page("index.html", f"<p>{text}</p><i>{text}</i>")
        talk.update(seq, "reload", "index.html")


def test_what_is_saved_again_at_once_is_shown_last(
    context: BrowserContext, plain_site: Site, staying: Scripted
) -> None:
    plain_site.page("index.html", "<p>one</p>")
    page, talk = visit(context, plain_site, staying)
    knows_itself(page)
    saves(plain_site, talk, *"abcdef")
    dids = [talk.hear("applied") for _ in "abcdef"]
    assert [did["seq"] for did in dids] == [1, 2, 3, 4, 5, 6]
    assert {did["did"] for did in dids} <= {"in-place", "same"}
    assert page.evaluate("() => document.body.textContent") == "ff"
