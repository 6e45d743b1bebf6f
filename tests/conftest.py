"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

RUN = "0123456789abcdef"

# How long an example takes says more about the machine than about the rule.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def known_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tag of a middleware names its run: here each one is ``RUN``."""
    monkeypatch.setattr("livereload_loc.pipeline.hub.secrets.token_hex", lambda size: RUN)
