"""Which command lines run Django without its cache of templates."""

from __future__ import annotations

import pytest

from livereload_loc.process.django_templates import __file__ as launcher
from livereload_loc.process.django_templates import with_fresh_templates


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("python manage.py runserver --noreload 8000", "python LAUNCHER manage.py runserver --noreload 8000"),
        (
            ".venv/bin/python3.13 -u src/manage.py runserver 8000 --noreload",
            ".venv/bin/python3.13 -u LAUNCHER src/manage.py runserver 8000 --noreload",
        ),
        ("python manage.py runserver 8000", None),
        ("python manage.py migrate --noreload", None),
        ("python -m http.server --noreload", None),
        ("python", None),
        ("docker exec web python manage.py runserver --noreload", None),
        ("./manage.py runserver --noreload", None),
    ],
)
def test_a_server_without_a_reloader_reads_templates_anew(line: str, runs: str | None) -> None:
    assert with_fresh_templates(line.split()) == (runs or line).replace("LAUNCHER", launcher).split()
