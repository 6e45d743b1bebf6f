"""Where the repository is: tests that read its files, or start it, say so by these."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "livereload_loc"
NODE_MODULES = ROOT / ".cache/node/node_modules"
