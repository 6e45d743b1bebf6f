"""One server of each mode, for all attacks: they have to survive one another, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.raw_http import get
from tests.support.server_modes import Modes, all_modes


@pytest.fixture(scope="package")
def modes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modes]:
    with all_modes(tmp_path_factory.mktemp("attacked")) as modes:
        yield modes


@pytest.fixture(autouse=True)
def all_survive(modes: Modes) -> Iterator[None]:
    """Check after each attack that all of them still respond, and that no program has written to stderr."""
    yield
    for mode in modes.values():
        assert get(mode.port, "/_loc/reload.js" if mode.name != "count" else "/_loc/widget.js").status == 200
        if mode.dev:
            assert mode.dev.process.poll() is None
            assert mode.dev.errors == ""
