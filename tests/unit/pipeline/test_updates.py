"""Every tab is accounted for in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.pipeline.accounts import KEPT_ACCOUNTS, UpdateResult, UpdateResults, named
from livereload_loc.protocol import Did, Update

UPDATE = Update(13, "css", ("about.css",))


def account(*pages: int) -> UpdateResult:
    return UpdateResult(UPDATE, 100.0, set(pages))


def test_the_line_of_a_swap() -> None:
    told = account(1, 2, 3)
    for page, did in ((1, "css"), (2, "css"), (3, "nothing")):
        assert told.answer(page, did, 100.014) == pytest.approx(14)  # type: ignore[arg-type]
    assert told.complete
    assert told.line() == "about.css: 2 tabs swapped, 1 does not use it"


def test_the_line_without_pages() -> None:
    assert account().complete
    assert account().line() == "about.css: no page is open"


def test_a_reload_is_answered_by_the_new_page() -> None:
    told = account(1)
    told.leave(1)
    assert not told.complete
    assert told.answer(2, "reload", 100.5) == pytest.approx(500)
    assert told.complete
    assert told.line() == "about.css: 1 tab reloaded"


def test_a_tab_that_was_closed_is_named() -> None:
    told = account(1, 2, 3)
    told.answer(1, "css", 100.0)
    told.leave(2)
    assert told.line() == "about.css: 1 tab swapped, 1 went away, 1 has not answered"


def test_a_tab_that_answered_may_leave() -> None:
    told = account(1)
    told.answer(1, "css", 100.0)
    told.leave(1)
    assert told.line() == "about.css: 1 tab swapped"


def test_a_second_answer_does_not_count() -> None:
    told = account(1)
    assert told.answer(1, "css", 100.0) is not None
    assert told.answer(1, "reload", 100.0) is None
    assert told.line() == "about.css: 1 tab swapped"


def test_a_page_that_caught_up_counts() -> None:
    told = account()
    assert told.answer(7, "reload", 100.1) is not None
    assert told.line() == "about.css: 1 tab reloaded"


def test_unused_means_that_pages_answered_and_none_uses_it() -> None:
    told = account(1, 2)
    assert not told.unused
    told.answer(1, "nothing", 100.0)
    assert told.unused
    told.answer(2, "css", 100.0)
    assert not told.unused


def test_a_page_on_its_way_may_still_use_it() -> None:
    told = account(1, 2)
    told.answer(1, "nothing", 100.0)
    told.leave(2)
    assert not told.unused


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["css", "reload", "nothing", "leave"]))))
def test_every_tab_that_was_told_is_counted_once(steps: list[tuple[int, str]]) -> None:
    told = account(*range(5))
    for page, step in steps:
        if step == "leave":
            told.leave(page)
        else:
            told.answer(page, step, 101.0)  # type: ignore[arg-type]
    counted = sum(told.did.values()) + told.away + len(told.waiting)
    assert counted >= 5
    strangers = {page for page, step in steps if step != "leave" and page >= 5}
    assert counted <= 5 + len(strangers | {page for page, _ in steps})


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        ((), "many files"),
        (("a",), "a"),
        (("a", "b", "c"), "a, b, c"),
        (("a", "b", "c", "d", "e"), "a, b, c and 2 more"),
    ],
)
def test_paths_are_named_in_a_few_words(paths: tuple[str, ...], text: str) -> None:
    assert named(paths) == text


def test_old_accounts_are_forgotten() -> None:
    accounts = UpdateResults()
    for seq in range(1, KEPT_ACCOUNTS + 2):
        accounts.open(Update(seq, "css", ()), 0.0, [])
    assert accounts.find(1) is None
    assert accounts.find(2) is not None


def test_leaving_is_noted_in_every_account() -> None:
    accounts = UpdateResults()
    both = [accounts.open(Update(seq, "css", ()), 0.0, [1]) for seq in (1, 2)]
    accounts.leave(1)
    assert [each.away for each in both] == [1, 1]


@pytest.mark.parametrize("did", ["css", "image"])
def test_swaps_of_both_kinds_are_counted_together(did: Did) -> None:
    told = account(1, 2)
    told.answer(1, "css", 100.0)
    told.answer(2, did, 100.0)
    assert told.line() == "about.css: 2 tabs swapped"
