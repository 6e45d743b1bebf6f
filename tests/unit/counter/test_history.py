"""The peaks of the last day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.counter.history import SLOT_SECONDS, SLOTS, PeakHistory
from tests.support.manual_clock import Clock

DAY = SLOTS * SLOT_SECONDS


def test_a_quarter_of_an_hour_keeps_its_peak() -> None:
    clock = Clock(0)
    history = PeakHistory(clock)
    for total in (1, 5, 2):
        history.note(total)
    assert history.peaks()[-1] == 5
    clock.now = SLOT_SECONDS
    assert history.peaks()[-2:] == [5, 2]


def test_midnight_begins_a_day_with_the_visitors_of_that_moment() -> None:
    clock = Clock(0)
    history = PeakHistory(clock)
    history.note(7)
    history.note(3)
    clock.now = DAY - 1
    assert history.peak_today() == 7
    clock.now = DAY
    assert history.peak_today() == 3


@given(st.lists(st.tuples(st.integers(0, 3 * DAY), st.integers(0, 100)), max_size=30))
def test_it_is_what_a_full_record_would_say(notes: list[tuple[int, int]]) -> None:
    notes = sorted(notes, key=lambda note: note[0])
    clock = Clock(0)
    history = PeakHistory(clock)
    for at, total in notes:
        clock.now = at
        history.note(total)
    clock.now = 3 * DAY
    first = 3 * DAY // SLOT_SECONDS - SLOTS + 1
    expected = []
    for slot in range(first, first + SLOTS):
        start = slot * SLOT_SECONDS
        before = [total for at, total in notes if at < start][-1:]
        within = [total for at, total in notes if start <= at < start + SLOT_SECONDS]
        expected.append(max([*before, *within, 0]))
    assert history.peaks() == expected
