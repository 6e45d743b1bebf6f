"""Runs Django's ``runserver --noreload`` so that it reads each template anew.

Django keeps the templates that it has read: until its reloader notices a save, up to a second later, or,
without the reloader, until the server restarts. This file is also the script that turns that cache off. It
imports nothing of the package, which the project's own Python may not have.
"""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import sys
from collections.abc import Sequence
from itertools import pairwise

_PYTHON = re.compile(r"python[\d.]*")


def with_fresh_templates(argv: Sequence[str]) -> list[str]:
    """Return the command line for ``python manage.py runserver --noreload``; any other one as it is."""
    at = next((at for at, pair in enumerate(pairwise(argv)) if _is_runserver(*pair)), 0)
    # What comes between, as in a container, may not have this file.
    if at and _PYTHON.fullmatch(os.path.basename(argv[0])) and "--noreload" in argv:
        return [*argv[:at], __file__, *argv[at:]]
    return list(argv)


def _is_runserver(script: str, command: str) -> bool:
    return script.endswith(".py") and command == "runserver"


def main() -> None:
    """Run the script that the arguments name with the arguments behind it, as Python itself would."""
    del sys.argv[0]
    script = os.path.abspath(sys.argv[0])
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(script)
    with contextlib.suppress(ImportError):  # the script says it better
        from django.template.loaders import base, cached

        cached.Loader.get_template = base.Loader.get_template
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
