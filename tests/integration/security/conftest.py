"""One of each mode, for all attacks: they have to survive one another, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.server_modes import Mode, all_modes


@pytest.fixture(scope="package")
def modes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Mode]]:
    with all_modes(tmp_path_factory.mktemp("attacked")) as modes:
        yield modes
