"""A counter for the tests of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.loc_dev import LocDev


@pytest.fixture
def counter() -> Iterator[LocDev]:
    with LocDev("count", "--port", "0") as counter:
        yield counter
