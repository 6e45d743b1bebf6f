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
    ("__main__", "wsgi", "django"),
    ("cli",),
    ("detect", "doctor", "integrations"),
    ("server",),
    ("terminal", "web"),
    ("pipeline", "site", "proxy"),
    ("watcher", "inject", "process", "counter"),
    (
        "access",
        "backend",
        "changes",
        "errors",
        "events",
        "httputil",
        "protocol",
        "requested",
        "settings",
        "urls",
    ),
)
"""Top to bottom. In the last row modules may import one another, but not in a circle. The package itself is
below all of them with its version, and above all of them with the public names that it looks up late."""


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
    """Yield every import below ``node``, with whether it is only done later: in a function, or for type
    checkers, who follow circles that nothing else does."""
    late = (
        late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_for_types(node)
    )
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, late
        else:
            yield from _statements(child, late)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).removeprefix("typing.") == "TYPE_CHECKING"


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
        elif target not in ("", source) and not _is_below(rows[target], rows.get(source, -1)):
            yield f"{at} imports {each.target}, which does not stand below it"


def _is_below(target: int, source: int) -> bool:
    """Return whether a module of row ``source`` may import one of row ``target``."""
    return target > source or target == source == len(ROWS) - 1


def _cycles(imports: list[Import]) -> Iterator[str]:
    """Rows keep packages apart; this looks at the modules within one, and at the last row."""
    graph: dict[str, set[str]] = {}
    for each in imports:
        if each.importer and each.target:
            graph.setdefault(each.importer, set()).add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a circle of imports: " + " -> ".join(error.args[1])


def test_the_package_imports_downwards_only() -> None:
    found = trouble(ROOT / PACKAGE)
    assert not found, "\n".join(found)


FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from livereload_loc.{} import X\n"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"changes.py": "from livereload_loc.errors import LocError"}, []),
        ({"changes.py": "from livereload_loc import __version__"}, []),
        ({"changes.py": "import livereload_loc_plugin"}, []),
        (
            {"cli/main.py": FOR_TYPES.format("server.run"), "server/run.py": FOR_TYPES.format("errors")},
            [],
        ),
        (
            {"access.py": FOR_TYPES.format("cli.main")},
            ["access:3 imports cli.main, which does not stand below it"],
        ),
        (
            {
                "watcher/tree.py": FOR_TYPES.format("watcher.folder"),
                "watcher/folder.py": "from .tree import T",
            },
            ["a circle of imports: watcher.folder -> watcher.tree -> watcher.folder"],
        ),
        (
            {"watcher/__init__.py": "from .tree import Tree", "watcher/tree.py": "from .. import errors"},
            [],
        ),
        ({"__init__.py": "def __getattr__(name):\n    from livereload_loc.pipeline.hub import Hub"}, []),
        (
            {"__init__.py": "from livereload_loc.errors import LocError"},
            ["__init__:1 imports errors before anybody asked for it"],
        ),
        (
            {"__init__.py": FOR_TYPES.format("errors")},
            [],
        ),
        (
            {"errors.py": "import livereload_loc.web"},
            ["errors:1 imports web, which does not stand below it"],
        ),
        (
            {"errors.py": "def late():\n    from livereload_loc.web.app import app"},
            ["errors:2 imports web.app, which does not stand below it"],
        ),
        (
            {"site/static.py": "from livereload_loc import proxy"},
            ["site.static:1 imports proxy, which does not stand below it"],
        ),
        (
            {"events.py": "try:\n    pass\nexcept ImportError:\n    from .cli import main"},
            ["events:4 imports cli, which does not stand below it"],
        ),
        (
            {"inject/asgi.py": "from .. import watcher", "watcher/deep/one.py": "from ...inject import asgi"},
            [
                "inject.asgi:1 imports watcher, which does not stand below it",
                "watcher.deep.one:1 imports inject.asgi, which does not stand below it",
            ],
        ),
        (
            {
                "events.py": "from livereload_loc.protocol import Did",
                "protocol.py": "from .events import Event",
            },
            ["a circle of imports: events -> protocol -> events"],
        ),
        (
            {"web/app.py": "from livereload_loc import Hub"},
            ["web.app:1 imports Hub, which stands in no row"],
        ),
        ({"helpers.py": ""}, ["helpers stands in no row"]),
        (
            {"watcher/__init__.py": "from .a import A", "watcher/a.py": "def late():\n    from . import A"},
            ["a circle of imports: watcher -> watcher.a -> watcher"],
        ),
    ],
)
def test_the_check_itself(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert trouble(tmp_path) == found
