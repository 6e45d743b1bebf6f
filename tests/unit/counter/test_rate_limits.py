"""The sockets and joins of an address, against a plain count of tokens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.counter.rate_limits import AddressLimiter
from livereload_loc.settings import CounterSettings


@given(st.lists(st.integers(0, 40), max_size=60))
def test_it_admits_what_a_bucket_of_tokens_would(pauses: list[int]) -> None:
    """Times and tokens are eighths, which floats hold exactly."""
    limiter = AddressLimiter(CounterSettings(max_per_address=3, join_rate=0.5))
    now, tokens = 1000.0, 3.0
    for pause in pauses:
        now += pause / 8
        tokens = min(3.0, tokens + pause / 8 * 0.5)
        refusal = limiter.refuse("a", now)
        assert (refusal is None) == (tokens >= 1)
        if refusal is None:
            limiter.enter("a", now)
            limiter.leave("a", now)
            tokens -= 1


def test_an_address_is_forgotten_once_it_is_idle_and_full() -> None:
    limiter = AddressLimiter(CounterSettings(max_per_address=3, join_rate=1))
    limiter.enter("a", 0)
    limiter.leave("a", 0.5)
    assert len(limiter) == 1
    limiter.enter("a", 0.5)
    limiter.leave("a", 5)
    assert len(limiter) == 0


def test_the_idle_are_swept_out() -> None:
    limiter = AddressLimiter(CounterSettings(max_per_address=3, join_rate=1))
    for number in range(10_000):
        limiter.enter(f"{number}", 0)
        limiter.leave(f"{number}", 0)
    limiter.enter("a", 100)
    assert len(limiter) == 1
