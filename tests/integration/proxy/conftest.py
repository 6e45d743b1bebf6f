"""An upstream for the tests of the proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.upstreams import RawServer, ok, saying


@pytest.fixture
def echo() -> Iterator[RawServer]:
    with RawServer(saying(ok()), keep=True) as server:
        yield server
