"""What is known to be wrong in an engine, and the tests that show it.

An entry goes when its cause is mended: a test that is listed and passes fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@dataclass
class KnownFailure:
    """Tests that fail in ``engine`` for one cause: FILE::TEST, or FILE::TEST[PARAMETERS] for one case."""

    engine: str
    cause: str
    tests: tuple[str, ...]
    always: bool = True
    """Whether they fail each time; others depend on who is quicker."""


KNOWN_FAILURES = [
    KnownFailure(
        "firefox",
        "the browser delays sockets after failed ones",
        ("widget/test_connection.py::test_it_comes_back_with_jitter_and_more_and_more_seldom",),
    ),
]


def expect_failures(items: list[pytest.Item]) -> None:
    """Mark the tests that are known to fail."""
    for item in items:
        call = getattr(item, "callspec", None)
        if not call or "engine" not in call.params:
            continue
        engine = call.params["engine"]
        test = f"{item.path.relative_to(FOLDER)}::{item.originalname}"  # type: ignore[attr-defined]
        case = f"{test}[{'-'.join(part for part in call._idlist if part != engine)}]"
        for known in KNOWN_FAILURES:
            if known.engine == engine and not {test, case}.isdisjoint(known.tests):
                item.add_marker(pytest.mark.xfail(reason=f"{engine}: {known.cause}", strict=known.always))
