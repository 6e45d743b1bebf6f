"""Certificates for the tests of TLS, in the files that tools write."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import trustme

CA = trustme.CA()


def issue(folder: Path, stem: str, *names: str, ends: datetime | None = None) -> tuple[Path, Path]:
    """Write ``STEM.pem`` and ``STEM-key.pem`` for ``names``, as mkcert does; returns their paths."""
    issued = CA.issue_cert(*names, not_after=ends)
    certificate, key = folder / f"{stem}.pem", folder / f"{stem}-key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key
