"""A played build for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.played_build import PlayedBuild


@pytest.fixture
def played(tmp_path: Path) -> PlayedBuild:
    return PlayedBuild(tmp_path)
