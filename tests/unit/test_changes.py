"""What a batch asks of the pages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.changes import MAX_PATHS, Decision, FileChange, Kind, ServedFolder, decide


def changed(path: str, kind: Kind = "modified") -> FileChange:
    return FileChange("/site", path, kind)


@pytest.mark.parametrize(
    ("paths", "action"),
    [
        (["styles/site.css"], "css"),
        (["a.css", "B.CSS"], "css"),
        (["hero.png"], "image"),
        (["hero.JPEG", "logo.svg", "a.webp", "b.avif", "favicon.ico"], "image"),
        (["a.css", "hero.png"], "reload"),
        (["index.html"], "reload"),
        (["main.js"], "reload"),
        (["a.css", "index.html"], "reload"),
        (["font.woff2"], "reload"),
        (["Makefile"], "reload"),
        ([".css"], "reload"),
        (["css"], "reload"),
    ],
)
def test_the_action_is_the_most_that_the_paths_ask_for(paths: list[str], action: str) -> None:
    assert decide([changed(path) for path in paths]) == Decision(action, tuple(sorted(paths)))  # type: ignore[arg-type]


def test_a_deleted_style_sheet_cannot_be_swapped_in() -> None:
    assert decide([changed("a.css", "deleted")]).action == "reload"


def test_an_added_style_sheet_is_swapped_like_a_changed_one() -> None:
    assert decide([changed("a.css", "added")]).action == "css"


def test_a_name_that_is_not_utf8_goes_out_readable_and_reloads() -> None:
    assert decide([changed("gr\udcfcn.css")]) == Decision("reload", ("gr\N{REPLACEMENT CHARACTER}n.css",))


def test_the_same_path_of_two_roots_is_told_once() -> None:
    twice = [FileChange("/a", "x.css", "modified"), FileChange("/b", "x.css", "modified")]
    assert decide(twice).paths == ("x.css",)


@pytest.mark.parametrize(("count", "named"), [(MAX_PATHS, True), (MAX_PATHS + 1, False)])
def test_too_many_paths_are_not_named(count: int, named: bool) -> None:
    decision = decide([changed(f"{number}.css") for number in range(count)])
    assert (len(decision.paths), decision.action) == ((count, "css") if named else (0, "reload"))


@given(st.lists(st.sampled_from(["a.css", "b.css", "c.png", "d.html", "e"]), min_size=1))
def test_paths_are_sorted_and_none_is_there_twice(paths: list[str]) -> None:
    assert list(decide([changed(path) for path in paths]).paths) == sorted(set(paths))


@given(
    st.text(st.characters(codec="utf-8"), min_size=1)
    | st.binary(min_size=1).map(lambda b: b.decode("utf-8", "surrogateescape"))
)
def test_any_name_can_travel(name: str) -> None:
    for path in decide([changed(name)]).paths:
        path.encode("utf-8")


@pytest.mark.parametrize(
    ("root", "path", "placed"),
    [
        ("/project/public", "css/a.css", "css/a.css"),
        ("/project", "public/css/a.css", "css/a.css"),
        ("/project", "build/css/a.css", "css/a.css"),  # the real folder behind the link that is served
        ("/project/public/css", "a.css", "css/a.css"),
        ("/project/public/.htaccess", ".htaccess", ".htaccess"),
        ("/project/src", "css/a.css", None),
        ("/project", "publication/a.css", None),
        ("/project/mkdocs.yml", "mkdocs.yml", None),
        ("/project/src", "../public/a.css", None),
    ],
)
def test_a_file_of_the_served_folder_is_known_by_its_url_path(
    root: str, path: str, placed: str | None
) -> None:
    site = ServedFolder("/project/public", "/project/build")
    change = site.relocate(FileChange(root, path, "modified"))
    assert site.contains(change) == (placed is not None)
    assert change == FileChange("/project/public" if placed else root, placed or path, "modified")


@pytest.mark.parametrize(
    ("root", "path", "location"),
    [
        ("", "css/a.css", "css/a.css"),
        ("", "docs", "docs"),
        ("docs", "docs", "docs/docs"),
        ("a.md", "a.md", "a.md"),
    ],
)
def test_a_change_is_located_below_its_root_or_is_its_root(
    tmp_path: Path, root: str, path: str, location: str
) -> None:
    (tmp_path / "docs").mkdir()
    change = FileChange(str(tmp_path / root), path, "modified")
    assert change.location == str(tmp_path / location)
