"""The peaks of the last day."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.counter.history import SLOT_SECONDS, SLOTS, PeakHistory

DAY = SLOTS * SLOT_SECONDS


def test_a_quarter_of_an_hour_keeps_its_peak() -> None:
    history = PeakHistory(0)
    for total in (1, 5, 2):
        history.note(total, 10)
    assert history.peaks(20)[-1] == 5
    assert history.peaks(SLOT_SECONDS)[-2:] == [5, 2]


def test_midnight_begins_a_day_with_those_who_are_there() -> None:
    history = PeakHistory(0)
    history.note(7, 10)
    history.note(3, 20)
    assert history.peak_today(DAY - 1) == 7
    assert history.peak_today(DAY) == 3


@given(st.lists(st.tuples(st.integers(0, 3 * DAY), st.integers(0, 100)), max_size=30))
def test_it_is_what_a_full_record_would_say(notes: list[tuple[int, int]]) -> None:
    notes = sorted(notes, key=lambda note: note[0])
    history = PeakHistory(0)
    for at, total in notes:
        history.note(total, at)
    end = 3 * DAY
    first = end // SLOT_SECONDS - SLOTS + 1
    expected = []
    for slot in range(first, first + SLOTS):
        start = slot * SLOT_SECONDS
        before = [total for at, total in notes if at < start][-1:]
        within = [total for at, total in notes if start <= at < start + SLOT_SECONDS]
        expected.append(max([*before, *within, 0]))
    assert history.peaks(end) == expected
