"""What COMMAND is called in front of its lines."""

from __future__ import annotations

import pytest

from livereload_loc.process.display_name import short_name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("php -S localhost:8000", "php"),
        ("/usr/bin/npm run dev", "npm"),
        ("python3 -m uvicorn app:app", "uvicorn"),
        (".venv/bin/python -u -m flask run", "flask"),
        ("python3.13 -X dev -m http.server", "http"),
        ("python site/manage.py runserver -m x", "manage.py"),
        ("python -c print(1) app.py", "python"),
        ("python -m", "python"),
        ("python", "python"),
    ],
)
def test_a_program_has_a_short_name(line: str, name: str) -> None:
    assert short_name(line.split()) == name
