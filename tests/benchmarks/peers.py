"""The tools of others, put into .cache where they are not there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.paths import ROOT

PEERS = ROOT / ".cache/peers"


def npm_modules(*packages: str) -> Path | None:
    """Return the folder that holds npm's ``packages``, such as ``vite@8``; None where that cannot be."""
    modules = PEERS / "node_modules"
    names = [package.partition("@")[0] for package in packages]
    options = ["--no-audit", "--no-fund", "--loglevel=error"]
    install = [shutil.which("npm") or "npm", "install", "--prefix", str(PEERS), *options, *packages]
    return modules if _has(modules, names) or _ran(install) else None


def python_packages(*packages: str) -> Path | None:
    """Return the folder that holds PyPI's ``packages``; None where that cannot be."""
    folder = PEERS / "python"
    names = [package.replace("-", "_") for package in packages]
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *packages]
    return folder if _has(folder, names) or _ran(install) else None


def name_and_version(modules: Path, package: str) -> str:
    return f"{package} {json.loads((modules / package / 'package.json').read_text())['version']}"


def node(script: Path, *words: str) -> Callable[[Path, int], list[str]]:
    """Return what makes a command line, in which FOLDER and PORT stand for these."""
    return lambda folder, port: [
        *("node", str(script)),
        *(word.replace("FOLDER", str(folder)).replace("PORT", str(port)) for word in words),
    ]


def _has(folder: Path, names: Sequence[str]) -> bool:
    return all((folder / name).is_dir() for name in names)


def _ran(install: Sequence[str]) -> bool:
    """Run an installer; say on stderr where it fails."""
    try:
        subprocess.run(install, stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        print(f"left out, since this failed: {' '.join(install)}", file=sys.stderr)
        return False
    return True
