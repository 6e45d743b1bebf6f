"""The package as it is imported."""

import subprocess
import sys

import pytest

import livereload_loc


@pytest.mark.parametrize("name", livereload_loc.__all__)
def test_the_public_names_are_there_and_documented(name: str) -> None:
    part = getattr(livereload_loc, name)
    assert part.__doc__


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        _ = livereload_loc.Nothing


def test_importing_the_package_imports_no_server() -> None:
    code = "import sys, livereload_loc; print(sorted({'starlette', 'uvicorn', 'watchfiles', 'rich'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_the_server_imports_neither_rich_nor_pathspec_before_it_needs_them() -> None:
    code = "import sys, livereload_loc.server, livereload_loc.console; print(sorted({'rich', 'pathspec'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
