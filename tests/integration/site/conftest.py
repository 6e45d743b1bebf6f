"""A folder with a site, and ``loc-dev serve`` on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.loc_dev import LocDev


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "about").mkdir(parents=True)
    (root / "files").mkdir()
    (root / "index.html").write_text("<!doctype html><html><head><title>Home</title></head></html>")
    (root / "about/index.html").write_text("<p>About")
    (root / "site.css").write_text("a { color: red }")
    (root / "main.js").write_text("let é = 1")
    (root / "video.mp4").write_bytes(bytes(range(256)) * 40)
    (root / ".env").write_text("SECRET=1")
    (root / ".well-known").mkdir()
    (root / ".well-known/security.txt").write_text("Contact: x")
    (tmp_path / "site-private.txt").write_text("secret")
    return root


@pytest.fixture
def server(site: Path) -> Iterator[LocDev]:
    """Its pages are those files with a tag that is the same for all."""
    with LocDev("serve", site, "--port", "0", "--in-place", "off") as running:
        yield running


@pytest.fixture
def marking(site: Path) -> Iterator[LocDev]:
    """Its pages may change in place, and their tags name their versions."""
    with LocDev("serve", site, "--port", "0") as running:
        yield running
