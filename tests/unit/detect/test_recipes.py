"""What is suggested for a folder, over folders that are made up."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.detect.machine import Machine
from livereload_loc.detect.model import FolderView
from livereload_loc.detect.recipes import advice, suggestions


@dataclass(frozen=True)
class MadeUpMachine(Machine):
    """A machine that has every package, and whose ports are free from some on."""

    folder: str = "."
    interpreter: str = "python"
    shift: int = 0

    def python(self, package: str) -> str:
        return self.interpreter.format(package)

    def port(self, start: int) -> int:
        return start + self.shift


HERE = MadeUpMachine()

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
DJANGO = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')\n"

FLASK_RUNS = (
    "proxy http://localhost:5000 --restart '*.py' "
    "-- python -m flask --app {} run --debug --no-reload --port 5000"
)
UVICORN_RUNS = "proxy http://localhost:8000 --restart '*.py' -- python -m uvicorn {} --port 8000"
PHP_RUNS = "proxy http://localhost:8000 -- php -d opcache.enable=0 -S localhost:8000"
DJANGO_RUNS = (
    "proxy http://localhost:8000 --ignore '*.sqlite3*' --restart '*.py' "
    "-- python manage.py runserver --noreload 8000"
)
HUGO_BUILDS = "hugo --destination public --baseURL / --environment development"
MKDOCS_BUILDS = "python -m mkdocs build -q --site-dir site"
ELEVENTY_BUILDS = "npx @11ty/eleventy --output=_site"


def lines(files: dict[str, str]) -> list[str]:
    """The command lines that are suggested for a folder."""
    return [shlex.join(found.argv()) for found in suggestions(FolderView(files.keys(), files), HERE)]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"manage.py": DJANGO}, [DJANGO_RUNS]),
        ({"app.py": FLASK}, [FLASK_RUNS.format("app:app")]),
        ({"main.py": FASTAPI}, [UVICORN_RUNS.format("main:app")]),
        ({"app/main.py": FASTAPI}, [UVICORN_RUNS.format("app.main:app")]),
        ({"shop/__init__.py": FLASK}, [FLASK_RUNS.format("shop:app")]),
        ({"src/main.py": FASTAPI}, [UVICORN_RUNS.format("--app-dir src main:app")]),
        ({"src/shop/main.py": FASTAPI}, [UVICORN_RUNS.format("--app-dir src shop.main:app")]),
        ({"src/shop/__init__.py": FLASK}, [FLASK_RUNS.format("src/shop/__init__.py:app")]),
        ({"hello.py": FLASK}, [FLASK_RUNS.format("hello:app")]),
        ({"index.php": ""}, [PHP_RUNS]),
        ({"index.php": "", "index.html": ""}, [PHP_RUNS]),
        ({"public/index.php": "", "index.php": ""}, [f"{PHP_RUNS} -t public"]),
        ({"web/index.php": "", "composer.json": ""}, [f"{PHP_RUNS} -t web"]),
        ({"composer.json": "", "shop.php": ""}, [PHP_RUNS]),
        ({"artisan": "", "public/index.php": ""},
         ["proxy http://localhost:8000 -- php artisan serve --port=8000"]),
        ({"hugo.toml": ""}, [f"serve public -- {HUGO_BUILDS} --watch"]),
        ({"config.toml": "baseURL = 'x'"}, [f"serve public -- {HUGO_BUILDS} --watch"]),
        ({"config.json": '{\n  "baseurl": "x"}'}, [f"serve public -- {HUGO_BUILDS} --watch"]),
        ({"mkdocs.yml": "site_name: x"},
         [f"serve site --watch docs --watch mkdocs.yml --exec '{MKDOCS_BUILDS}'"]),
        ({"mkdocs.yml": "docs_dir: 'the/text' # here"},
         [f"serve site --watch the/text --watch mkdocs.yml --exec '{MKDOCS_BUILDS}'"]),
        ({"mkdocs.yml": "docs_dir: ../../x"},
         [f"serve site --watch docs --watch mkdocs.yml --exec '{MKDOCS_BUILDS}'"]),
        ({"mkdocs.yml": "docs_dir: text/../.."},
         [f"serve site --watch docs --watch mkdocs.yml --exec '{MKDOCS_BUILDS}'"]),
        ({"mkdocs.yml": "docs_dir: /"},
         [f"serve site --watch docs --watch mkdocs.yml --exec '{MKDOCS_BUILDS}'"]),
        ({".eleventy.js": ""}, [f"serve _site -- {ELEVENTY_BUILDS} --watch"]),
        ({"eleventy.config.mjs": ""}, [f"serve _site -- {ELEVENTY_BUILDS} --watch"]),
        ({"index.html": "", "dist/index.html": ""}, ["serve ."]),
        ({"dist/index.html": ""}, ["serve dist"]),
        # Several are as likely.
        ({"public/index.html": "", "_site/index.html": ""}, ["serve public", "serve _site"]),
        ({"manage.py": DJANGO, "main.py": FASTAPI}, [DJANGO_RUNS, UVICORN_RUNS.format("main:app")]),
        ({"app.py": FLASK, "main.py": FASTAPI},
         [FLASK_RUNS.format("app:app"), UVICORN_RUNS.format("main:app")]),
        ({"index.php": "", "hugo.yaml": ""}, [PHP_RUNS, f"serve public -- {HUGO_BUILDS} --watch"]),
        # One is likelier.
        ({"app.py": FLASK, "tools/main.py": FASTAPI, "zoo.py": FASTAPI}, [FLASK_RUNS.format("app:app")]),
        ({"app.py": FLASK, "index.html": ""}, [FLASK_RUNS.format("app:app")]),
        # Decoys.
        ({}, []),
        ({"manage.py": "print('manage')"}, []),
        ({"config.toml": "[server]\nport = 1"}, []),
        ({"composer.json": "{}"}, []),
        ({"app.py": "# app = Flask(__name__)\ntext = 'app = FastAPI()'\n"}, []),
        ({"app.py": "class Flask: pass\napp = Flask()\n"}, []),
        ({"app.py": "from .flask import Flask\napp = Flask()\n"}, []),
        ({"app.py": f"{FLASK}def (:"}, []),
        ({"app.py": f"{FLASK}\0"}, []),
        ({"app.py": f"{FLASK}x = {'(' * 5000}"}, []),
        ({"app.py": f"{FLASK}x = {'-' * 100_000}1"}, []),
        ({"conftest.py": FLASK, "test_app.py": FLASK, "setup.py": FLASK, "__init__.py": FLASK}, []),
        ({"a/b/main.py": FLASK, "pkg/odd.py": FLASK}, []),
        ({"index.html": "", "vite.config.ts": ""}, []),
        ({"--env-file=x/main.py": FASTAPI}, []),
        ({"src/--env-file=x/main.py": FASTAPI}, []),
        ({"--app=x.py": FLASK}, []),
        ({"my shop/__init__.py": FLASK}, []),
    ],
)  # fmt: skip
def test_what_is_suggested(files: dict[str, str], wanted: list[str]) -> None:
    assert lines(files) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "from starlette.applications import Starlette\napp = Starlette()",
        "import starlette.applications\napp = starlette.applications.Starlette()",
        "from quart import Quart\napp = Quart(__name__)",
        "from litestar import Litestar\napp = Litestar([])",
    ],
)
def test_apps_of_other_frameworks_run_under_uvicorn(text: str) -> None:
    assert lines({"asgi.py": text}) == [UVICORN_RUNS.format("asgi:app")]


def test_a_factory_of_an_asgi_app() -> None:
    text = "from fastapi import FastAPI\ndef create_app():\n    return FastAPI()"
    assert lines({"shop/app.py": text}) == [UVICORN_RUNS.format("--factory shop.app:create_app")]


def test_what_is_built_has_to_be_built_before_it_is_served() -> None:
    for name, build in (
        ("hugo.toml", HUGO_BUILDS), ("mkdocs.yml", MKDOCS_BUILDS), (".eleventy.js", ELEVENTY_BUILDS)
    ):  # fmt: skip
        [found] = suggestions(FolderView({name}), HERE)
        assert shlex.join(found.first) == build


def test_the_users_options_stand_before_the_command() -> None:
    [found] = suggestions(FolderView({"index.php"}), HERE)
    wanted = "proxy http://localhost:8000 --open -- php -d opcache.enable=0 -S localhost:8000"
    assert shlex.join(found.argv(("--open",))) == wanted


def test_the_interpreter_and_the_port_are_those_that_are_there() -> None:
    here = MadeUpMachine(interpreter="{}/bin/python", shift=7)
    [found] = suggestions(FolderView({"main.py"}, {"main.py": FASTAPI}), here)
    wanted = (
        "proxy http://localhost:8007 --restart '*.py' -- fastapi/bin/python -m uvicorn main:app --port 8007"
    )
    assert shlex.join(found.argv()) == wanted


def test_advice_says_what_to_do() -> None:
    assert "loc-dev serve DIR" in advice(FolderView({"README"}))
    assert "vite.config.ts is here" in advice(FolderView({"vite.config.ts", "index.html"}))


@given(st.dictionaries(st.sampled_from(["app.py", "manage.py", "mkdocs.yml", "config.toml"]), st.text()))
def test_no_text_upsets_it(texts: dict[str, str]) -> None:
    suggestions(FolderView(texts.keys(), texts), HERE)
