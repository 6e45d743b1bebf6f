from __future__ import annotations

import pytest

from livereload_loc.proxy import pool as upstream


@pytest.fixture
def resigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that ends without an answer is not tried again for long."""
    monkeypatch.setattr(upstream, "RETRIES", 2)
