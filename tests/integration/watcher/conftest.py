from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site of old files, as sites are: none was written this second."""
    root = tmp_path / "site"
    for name in ("index.html", "about.html", "css/site.css", "js/main.js", "notes.txt"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"the old {name}\n")
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return root
