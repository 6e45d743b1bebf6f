"""Names mean one thing each: no two classes of the package are called the same."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from tests.support.paths import PACKAGE

SHARED = {"LiveReloadMiddleware"}
"""One name for each kind of app: ASGI, WSGI, Django."""


def repeated(package: Path) -> dict[str, list[str]]:
    """Return the class names that occur more than once, each with its modules."""
    places = defaultdict(list)
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(package).as_posix())
    return {name: where for name, where in places.items() if len(where) > 1}


def test_each_class_name_is_used_once() -> None:
    assert repeated(PACKAGE).keys() == SHARED


def test_a_name_that_is_used_twice_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Page:\n    class Part: ...\n")
    (tmp_path / "b.py").write_text("def make():\n    class Part: ...\n")
    assert repeated(tmp_path) == {"Part": ["a.py", "b.py"]}
