"""The script that runs Django without its cache of templates, beside Python itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from livereload_loc.process.django_templates import with_fresh_templates

SCRIPT = """
import sys
import __main__
from beside import NAME

print(NAME, __name__, __file__, sys.argv[1:], __main__.__file__)
print(sys.path)
sys.exit(3)
"""


@pytest.mark.parametrize("options", [[], ["-u"], ["-X", "dev"]])
def test_a_script_runs_as_python_itself_would_run_it(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/manage.py").write_text(SCRIPT)
    (tmp_path / "src/beside.py").write_text("NAME = 'beside'")
    plain = [sys.executable, *options, "src/manage.py", "runserver", "--noreload"]
    launched = with_fresh_templates(plain)
    assert launched != plain
    ran = [
        subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        for command in (plain, launched)
    ]
    assert ran[0].returncode == ran[1].returncode == 3
    assert ran[0].stdout == ran[1].stdout
    assert "beside __main__" in ran[0].stdout


def test_a_python_without_django_runs_the_script_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text("print('no Django here')")
    plain = [sys.executable, "-S", "-E", "manage.py", "runserver", "--noreload"]
    ran = subprocess.run(
        with_fresh_templates(plain), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "no Django here\n"
