"""TLS as a client."""

from __future__ import annotations

import ssl


def unverified_context() -> ssl.SSLContext:
    """Return a context that takes every certificate, whoever it names: those that dev servers make."""
    return ssl._create_unverified_context()  # noqa: S323
