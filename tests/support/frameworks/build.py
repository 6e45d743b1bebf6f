"""One form in React, Vue and Svelte, each with its library as one module."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.paths import NODE_MODULES

FRAMEWORKS = ("react", "vue", "svelte")
SOURCES = Path(__file__).parent

COMPILE = """
import { compile } from "svelte/compiler";
import { readFileSync, writeFileSync } from "node:fs";
const { js } = compile(readFileSync("App.svelte", "utf8"), { filename: "App.svelte" });
writeFileSync("App.svelte.js", js.code);
"""


def build(name: str, scratch: Path) -> str:
    """Return a module that exports ``mount`` and ``hydrate``; each takes the element to render into."""
    shutil.copytree(SOURCES, scratch, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (scratch / "node_modules").symlink_to(NODE_MODULES)
    if name == "svelte":
        run(scratch, "node", "--input-type=module", "--eval", COMPILE)
    run(
        scratch,
        str(NODE_MODULES / ".bin/rolldown"),
        *(f"{name}.js", "--file", "built.js", "--format", "esm", "--platform", "browser"),
        *("--transform.define", "process.env.NODE_ENV:'production'", "--logLevel", "silent"),
    )
    return (scratch / "built.js").read_text()


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
