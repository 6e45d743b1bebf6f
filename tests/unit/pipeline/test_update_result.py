"""Every tab is accounted for in one line."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.pipeline.update_result import UpdateResult, name_paths
from livereload_loc.protocol import Did, Update


def sent_to(*pages: int) -> UpdateResult:
    return UpdateResult(Update(13, "css", ("about.css",)), 100.0, set(pages))


@pytest.mark.parametrize("did", ["css", "image"])
def test_the_line_of_a_swap(did: Did) -> None:
    result = sent_to(1, 2, 3)
    assert result.answer(1, "css", 100.014) == pytest.approx(14)
    assert result.answer(2, did, 100.020) == pytest.approx(20)
    assert result.answer(3, "nothing", 100.010) == pytest.approx(10)
    assert result.complete
    assert result.slowest_ms == pytest.approx(20)
    assert result.tabs() == "2 tabs swapped, 1 unaffected"


def test_the_line_of_pages_that_changed_in_place() -> None:
    result = sent_to(1, 2, 3)
    for page, did in enumerate(("in-place", "same", "in-place"), 1):
        result.answer(page, cast(Did, did), 100.019)
    assert not result.unused
    assert result.tabs() == "2 tabs updated in place, 1 unchanged"


def test_the_line_without_pages() -> None:
    assert sent_to().complete
    assert sent_to().tabs() == "no page is open"


def test_a_reload_is_answered_by_the_new_page() -> None:
    result = sent_to(1)
    result.leave(1)
    assert not result.complete
    assert result.answer(2, "reload", 100.5) == pytest.approx(500)
    assert result.complete
    assert result.tabs() == "1 tab reloaded"


def test_a_tab_that_was_closed_is_named() -> None:
    result = sent_to(1, 2, 3)
    result.answer(1, "css", 100.0)
    result.leave(2)
    assert result.tabs() == "1 tab swapped, 1 went away, 1 did not answer"


def test_a_tab_that_answered_may_leave() -> None:
    result = sent_to(1)
    result.answer(1, "css", 100.0)
    result.leave(1)
    assert result.tabs() == "1 tab swapped"


def test_a_second_answer_does_not_count() -> None:
    result = sent_to(1)
    assert result.answer(1, "css", 100.0) is not None
    assert result.answer(1, "reload", 100.0) is None
    assert result.tabs() == "1 tab swapped"


def test_a_page_that_caught_up_counts() -> None:
    result = sent_to()
    assert result.answer(7, "reload", 100.1) is not None
    assert result.tabs() == "1 tab reloaded"


def test_unused_means_that_pages_answered_and_none_uses_it() -> None:
    result = sent_to(1, 2)
    assert not result.unused
    result.answer(1, "nothing", 100.0)
    assert result.unused
    result.answer(2, "css", 100.0)
    assert not result.unused


def test_a_page_on_its_way_may_still_use_it() -> None:
    result = sent_to(1, 2)
    result.answer(1, "nothing", 100.0)
    result.leave(2)
    assert not result.unused


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["css", "reload", "nothing", "leave"]))))
def test_every_tab_that_an_update_was_sent_to_is_counted_once(steps: list[tuple[int, str]]) -> None:
    result = sent_to(*range(5))
    for page, step in steps:
        if step == "leave":
            result.leave(page)
        else:
            result.answer(page, step, 101.0)  # type: ignore[arg-type]
    counted = sum(result.did.values()) + result.away + len(result.waiting)
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
    assert name_paths(paths) == text
