"""What to run in a folder: one recipe for each kind of project, so that its pages show each save.

A dev server that restarts by itself runs behind our proxy. A site generator has a live reload of its own,
which must not compete with ours: it only builds, and we serve what it has built.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from livereload_loc.detect.machine import Machine
from livereload_loc.detect.model import FolderView, Suggestion
from livereload_loc.detect.python_apps import PythonApp, apps

PHP_ROOTS = ("public", "web", "htdocs", "www", "webroot")
SITE_ROOTS = ("public", "dist", "_site", "build", "site", "www")

HUGO = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
OLD_HUGO = ("config.toml", "config.yaml", "config.yml", "config.json")
MKDOCS = ("mkdocs.yml", "mkdocs.yaml")
ELEVENTY = (".eleventy.js", *(f"eleventy.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts")))
_RELOADING = re.compile(r"(vite|astro|next|nuxt|svelte|rsbuild|vue|remix)\.config\.[cm]?[jt]s|angular\.json")

# Files in folders below that say what a folder is.
PROBED = (*(f"{root}/index.php" for root in PHP_ROOTS), *(f"{root}/index.html" for root in SITE_ROOTS))
# Files, besides modules of Python, that have to be read: their names alone do not say enough.
READ = ("manage.py", *OLD_HUGO, *MKDOCS)


def _behind_proxy(
    why: str, port: int, *command: str, options: tuple[tuple[str, str], ...] = ()
) -> Suggestion:
    return Suggestion(why, ("proxy", f"http://localhost:{port}"), options, command)


def _django(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    text = view.text("manage.py")
    if "DJANGO_SETTINGS_MODULE" in text or "django" in text:
        port = machine.port(8000)
        command = (machine.python("django"), "manage.py", "runserver", "--noreload", str(port))
        # Django's reloader looks once a second, and serves old templates until then. Without it they are read
        # anew (process/django_templates.py). Its database is written at the start and in many requests.
        options = (("ignore", "*.sqlite3*"), ("restart", "*.py"))
        yield _behind_proxy("found Django's manage.py", port, *command, options=options)


def _python_app(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    for app in apps(view):
        in_src = app.file.startswith("src/")
        if app.package == "flask":
            port = machine.port(5000)
            target = f"{app.file}:{app.name}" if in_src else _import_string(app)
            arguments = ["flask", "--app", target, "run", "--debug", "--no-reload", "--port", str(port)]
        else:
            port = machine.port(8000)
            placed = [*(["--app-dir", "src"] if in_src else []), *(["--factory"] if app.factory else [])]
            arguments = ["uvicorn", *placed, _import_string(app), "--port", str(port)]
        # A save shows sooner than with their own reloaders: python -m tests.benchmarks code.
        options = (("restart", "*.py"),)
        name = {"fastapi": "FastAPI"}.get(app.package, app.package.capitalize())
        python = machine.python(app.package)
        yield _behind_proxy(
            f"found a {name} app in {app.file}", port, python, "-m", *arguments, options=options
        )


def _import_string(app: PythonApp) -> str:
    path = app.file.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return f"{path.replace('/', '.')}:{app.name}"


def _laravel(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    if "artisan" in view.files:
        port = machine.port(8000)
        yield _behind_proxy("found Laravel's artisan", port, "php", "artisan", "serve", f"--port={port}")


def _php(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    index = view.first("public/index.php", "index.php", *(f"{root}/index.php" for root in PHP_ROOTS))
    if not index and "composer.json" in view.files:
        index = next((name for name in sorted(view.files) if re.fullmatch(r"[^/]+\.php", name)), "")
    if index and "artisan" not in view.files:
        port, root = machine.port(8000), index.rpartition("/")[0]
        served = ["-t", root] if root else []
        # With an opcache, as Debian has it, PHP serves a changed file up to two seconds late.
        command = ("php", "-d", "opcache.enable=0", "-S", f"localhost:{port}", *served)
        yield _behind_proxy(f"found {index}", port, *command)


def _hugo(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    name, old = view.first(*HUGO), view.first(*OLD_HUGO)
    # The old names are those of many other tools, too.
    if not name and re.search(r"(?im)^\W*baseurl\W", view.text(old)):
        name = old
    if name:
        build = ("hugo", "--destination", "public", "--baseURL", "/", "--environment", "development")
        yield Suggestion(
            f"found Hugo's {name}", ("serve", "public"), command=(*build, "--watch"), first=build
        )


def _mkdocs(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    if name := view.first(*MKDOCS):
        build = (machine.python("mkdocs"), "-m", "mkdocs", "build", "-q", "--site-dir", "site")
        options = (("watch", _docs_folder(view.text(name))), ("watch", name), ("exec", shlex.join(build)))
        yield Suggestion(f"found MkDocs' {name}", ("serve", "site"), options, first=build)


def _docs_folder(text: str) -> str:
    """Return the folder of a MkDocs site's sources.

    One outside of the site's own folder is not believed: the file may be a stranger's, and that folder would
    be watched.
    """
    found = re.search(r"(?m)^docs_dir:[ \t]*(['\"]?)([\w./-]+)\1[ \t]*(?:#.*)?$", text)
    folder = posixpath.normpath(found[2]) if found else "docs"
    return "docs" if folder.startswith(("/", "..")) else folder


def _eleventy(view: FolderView, machine: Machine) -> Iterator[Suggestion]:
    if name := view.first(*ELEVENTY):
        build = ("npx", "@11ty/eleventy", "--output=_site")
        yield Suggestion(
            f"found Eleventy's {name}", ("serve", "_site"), command=(*build, "--watch"), first=build
        )


def _pages(view: FolderView) -> Iterator[Suggestion]:
    if any(map(_RELOADING.fullmatch, view.files)):
        return  # its index.html shows nothing without its own server
    for root in [""] if "index.html" in view.files else SITE_ROOTS:
        index = f"{root}/index.html".lstrip("/")
        if index in view.files:
            yield Suggestion(f"found {index}", ("serve", root or "."))


RECIPES = (_django, _python_app, _laravel, _php, _hugo, _mkdocs, _eleventy)


def suggestions(view: FolderView, machine: Machine) -> list[Suggestion]:
    """Return what is equally likely to be meant; plain pages only where nothing else is found."""
    return [found for recipe in RECIPES for found in recipe(view, machine)] or list(_pages(view))


def advice(view: FolderView) -> str:
    """Return what to do where nothing is suggested."""
    commands = "Name a command: loc-dev serve DIR, proxy URL, or watch PATH. See loc-dev --help."
    if own := next(filter(_RELOADING.fullmatch, sorted(view.files)), ""):
        return f"{own} is here: its own dev server shows each save, so start that as usual.\n{commands}"
    kinds = "no manage.py, Flask or FastAPI app, index.php, Hugo, MkDocs or Eleventy site, or index.html"
    return f"loc-dev recognizes nothing here: {kinds}.\n{commands}"
