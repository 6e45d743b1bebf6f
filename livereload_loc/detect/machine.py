"""What a recipe asks about the machine: a Python that has a package, and a free port."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec

from livereload_loc.errors import LocError
from livereload_loc.server.sockets import listen
from livereload_loc.settings import LOOPBACK

PORTS_TRIED = 50


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine, for a project in ``folder``; ``taken`` ports are left to others."""

    folder: str
    taken: Collection[int] = ()

    def python(self, package: str) -> str:
        """Return the Python to run ``package`` with.

        That is the one of the folder's virtual environment, of the active one, ours if it has the package,
        or python3.
        """
        for path in (".venv/bin/python", "venv/bin/python"):
            if os.path.isfile(os.path.join(self.folder, path)):
                return path
        active = os.path.join(os.environ.get("VIRTUAL_ENV", ""), "bin", "python")
        if os.path.isabs(active) and os.path.isfile(active):
            return _short(active)
        try:
            is_ours = find_spec(package) is not None
        except (ImportError, ValueError, OSError):
            is_ours = False
        return _short(sys.executable) if is_ours and sys.executable else "python3"

    def port(self, start: int) -> int:
        """Return the first free port from ``start`` on; ``start`` if there is none soon after it."""
        for port in range(start, start + PORTS_TRIED):
            if port in self.taken:
                continue
            try:
                for listener in listen([LOOPBACK], port):
                    listener.close()
            except LocError:
                continue
            return port
        return start


def _short(python: str) -> str:
    """Return a plain name that runs the same Python, if there is one."""
    return next((name for name in ("python", "python3") if shutil.which(name) == python), python)
