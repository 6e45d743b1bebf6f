"""Imports point down only: each module of the package stands in a row, and imports from lower rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGE = "livereload_loc"

ROWS = (
    ("__main__",),
    ("cli",),
    ("bare", "showing"),
    ("server", "console", "options", "option_values", "doctoring", "guessing"),
    ("keys",),
    ("middleware", "wsgi", "django"),
    ("error_pages", "wsgi_live"),
    ("manual", "wsgi_answer", "debugger"),
    ("beside", "counter_app", "counter_options", "config"),
    ("app", "pairing"),
    ("programs",),
    ("stages", "sources", "enabling", "counting", "livereload7", "reloaders"),
    (
        "watching",
        "visitors",
        "status",
        "gates",
        "injection",
        "websocket",
        "client",
        "rounds",
    ),
    ("accounts",),
    ("unexpected", "opening", "reach", "answers"),
    ("hub", "guard", "reports", "listening", "serving", "certificates", "browsers"),
    ("messages", "connections", "keyboard", "network", "selfsigned"),
    ("changes", "settings", "addresses", "ranges"),
    ("errors",),
)
"""Top to bottom. The package itself stands under all of them with its version, and over all of them with
the public names that it looks up late."""


@dataclass(frozen=True)
class Import:
    """``importer`` and ``target`` are dotted names below the package; the package itself is ``""``."""

    importer: str
    target: str
    line: int
    late: bool


def trouble(package: Path) -> list[str]:
    """One line for each import that does not point down, and for each module that has no row."""
    imports = list(_imports(package))
    return list(dict.fromkeys([*_without_row(package), *_upward(imports), *_cycles(imports)]))


def _modules(package: Path) -> dict[str, Path]:
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imports(package: Path) -> Iterator[Import]:
    modules = _modules(package)
    for importer, path in modules.items():
        home = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
        for node, late in _statements(ast.parse(path.read_bytes()), late=False):
            for target in _targets(node, home.split(".") if home else [], modules):
                yield Import(importer, target, node.lineno, late)


def _statements(node: ast.AST, late: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import below ``node``, except for type checkers only, with whether a function holds it."""
    late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    children: Iterator[ast.AST] | list[ast.stmt] = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and ast.unparse(node.test).removeprefix("typing.") == "TYPE_CHECKING":
        children = node.orelse
    for child in children:
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, late
        else:
            yield from _statements(child, late)


def _targets(node: ast.Import | ast.ImportFrom, home: list[str], modules: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            first, _, rest = alias.name.partition(".")
            if first == PACKAGE:
                yield rest
        return
    if node.level:
        base = home[: len(home) - node.level + 1] + (node.module.split(".") if node.module else [])
    else:
        first, *base = (node.module or "").split(".")
        if first != PACKAGE:
            return
    for alias in node.names:
        name = ".".join([*base, alias.name])
        yield name if name in modules or (not base and not alias.name.startswith("__")) else ".".join(base)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _without_row(package: Path) -> list[str]:
    known = {name for row in ROWS for name in row}
    tops = {_top(name) for name in _modules(package)} - {""}
    return [f"{top} stands in no row" for top in sorted(tops - known)]


def _upward(imports: list[Import]) -> Iterator[str]:
    rows = {name: number for number, row in enumerate(ROWS) for name in row}
    for each in imports:
        source, target = _top(each.importer), _top(each.target)
        at = f"{each.importer or '__init__'}:{each.line}"
        if source == "":
            if not each.late and target != "":
                yield f"{at} imports {each.target} before anybody asked for it"
        elif target not in rows and target != "":
            yield f"{at} imports {each.target}, which stands in no row"
        elif target not in ("", source) and rows[target] <= rows.get(source, -1):
            yield f"{at} imports {each.target}, which does not stand below it"


def _cycles(imports: list[Import]) -> Iterator[str]:
    """Rows keep whole packages apart; this looks at the modules within one."""
    graph: dict[str, set[str]] = {}
    for each in imports:
        if each.importer and _top(each.importer) == _top(each.target):
            graph.setdefault(each.importer, set()).add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a circle of imports: " + " -> ".join(error.args[1])


def test_the_package_imports_downwards_only() -> None:
    found = trouble(ROOT / PACKAGE)
    assert not found, "\n".join(found)


LOOSE = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from livereload_loc.cli import main\n"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"hub.py": "from livereload_loc.errors import LocError"}, []),
        ({"hub.py": "from livereload_loc import __version__"}, []),
        ({"hub.py": LOOSE}, []),
        ({"hub.py": "import livereload_loc_plugin"}, []),
        (
            {
                "watching/__init__.py": "from .settle import Settle",
                "watching/settle.py": "from .. import hub",
            },
            [],
        ),
        ({"__init__.py": "def __getattr__(name):\n    from livereload_loc.hub import Hub"}, []),
        (
            {"__init__.py": "from livereload_loc.hub import Hub"},
            ["__init__:1 imports hub before anybody asked for it"],
        ),
        (
            {"errors.py": "import livereload_loc.hub"},
            ["errors:1 imports hub, which does not stand below it"],
        ),
        (
            {"errors.py": "def late():\n    from livereload_loc.hub import Hub"},
            ["errors:2 imports hub, which does not stand below it"],
        ),
        (
            {"hub.py": "from livereload_loc import watching"},
            ["hub:1 imports watching, which does not stand below it"],
        ),
        (
            {"hub.py": "try:\n    pass\nexcept ImportError:\n    from .app import App"},
            ["hub:4 imports app, which does not stand below it"],
        ),
        (
            {"gates.py": "from . import watching", "watching/deep/one.py": "from ...gates import gate"},
            [
                "gates:1 imports watching, which does not stand below it",
                "watching.deep.one:1 imports gates, which does not stand below it",
            ],
        ),
        (
            {"hub.py": "from livereload_loc import Hub"},
            ["hub:1 imports Hub, which stands in no row"],
        ),
        ({"helpers.py": ""}, ["helpers stands in no row"]),
        (
            {"watching/__init__.py": "from .a import A", "watching/a.py": "def late():\n    from . import A"},
            ["a circle of imports: watching -> watching.a -> watching"],
        ),
    ],
)
def test_the_check_itself(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert trouble(tmp_path) == found
