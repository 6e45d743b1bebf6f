"""Folders to watch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.processes import ROOT

PAGE = "<!doctype html><html><head><title>page</title></head><body>" + "<p>so many words</p>" * 200


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="loc-dev-benchmark-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def site(parent: Path, name: str) -> Path:
    """A copy of the demo site."""
    return Path(shutil.copytree(ROOT / "demo_content", parent / name))


def tree(parent: Path, name: str, folders: int, files: int, suffix: str = "html") -> Path:
    """A front page, and ``folders`` folders of ``files`` small files each."""
    root = parent / name
    for each in range(folders):
        folder = root / f"part{each // 50}" / f"folder{each}"
        folder.mkdir(parents=True)
        for number in range(files):
            (folder / f"page{number}.{suffix}").write_text(f"<!doctype html><title>{number}</title>")
    (root / "index.html").write_text("<!doctype html><title>start</title>")
    return root


def whole(number: int) -> str:
    """A page of some kilobytes that shows whether all of it is there."""
    return f"{PAGE}<p>{number}</p></body></html>"
