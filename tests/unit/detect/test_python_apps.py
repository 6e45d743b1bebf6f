"""Apps of Python's web frameworks, found in the texts of modules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.detect.model import FolderView
from livereload_loc.detect.python_apps import PythonApp, apps

FLASK = "from flask import Flask\napp = Flask(__name__)\n"


def found(files: dict[str, str]) -> list[PythonApp]:
    return apps(FolderView(files.keys(), files))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import flask\nsite = flask.Flask('x')", "site"),
        ("import flask as f\nsite: f.Flask = f.Flask('x')", "site"),
        ("from flask import Flask as F\nadmin = F('a')\napplication = F('b')", "application"),
        ("from flask import *\nadmin = Flask('a')\nother = Flask('b')", "admin"),
        ("from flask import Flask\ntry:\n    app = Flask('x')\nexcept ValueError:\n    raise", "app"),
        ("from flask import Flask\nif DEBUG:\n    app = Flask('x')", "app"),
        ("from flask import Flask\napp = Wrapped(Flask('x'))", "app"),
        ("from flask import Flask\nboth = app = Flask('x')", "app"),
        ("from flask import Flask\ndef create_app(test=None):\n    return Flask('x')", "create_app"),
        ("from flask import Flask\ndef create_app(test):\n    return Flask('x')\n", ""),
        ("from flask import Flask\ndef create_app():\n    return Flask('x')\napp = create_app()", "app"),
        ("from flask import Flask\nif __name__ == '__main__':\n    app = Flask('x')", ""),
        ("from flask import Flask\ndef main():\n    app = Flask('x')", ""),
        ("from flask import Flask\nclient = TestClient(Flask('x'))", ""),
        ("from flask import Flask\nx['app'] = Flask('x')", ""),
        ("app = create_app()", ""),
    ],
)
def test_the_variable_of_an_app(text: str, name: str) -> None:
    wanted = [PythonApp("app.py", name, "flask", factory=name == "create_app")] if name else []
    assert found({"app.py": text}) == wanted


def test_a_variable_that_a_factory_elsewhere_makes() -> None:
    factory = "from flask import Flask\ndef create_app():\n    return Flask('x')"
    made = "from shop import create_app\napp = create_app()"
    assert found({"shop/__init__.py": factory, "wsgi.py": made}) == [PythonApp("wsgi.py", "app", "flask")]
    assert found({"shop/__init__.py": factory}) == [
        PythonApp("shop/__init__.py", "create_app", "flask", factory=True)
    ]


@given(
    st.lists(st.sampled_from([*FLASK.split(), "\n", "(", ")", "app", "=", "create_app", "def", ":", "if"]))
)
def test_no_module_upsets_it(words: list[str]) -> None:
    found({"app.py": f"{FLASK}{' '.join(words)}"})
