"""What holds for all tests."""

from __future__ import annotations

import secrets
import signal

import pytest
from hypothesis import settings

from tests.support.engines import ENGINES

RUN, ID = "0123456789abcdef", "a-b_c123"

# How long an example takes says more about the machine than about the rule.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        action="append",
        choices=list(ENGINES),
        help="run all browser tests in this engine; can be given several times",
    )


def pytest_configure() -> None:
    """Have signals end the programs that tests start, however pytest was started.

    A shell's ``&`` in a script, nohup and some CI runners have their children ignore SIGINT or SIGHUP, and a
    child hands that on to its own. A signal with a handler here has its default effect in such a program.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: None)


@pytest.fixture
def known_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tag of a middleware names its run and the response: here each one is ``RUN`` and ``ID``."""
    monkeypatch.setattr(secrets, "token_hex", lambda size: RUN)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: ID)
