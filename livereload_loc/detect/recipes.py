"""What to run in a folder: each kind of project, and how its pages show each save.

A dev server that restarts by itself stands behind our proxy. A generator of sites has a live reload of its
own, which must not double ours: it only builds, and we serve what it has built.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator

from livereload_loc.detect.model import DetectionContext, FolderView, Suggestion
from livereload_loc.detect.python_apps import PythonApp, apps

PHP_ROOTS = ("public", "web", "htdocs", "www", "webroot")
SITE_ROOTS = ("public", "dist", "_site", "build", "site", "www")

HUGO = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
OLD_HUGO = ("config.toml", "config.yaml", "config.yml", "config.json")
MKDOCS = ("mkdocs.yml", "mkdocs.yaml")
ELEVENTY = (".eleventy.js", *(f"eleventy.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts")))
_RELOADING = re.compile(r"(vite|astro|next|nuxt|svelte|rsbuild|vue|remix)\.config\.[cm]?[jt]s|angular\.json")

PROBED = (
    *(f"{root}/index.php" for root in PHP_ROOTS),
    *(f"{root}/index.html" for root in SITE_ROOTS),
)
"""Files in folders below that say what a folder is."""

READ = ("manage.py", *OLD_HUGO, *MKDOCS)
"""Files, besides modules of Python, whose names alone do not say enough."""


def suggestions(view: FolderView, here: DetectionContext) -> list[Suggestion]:
    """What is as likely to be meant, the likeliest first. Plain pages are only where nothing else is."""
    found = [*_django(view, here), *_python(view, here), *_php(view, here), *_generators(view, here)]
    return found or list(_pages(view))


def advice(view: FolderView) -> str:
    """What to do where nothing is suggested."""
    say = "Say what to do: loc-dev serve DIR, proxy URL, or watch PATH; loc-dev --help says more."
    own = next(filter(_RELOADING.fullmatch, sorted(view.files)), "")
    if own:
        return f"{own} is here: that dev server shows each save by itself, so start it as ever.\n{say}"
    known = "manage.py, Flask or FastAPI app, index.php, site of Hugo, MkDocs or Eleventy, nor index.html"
    return f"There is nothing here that loc-dev knows: no {known}.\n{say}"


def _behind(
    kind: str, why: str, port: int, *command: str, options: tuple[tuple[str, str], ...] = ()
) -> Suggestion:
    return Suggestion(kind, why, ("proxy", f"http://localhost:{port}"), options, command)


def _django(view: FolderView, here: DetectionContext) -> Iterator[Suggestion]:
    text = view.text("manage.py")
    if "DJANGO_SETTINGS_MODULE" in text or "django" in text:
        port = here.port(8000)
        command = (here.python("django"), "manage.py", "runserver", "--noreload", str(port))
        # Its own reloader looks once a second, and until then an old template is shown. It writes its
        # database at its start and in many requests.
        options = (("ignore", "*.sqlite3*"), ("restart", "*.py"), ("restart", "*.html"))
        yield _behind("Django", "manage.py is Django's", port, *command, options=options)


def _python(view: FolderView, here: DetectionContext) -> Iterator[Suggestion]:
    for app in apps(view):
        python = here.python(app.package)
        if app.package == "flask":
            port = here.port(5000)
            target = f"{app.file}:{app.name}" if app.file.startswith("src/") else _module(app)
            arguments = ["flask", "--app", target, "run", "--debug", "--port", str(port)]
        else:
            port = here.port(8000)
            where = ["--app-dir", "src"] if app.file.startswith("src/") else []
            factory = ["--factory"] if app.factory else []
            arguments = ["uvicorn", *where, *factory, _module(app), "--reload", "--port", str(port)]
        named = {"flask": "Flask", "fastapi": "FastAPI"}.get(app.package, app.package.capitalize())
        yield _behind(named, f"{app.file} has a {named} app", port, python, "-m", *arguments)


def _module(app: PythonApp) -> str:
    """The dotted name of the module, and the variable in it."""
    path = app.file.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return f"{path.replace('/', '.')}:{app.name}"


def _php(view: FolderView, here: DetectionContext) -> Iterator[Suggestion]:
    if "artisan" in view.files:
        port = here.port(8000)
        yield _behind("Laravel", "artisan is Laravel's", port, "php", "artisan", "serve", f"--port={port}")
        return
    index = view.first("public/index.php", "index.php", *(f"{root}/index.php" for root in PHP_ROOTS))
    if not index and "composer.json" in view.files:
        index = next((name for name in sorted(view.files) if re.fullmatch(r"[^/]+\.php", name)), "")
    if index:
        port, root = here.port(8000), index.rpartition("/")[0]
        served = ["-t", root] if root else []
        # Where its opcache is on, as in Debian, it shows a changed file up to two seconds late.
        command = ("php", "-d", "opcache.enable=0", "-S", f"localhost:{port}", *served)
        yield _behind("PHP", f"{index} is here", port, *command)


def _generators(view: FolderView, here: DetectionContext) -> Iterator[Suggestion]:
    if name := _hugo(view):
        build = ("hugo", "--destination", "public", "--baseURL", "/", "--environment", "development")
        watching = (*build, "--watch")
        yield Suggestion("Hugo", f"{name} is Hugo's", ("serve", "public"), command=watching, first=build)
    if name := view.first(*MKDOCS):
        once = (here.python("mkdocs"), "-m", "mkdocs", "build", "-q", "--site-dir", "site")
        watched = (("watch", _docs(view.text(name))), ("watch", name), ("exec", shlex.join(once)))
        yield Suggestion("MkDocs", f"{name} is MkDocs'", ("serve", "site"), watched, first=once)
    if name := view.first(*ELEVENTY):
        built = ("npx", "@11ty/eleventy", "--output=_site")
        yield Suggestion(
            "Eleventy",
            f"{name} is Eleventy's",
            ("serve", "_site"),
            command=(*built, "--watch"),
            first=built,
        )


def _hugo(view: FolderView) -> str:
    """The configuration of a Hugo site; its old names are those of many other tools, too."""
    old = view.first(*OLD_HUGO)
    return view.first(*HUGO) or (old if re.search(r"(?im)^\W*baseurl\W", view.text(old)) else "")


def _docs(text: str) -> str:
    """The folder of a MkDocs site's sources. One that is not below the site's own is not believed: the file
    may be a stranger's, and what lies there is watched."""
    found = re.search(r"(?m)^docs_dir:[ \t]*(['\"]?)([\w./-]+)\1[ \t]*(?:#.*)?$", text)
    named = posixpath.normpath(found[2]) if found else "docs"
    return "docs" if named.startswith(("/", "..")) else named


def _pages(view: FolderView) -> Iterator[Suggestion]:
    if any(map(_RELOADING.fullmatch, view.files)):
        return  # its index.html shows nothing without it
    roots = [""] if "index.html" in view.files else SITE_ROOTS
    for root in roots:
        index = f"{root}/index.html".lstrip("/")
        if index in view.files:
            yield Suggestion("pages", f"{index} is here", ("serve", root or "."))
