"""What a request path may name, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.site.resolver import ForbiddenPath, PathResolver, ResolvedPath, split


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (b"/", ()),
        (b"/a/b.html", (b"a", b"b.html")),
        (b"/a/./b/", (b"a", b"b")),
        (b"/a/../b", (b"b",)),
        (b"/a%20b/%C3%A9", (b"a b", b"\xc3\xa9")),
        (b"/a%2Fb", (b"a", b"b")),
        (b"/%2561", (b"%61",)),
        (b"/100%", (b"100%",)),
        (b"/.well-known/x", (b".well-known", b"x")),
        (b"/a//b", (b"a", b"b")),
        (b"/notes~.txt", (b"notes~.txt",)),
    ],
)
def test_paths_are_decoded_once_and_normalised(raw: bytes, parts: tuple[bytes, ...]) -> None:
    assert split(raw) == parts


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"x", 400),
        (b"*", 400),
        (b"http://evil.example/", 400),
        (b"//etc/passwd", 400),
        (b"/%2fetc/passwd", 400),
        (b"/%2F%2Fserver/share", 400),
        (b"/..", 400),
        (b"/../private.txt", 400),
        (b"/a/../../x", 400),
        (b"/%2e%2e/x", 400),
        (b"/%2e%2e%2fx", 400),
        (b"/a/..%2f..%2fx", 400),
        (b"/..\\..\\x", 400),
        (b"/a%5cb", 400),
        (b"/a\x00b", 400),
        (b"/a%00.html", 400),
        (b"/a%0ab", 400),
        (b"/a%7f", 400),
        (b"/.env::$DATA", 404),
        (b"/@fs/x/#/../../../etc/passwd", 400),
        (b"/a#b", 400),
        (b"/a?b", 400),
        (b"/.env", 404),
        (b"/.env/.", 404),
        (b"/.git/config", 404),
        (b"/%2eenv", 404),
        (b"/a/.b/c", 404),
        (b"/...", 404),
        (b"/TLS~1.PEM", 404),
        (b"/progra~2", 404),
        (b"/x./y", 404),
        (b"/x%20", 404),
        (b"/.well-known/.secret", 404),
    ],
)
def test_what_names_no_file_of_the_site_is_refused(raw: bytes, status: int) -> None:
    assert split(raw) == ForbiddenPath(status)


@pytest.mark.parametrize(("raw", "part"), [(b"/C%23%20notes.html", b"C# notes.html"), (b"/why%3f", b"why?")])
def test_a_name_may_hold_what_is_sent_encoded(raw: bytes, part: bytes) -> None:
    assert split(raw) == (part,)


@pytest.mark.parametrize(
    ("raw", "parts"),
    [(b"/C:/x", (b"C:", b"x")), (b"/Chapter%201%3A%20Intro.html", (b"Chapter 1: Intro.html",))],
)
def test_a_name_may_have_a_colon_except_on_windows(raw: bytes, parts: tuple[bytes, ...]) -> None:
    assert split(raw, windows=False) == parts
    for path in (raw, b"/x%3a$DATA"):  # a drive, or the stream of a file
        assert split(path, windows=True) == PathResolver("/", windows=True).locate(path) == ForbiddenPath(404)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    site = tmp_path / "p"
    (site / "sub").mkdir(parents=True)
    (site / ".git").mkdir()
    (site / ".git/config").write_text("secret")
    (site / "sub/page.html").write_text("x")
    (tmp_path / "private.txt").write_text("secret")
    (tmp_path / "p2").mkdir()
    (tmp_path / "p2/x.txt").write_text("secret")
    return site


def test_a_file_is_found_past_links_within_the_root(root: Path) -> None:
    (root / "link.html").symlink_to("sub/page.html")
    located = PathResolver(root).locate(b"/link.html")
    assert located == ResolvedPath(str(root / "sub/page.html"), ("link.html",), folder=False)


@pytest.mark.parametrize("target", ["../private.txt", "../p2/x.txt", "/etc/passwd", ".git/config", ".."])
def test_a_link_out_of_the_root_or_into_the_hidden_is_not_followed(root: Path, target: str) -> None:
    (root / "link").symlink_to(target)
    assert PathResolver(root).locate(b"/link") == ForbiddenPath(404)
    assert PathResolver(root).locate(b"/link/passwd") == ForbiddenPath(404)


def test_a_root_that_is_a_link_or_the_whole_disk_works(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to("p")
    assert isinstance(PathResolver(tmp_path / "alias").locate(b"/sub/page.html"), ResolvedPath)
    whole = PathResolver("/").locate(b"/etc")
    assert isinstance(whole, ResolvedPath)
    assert whole.path == "/etc"


def test_a_root_below_a_hidden_folder_is_served(root: Path) -> None:
    assert isinstance(PathResolver(root / ".git").locate(b"/config"), ResolvedPath)


@pytest.mark.parametrize(
    ("raw", "folder"), [(b"/sub", False), (b"/sub/", True), (b"/sub/.", True), (b"/", True)]
)
def test_a_slash_at_the_end_is_remembered(root: Path, raw: bytes, folder: bool) -> None:
    located = PathResolver(root).locate(raw)
    assert isinstance(located, ResolvedPath)
    assert located.folder is folder


fragments = st.sampled_from(
    [b"/", b"..", b".", b"%2e", b"%2f", b"%5c", b"\\", b"sub", b"private.txt", b"p2", b"~1", b"%00", b"%25"]
)


@given(st.lists(fragments | st.binary(max_size=2)).map(b"".join))
def test_nothing_outside_the_root_is_ever_located(path: bytes) -> None:
    resolver = PathResolver(Path(__file__).parent)
    located = resolver.locate(b"/" + path)
    if isinstance(located, ResolvedPath):
        assert located.path == resolver.root or located.path.startswith(resolver.root + "/")
        assert not any(part.startswith(".") and part != ".well-known" for part in located.parts)
