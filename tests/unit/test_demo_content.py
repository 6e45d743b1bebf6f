"""The demo site: whole, small, and able to show each kind of page and asset."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.support.paths import ROOT

SITE = ROOT / "demo_content"
PAGES = sorted(
    path.relative_to(SITE).as_posix() for kind in ("html", "php") for path in SITE.rglob(f"*.{kind}")
)


def text(page: str) -> str:
    return (SITE / page).read_text("iso-8859-1" if page == "journal/latin1.html" else "utf-8")


class Links(HTMLParser):
    """Every address that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.found.append(value)
            elif name == "srcset" and value:
                self.found += [each.split()[0] for each in value.split(",")]


def links(page: str) -> list[str]:
    """The files of the site that a page names, from the site's root."""
    parser = Links()
    parser.feed(text(page))
    here = [urljoin(f"http://site/{page}", link) for link in parser.found]
    return [urlsplit(link).path.lstrip("/") for link in here if link.startswith("http://site/")]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_carries_a_tag_of_its_own(page: str) -> None:
    assert "localhost:8081" not in text(page)
    assert "_loc" not in text(page)


@pytest.mark.parametrize("page", PAGES)
def test_each_link_leads_to_a_file(page: str) -> None:
    assert links(page)
    assert [link for link in links(page) if not (SITE / link).is_file()] == []


def test_style_sheets_and_modules_name_files_that_are_there() -> None:
    named = [
        (path.parent / address).resolve()
        for path in (*SITE.rglob("*.css"), *SITE.rglob("*.js"))
        for address in re.findall(r'(?:url\(|from )"([^"]+)"', path.read_text())
    ]
    assert {path.name for path in named} >= {"palette.css", "type.css", "waves.svg", "lamp.js"}
    assert [path for path in named if not path.is_file()] == []


def test_every_file_is_used_by_a_page_a_style_sheet_or_a_module() -> None:
    used = {link for page in PAGES for link in links(page)}
    for path in (*SITE.rglob("*.css"), *SITE.rglob("*.js")):
        for address in re.findall(r'(?:url\(|from )"([^"]+)"', path.read_text()):
            used.add((path.parent / address).resolve().relative_to(SITE.resolve()).as_posix())
    files = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.is_file()}
    assert files - used == set()


def test_the_latin_1_page_says_so_and_is() -> None:
    raw = (SITE / "journal/latin1.html").read_bytes()
    assert b'<meta charset="iso-8859-1">' in raw[:1024]
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert "Grüße" in raw.decode("iso-8859-1")


def test_one_page_has_no_head_and_no_body_tags() -> None:
    assert not re.search(r"</?(html|head|body)\b", text("plain.html"))


def test_the_site_is_small() -> None:
    sizes = {path.name: path.stat().st_size for path in SITE.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 100_000
    assert sum(sizes.values()) < 250_000


def test_the_front_page_names_what_to_change() -> None:
    named = re.findall(r"<code>([a-z]+/[\w.]+|[a-z]+\.html)</code>", text("index.html"))
    assert len(named) >= 4
    assert [name for name in named if not (SITE / name).is_file()] == []


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
def test_the_php_page_answers_a_visitor_without_echoing_their_markup() -> None:
    code = "$_POST = ['name' => '<b>Ada</b>', 'day' => '2026-03-01']; require $argv[1];"
    run = subprocess.run(
        ["php", "-r", code, "--", str(SITE / "visit.php")],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert run.stderr == ""
    assert "&lt;b&gt;Ada&lt;/b&gt;, on Sunday, 1 March there is cake." in run.stdout
    assert "<b>" not in run.stdout
