"""Whatever is saved, and whenever: it is built, and pages are told afterwards."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.changes import Kind
from livereload_loc.pipeline.steps.build.outputs import SURE_TIMES
from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild

SOURCES = ("a.md", "b.html", "c.scss")


@given(
    st.lists(st.sets(st.sampled_from([*SOURCES, "built.css"])), max_size=SURE_TIMES - 1),
    st.booleans(),
    st.booleans(),
)
@in_loop
async def test_whatever_is_saved_while_it_builds_is_built(
    saves: list[set[str]], dated: bool, served: bool
) -> None:
    """``saves`` are the files that a person saves in each run, after the build has read its sources."""
    with TemporaryDirectory() as folder:
        played = PlayedBuild(Path(folder), served=served)

        def built() -> str:
            return " ".join(played.read(name) for name in SOURCES)

        def slowly() -> None:
            text = built()
            for name in saves[played.runs - 1] if played.runs <= len(saves) else ():
                played.save(name, name + "x" * played.runs)
            played.save("built.css", text + (f" {played.runs}" if dated else ""))

        played.writes = slowly
        played.save("a.md", "x")
        await played.settle()
        assert played.read("built.css").rstrip(" 0123456789") == built().rstrip()


@given(
    st.lists(st.sets(st.sampled_from([*SOURCES, "new.html"])), max_size=SURE_TIMES - 1),
    st.sampled_from(["", "built.css", "built.txt"]),
    st.booleans(),
    st.booleans(),
)
@in_loop
async def test_pages_are_told_after_the_run_that_built_what_was_saved_last(
    saves: list[set[str]], output: str, dated: bool, known: bool
) -> None:
    """``output`` is watched, where it has a name; ``known`` says that the sources were saved before."""
    with TemporaryDirectory() as folder:
        played = PlayedBuild(Path(folder))
        built = seen = ""

        def slowly() -> None:
            nonlocal built
            built = " ".join(played.read(name) for name in (*SOURCES, "new.html"))
            for name in sorted(saves[played.runs - 1]) if 0 < played.runs <= len(saves) else ():
                kind: Kind = "modified" if (played.folder / name).exists() or name != "new.html" else "added"
                played.save(name, name + "x" * played.runs, kind)
            if output:
                played.save(output, built + (f" {played.runs}" if dated else ""))

        def look() -> None:
            nonlocal seen
            seen = built

        played.told = look
        if known:
            for name in SOURCES:
                played.save(name, "x")
            await played.settle()
            played.runs = 0
        played.writes = slowly
        played.save("a.md", "y")
        await played.settle()
        assert seen == " ".join(played.read(name) for name in (*SOURCES, "new.html"))
