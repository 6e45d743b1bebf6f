"""Apps of Python's web frameworks, found in the syntax tree of their modules; no module is executed.

An app is a variable at the top of a module that is made by a framework's class, ``app = Flask(__name__)``,
or a function ``create_app`` that makes one. The class has to be imported from its framework, so that a
comment, a text or another ``Flask`` is none.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from livereload_loc.detect.model import FolderView

CLASSES = {
    "flask": "Flask",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "quart": "Quart",
    "litestar": "Litestar",
}
"""The classes of apps, by the packages that have them."""

ENTRIES = ("app.py", "main.py", "wsgi.py", "asgi.py", "server.py", "api.py", "application.py")
"""The usual names of modules that hold an app, the usual ones first."""

_VARIABLES = ("app", "application", "api")
_FACTORIES = ("create_app", "make_app")
_NO_APPS = ("__init__.py", "setup.py", "conftest.py", "manage.py", "noxfile.py", "tasks.py")


@dataclass(frozen=True, slots=True)
class PythonApp:
    """An app in the module ``file``, a path below the folder."""

    file: str
    name: str
    package: str
    """Which framework it is of; empty where only the factory knows that makes it."""
    factory: bool = False

    @property
    def usual(self) -> bool:
        """Whether apps are usually called so."""
        return self.name in _VARIABLES


def is_module(path: str) -> bool:
    """Whether a file may hold an app, and is worth reading."""
    return path.endswith(".py") and _distance(path) is not None


def apps(view: FolderView) -> list[PythonApp]:
    """The apps in a folder that are as likely to be meant, at best one of each module.

    Modules with the usual names, right in the folder, come before those in packages and below ``src``, and
    these before any other module. A variable comes before a factory.
    """
    modules = {file: _read(view.text(file), file) for file in view.files if is_module(file)}
    packages = {app.package for module in modules.values() for app in module if app.factory}
    made = packages.pop() if len(packages) == 1 else ""
    found = [
        replace(app, package=app.package or made)
        for file in sorted(modules, key=order)
        for app in _chosen(modules[file])
        if app.package or made
    ]
    if variables := [app for app in found if not app.factory]:
        found = variables
    nearest = min((_distance(app.file) or 0 for app in found), default=0)
    found = [app for app in found if (_distance(app.file) or 0) == nearest]
    return [app for app in found if app.usual] or found


def _distance(path: str) -> int | None:
    """How far from the usual places a module lies; None for what is no place for an app."""
    *folders, name = path.split("/")
    if not all(map(str.isidentifier, (*folders, name.removesuffix(".py")))):
        return None  # no name of a module, and might be taken for an option of the command
    inside = folders[1:] if folders[:1] == ["src"] else folders
    if len(inside) > 1 or (name not in ENTRIES and name != "__init__.py" and folders):
        return None
    if folders:
        return 1
    return 0 if name in ENTRIES else None if name in _NO_APPS or name.startswith("test_") else 2


def order(path: str) -> tuple[int, int, str]:
    """A key that sorts the likeliest module to the front."""
    name = path.rpartition("/")[2]
    return _distance(path) or 0, ENTRIES.index(name) if name in ENTRIES else len(ENTRIES), path


def _chosen(found: list[PythonApp]) -> list[PythonApp]:
    """The one app of a module that is meant: others are mounted in it, most likely."""
    variables = [app for app in found if not app.factory]
    ranked = sorted(variables or found, key=lambda app: not app.usual)
    return ranked[:1]


@dataclass(slots=True)
class _ImportedNames:
    """What a module calls frameworks and their classes."""

    classes: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    def note(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                if package in CLASSES:
                    self.packages[alias.asname or package] = package
            return
        package = (node.module or "").partition(".")[0]
        for alias in node.names:
            if package in CLASSES and not node.level and alias.name in (CLASSES[package], "*"):
                self.classes[alias.asname or CLASSES[package]] = package

    def package_of(self, value: ast.expr) -> str:
        """The framework whose class ``value`` calls; empty where it calls none."""
        if not isinstance(value, ast.Call):
            return ""
        if isinstance(value.func, ast.Name):
            return self.classes.get(value.func.id, "")
        if not isinstance(value.func, ast.Attribute):
            return ""
        base = value.func.value
        while isinstance(base, ast.Attribute):
            base = base.value
        package = self.packages.get(base.id, "") if isinstance(base, ast.Name) else ""
        return package if CLASSES.get(package) == value.func.attr else ""

    def package_within(self, node: ast.AST) -> str:
        """The framework of which an app is made somewhere in ``node``."""
        calls = (self.package_of(each) for each in ast.walk(node) if isinstance(each, ast.Call))
        return next(filter(None, calls), "")


def _read(text: str, file: str) -> list[PythonApp]:
    """The apps of one module, in the order in which they stand there."""
    if not any(word in text for word in (*CLASSES.values(), *_FACTORIES)):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code, which is not for us to judge
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser raises all of them
        return []
    names = _ImportedNames()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.note(node)
    return [app for statement in _statements(tree.body) for app in _made(statement, names, file)]


def _made(statement: ast.stmt, names: _ImportedNames, file: str) -> Iterator[PythonApp]:
    if isinstance(statement, ast.FunctionDef):
        package = names.package_within(statement) if statement.name in _FACTORIES else ""
        if package and _is_callable_bare(statement.args):
            yield PythonApp(file, statement.name, package, factory=True)
        return
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    package = names.package_of(statement.value)
    for target in targets:
        if not isinstance(target, ast.Name):
            continue
        wrapped = target.id in _VARIABLES and not package
        of = names.package_within(statement.value) if wrapped else package
        if of or (wrapped and _calls_factory(statement.value)):
            yield PythonApp(file, target.id, of)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those that are carried out when the module is imported."""
    for statement in body:
        if isinstance(statement, ast.If):
            if "__name__" not in {each.id for each in ast.walk(statement.test) if isinstance(each, ast.Name)}:
                yield from _statements([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Try):
            yield from _statements([*statement.body, *statement.orelse, *statement.finalbody])
        elif isinstance(statement, ast.With):
            yield from _statements(statement.body)
        else:
            yield statement


def _is_callable_bare(arguments: ast.arguments) -> bool:
    """Whether a function can be called without any argument."""
    positional = [*arguments.posonlyargs, *arguments.args]
    return len(positional) == len(arguments.defaults) and None not in arguments.kw_defaults


def _calls_factory(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    called = value.func.id if isinstance(value.func, ast.Name) else getattr(value.func, "attr", "")
    return called in _FACTORIES
