"""The package as it is imported."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

import livereload_loc
from tests.support.paths import PACKAGE


def imported(modules: str) -> set[str]:
    code = f"import sys, {modules}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


@pytest.mark.parametrize("name", livereload_loc.__all__)
def test_the_public_names_are_there_and_documented(name: str) -> None:
    part = getattr(livereload_loc, name)
    assert part.__doc__


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        _ = livereload_loc.Nothing


def test_importing_the_package_imports_no_server() -> None:
    assert imported("livereload_loc") & {"starlette", "uvicorn", "watchfiles", "rich"} == set()


def test_the_server_imports_neither_rich_nor_pathspec_before_it_needs_them() -> None:
    assert (
        imported("livereload_loc.server.run, livereload_loc.terminal.reporter") & {"rich", "pathspec"}
        == set()
    )


def test_the_command_line_imports_nothing_that_one_command_needs() -> None:
    seldom = {"livereload_loc.detect", "livereload_loc.doctor"}
    assert all(map(find_spec, seldom))
    loaded = imported("livereload_loc.cli.main")
    assert loaded & {"subprocess", "starlette", "rich", *seldom} == set()


def test_no_module_has_more_than_300_lines() -> None:
    modules = [path for kind in ("py", "js", "css", "html") for path in PACKAGE.rglob(f"*.{kind}")]
    assert len(modules) > 200
    assert [path.name for path in modules if len(path.read_text("utf-8").splitlines()) > 300] == []
