"""A certificate, a site, and a client that trusts the certificate."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.certificates import CA, issue


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    """The options that name a certificate."""
    folder = tmp_path / "tls"
    folder.mkdir()
    certificate, key = issue(folder, "own", "localhost", "127.0.0.1", "::1")
    return ["--cert", str(certificate), "--key", str(key)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><title>x</title><p>Hi")
    return site


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A client that trusts our authority, and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    CA.configure_trust(context)
    return context
