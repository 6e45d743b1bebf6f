"""Finds apps of Python's web frameworks in the syntax trees of modules; no module is executed.

An app is a variable at the top of a module that is made by a framework's class, ``app = Flask(__name__)``,
or a function ``create_app`` that makes one. The class has to be imported from its framework, so that
comments, texts and other classes called ``Flask`` do not count.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from livereload_loc.detect.model import FolderView

# The classes of apps, by the packages that define them.
CLASSES = {
    "flask": "Flask",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "quart": "Quart",
    "litestar": "Litestar",
}
# The usual names of modules that hold an app, the most usual first.
ENTRIES = ("app.py", "main.py", "wsgi.py", "asgi.py", "server.py", "api.py", "application.py")

_VARIABLES = ("app", "application", "api")
_FACTORIES = ("create_app", "make_app")
_NO_APPS = ("__init__.py", "setup.py", "conftest.py", "manage.py", "noxfile.py", "tasks.py")
_NOWHERE = 3


@dataclass(frozen=True, slots=True)
class PythonApp:
    """An app in the module ``file``, a path below the folder.

    ``package`` is its framework; empty where only the factory knows that makes the app.
    """

    file: str
    name: str
    package: str
    factory: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether apps usually have this name."""
        return self.name in _VARIABLES


def modules(files: Iterable[str]) -> list[str]:
    """Return those of ``files`` that may hold an app, the likeliest first."""
    found = [path for path in files if path.endswith(".py") and _distance(path) < _NOWHERE]
    return sorted(found, key=_module_order)


def apps(view: FolderView) -> list[PythonApp]:
    """Return the apps in a folder that are equally likely to be meant, at most one of each module.

    Modules with the usual names, right in the folder, come before those in packages and below ``src``, and
    these before any other module. A variable comes before a factory.
    """
    read = [_read(view.text(file), file) for file in modules(view.files)]
    factories = {app.package for of_module in read for app in of_module if app.factory}
    made = factories.pop() if len(factories) == 1 else ""
    # Other apps of a module are most likely mounted in the first.
    chosen = [app for of_module in read for app in sorted(of_module, key=_app_order)[:1]]
    found = [replace(app, package=app.package or made) for app in chosen if app.package or made]
    found = [app for app in found if not app.factory] or found
    nearest = min((_distance(app.file) for app in found), default=0)
    found = [app for app in found if _distance(app.file) == nearest]
    return [app for app in found if app.is_usual] or found


def _app_order(app: PythonApp) -> tuple[bool, bool]:
    return app.factory, not app.is_usual


def _module_order(path: str) -> tuple[int, int, str]:
    name = path.rpartition("/")[2]
    return _distance(path), ENTRIES.index(name) if name in ENTRIES else len(ENTRIES), path


def _distance(path: str) -> int:
    """Return how far from the usual places a module is."""
    *folders, name = path.split("/")
    if not all(map(str.isidentifier, (*folders, name.removesuffix(".py")))):
        return _NOWHERE  # it cannot be imported, and might be taken for an option of the command
    is_entry = name in ENTRIES
    if folders:
        depth = len(folders) - (folders[0] == "src")
        return 1 if depth < 2 and (is_entry or name == "__init__.py") else _NOWHERE
    if is_entry:
        return 0
    return _NOWHERE if name in _NO_APPS or name.startswith("test_") else 2


@dataclass(slots=True)
class _ImportedNames:
    """The names that a module gives to frameworks and their classes."""

    classes: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    def add(self, node: ast.Import | ast.ImportFrom) -> None:
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

    def package_of(self, value: ast.AST) -> str:
        """Return the framework whose class ``value`` calls; empty where it calls none."""
        root, attribute = _called(value)
        if not attribute:
            return self.classes.get(root, "")
        package = self.packages.get(root, "")
        return package if CLASSES.get(package) == attribute else ""

    def package_within(self, node: ast.AST) -> str:
        """Return the framework whose class is called somewhere in ``node``."""
        return next(filter(None, map(self.package_of, ast.walk(node))), "")


def _read(text: str, file: str) -> list[PythonApp]:
    """Return the apps of one module, in their order there."""
    if not any(word in text for word in (*CLASSES.values(), *_FACTORIES)):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about the user's code
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser raises all of them
        return []
    names = _ImportedNames()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.add(node)
    return [app for statement in _statements(tree.body) for app in _apps_of(statement, names, file)]


def _apps_of(statement: ast.stmt, names: _ImportedNames, file: str) -> Iterator[PythonApp]:
    if isinstance(statement, ast.FunctionDef):
        package = names.package_within(statement) if statement.name in _FACTORIES else ""
        if package and _is_callable_bare(statement.args):
            yield PythonApp(file, statement.name, package, factory=True)
        return
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    package = names.package_of(statement.value)
    root, attribute = _called(statement.value)
    for name in (target.id for target in targets if isinstance(target, ast.Name)):
        is_wrapped = name in _VARIABLES and not package
        framework = names.package_within(statement.value) if is_wrapped else package
        if framework or (is_wrapped and (attribute or root) in _FACTORIES):
            yield PythonApp(file, name, framework)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when the module is imported."""
    for statement in body:
        if not isinstance(statement, ast.If | ast.Try | ast.With):
            yield statement
        elif not (isinstance(statement, ast.If) and _names(statement.test, "__name__")):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, part, []))


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _is_callable_bare(arguments: ast.arguments) -> bool:
    """Return whether a function can be called without any argument."""
    positional = [*arguments.posonlyargs, *arguments.args]
    return len(positional) == len(arguments.defaults) and None not in arguments.kw_defaults


def _called(value: ast.AST) -> tuple[str, str]:
    """Return the first name and the last attribute that a call names; empty where there is none."""
    if not isinstance(value, ast.Call):
        return "", ""
    func = value.func
    attribute = func.attr if isinstance(func, ast.Attribute) else ""
    while isinstance(func, ast.Attribute):
        func = func.value
    return func.id if isinstance(func, ast.Name) else "", attribute
