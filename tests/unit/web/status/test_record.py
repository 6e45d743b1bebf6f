"""What is remembered of the reports, and that it stays within bounds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    ProcessOutput,
    Ready,
    TotalChanged,
    UpdateApplied,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.web.status.record import (
    KEPT,
    KEPT_NOISE,
    KEPT_TROUBLES,
    MAX_DETAIL,
    MAX_NAME,
    MAX_PAGES,
    EventRecord,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def recorded(*reports: Event) -> dict[str, Any]:
    record = EventRecord(Clock())
    for report in reports:
        record(report)
    return record.state()


def came(number: int, page: str = "/", browser: str = "Firefox 140") -> ClientChanged:
    return ClientChanged("joined", page, 1, number, browser)


def left(number: int, page: str = "/") -> ClientChanged:
    return ClientChanged("left", page, 0, number)


def told(seq: int, *paths: str, follows: int = 0) -> UpdateSent:
    return UpdateSent(paths or ("a.css",), "css", 1, seq, follows)


def test_a_save_is_followed_from_the_pages_to_its_account() -> None:
    record = EventRecord(Clock())
    for report in (came(1), came(2, "/about/", "Chrome 156"), told(5)):
        record(report)
    (save,) = record.state()["saves"]  # type: ignore[misc]
    assert (save["paths"], save["account"], save["answers"]) == (["a.css"], "", [])
    record(UpdateApplied(("a.css",), "/about/", "css", 14.2, 5, 2))
    record(UpdateApplied(("a.css",), "/", "nothing", 9.0, 5, 1))
    record(UpdateSummary("a.css", "1 tab swapped, 1 unaffected", 14.2, 5, at=2.5))
    assert save["account"] == "1 tab swapped, 1 unaffected"
    assert (save["ms"], save["at"]) == (14.2, 2.5)
    assert [
        (answer["page"], answer["browser"], answer["did"], answer["ms"]) for answer in save["answers"]
    ] == [
        ("/about/", "Chrome 156", "css", 14.2),
        ("/", "Firefox 140", "nothing", 9.0),
    ]
    first, second = record.state()["open"]  # type: ignore[misc]
    assert (second["did"], second["ms"]) == ("css", 14.2)
    assert first["did"] is None, "what it does not use it has not applied"


def test_why_a_page_was_reloaded_is_kept_within_bounds() -> None:
    (save,) = recorded(told(1), UpdateApplied(("a.html",), "/", "reload", 90, 1, 1, "w" * 10_000))["saves"]
    assert save["answers"][0]["why"].startswith("www")
    assert len(save["answers"][0]["why"]) < 1_000


def test_a_file_whose_name_looks_like_an_account_is_none() -> None:
    state = recorded(
        told(1, "a: 9 tabs swapped.css"), UpdateSummary("a: 9 tabs swapped.css", "1 tab reloaded", 1, 1)
    )
    assert state["saves"][0]["account"] == "1 tab reloaded"


def test_what_was_asked_for_is_named_so_and_a_storm_is_not() -> None:
    (save,) = recorded(UpdateSent((), "reload", 1, 1, title="all pages"))["saves"]
    assert save["paths"] == ["all pages"]
    (storm,) = recorded(UpdateSent((), "reload", 1, 1))["saves"]
    assert storm["paths"] == []


def test_a_pause_is_known() -> None:
    assert recorded()["paused"] is False
    assert recorded(PauseChanged(True))["paused"] is True
    assert recorded(PauseChanged(True), PauseChanged(False, 2))["paused"] is False


def test_an_update_in_place_of_another_is_the_same_save() -> None:
    state = recorded(
        came(1),
        told(1),
        UpdateApplied(("a.css",), "/", "nothing", 3, 1, 1),
        told(2, follows=1),
        UpdateApplied(("a.css",), "/", "reload", 90, 2, 1),
        UpdateSummary("a.css", "1 tab reloaded", 90, 2),
    )
    (save,) = state["saves"]
    assert (save["seq"], save["account"]) == (2, "1 tab reloaded")
    assert [answer["did"] for answer in save["answers"]] == ["reload"]


def test_a_tab_that_catches_up_is_late_for_the_account() -> None:
    (save,) = recorded(
        told(1),
        UpdateSummary("a.css", "no page is open", 0, 1),
        came(1),
        UpdateApplied(("a.css",), "/", "css", 5_000, 1, 1),
    )["saves"]
    assert (save["account"], save["late"], save["ms"]) == ("no page is open", 1, 0)
    assert [answer["page"] for answer in save["answers"]] == ["/"]


def test_a_page_that_reloads_keeps_its_place() -> None:
    record = EventRecord(Clock())
    for report in (came(1), came(2, "/about/"), told(1), left(1)):
        record(report)
    first, second = record.state()["open"]  # type: ignore[misc]
    assert (first["page"], first["away"], second["away"]) == ("/", True, False)
    assert record.pages == ["/about/"]
    since = first["since"]
    record(came(3))
    first, second = record.state()["open"]  # type: ignore[misc]
    assert (first["number"], first["away"], first["since"], second["number"]) == (3, False, since, 2)
    record(left(3))
    record(UpdateSummary("a.css", "1 tab swapped, 1 went away", 1, 1))
    assert [page["number"] for page in record.state()["open"]] == [2]  # type: ignore[attr-defined]


def test_a_page_that_closes_is_gone() -> None:
    assert recorded(came(1), left(1))["open"] == []
    assert recorded(left(1))["open"] == []


def test_what_was_ignored_bears_its_rule_and_noise_cannot_drive_it_out() -> None:
    noise = [ChangeIgnored(f".{number}.swp", "dotfile", noise=True) for number in range(3 * KEPT)]
    state = recorded(ChangeIgnored("notes.txt", "ignored by .gitignore:4", count=3), *noise)
    assert len(state["ignored"]) == KEPT_NOISE + 1
    oldest = state["ignored"][-1]
    assert (oldest["path"], oldest["why"], oldest["more"]) == ("notes.txt", "ignored by .gitignore:4", 2)


def test_a_problem_is_there_until_it_is_mended() -> None:
    build = ProblemFound("sass ended with exit code 65", "oops", shown=True)
    record = EventRecord(Clock())
    record(build)
    problem: Any = record.state()["problem"]
    assert (problem["title"], problem["detail"], problem["solved"]) == (build.title, "oops", None)
    for _ in range(2 * KEPT_TROUBLES):
        record(ProblemFound("Refused a page", ""))
    assert record.state()["problem"] is problem, "notices cannot drive it out"
    record(ProblemFound("sass ended with exit code 1", "again", shown=True))
    assert (problem["shown"], problem["solved"]) == (False, None), "it was not solved by the next one"
    last: Any = record.state()["problem"]
    record(ProblemSolved("sass ended with exit code 1"))
    assert record.state()["problem"] is None
    assert last["solved"] is not None


def test_subscribers_hear_of_changes_only_and_as_long_as_they_want() -> None:
    record = EventRecord(Clock())
    with record.subscribe() as changed:
        record(ProcessOutput("php", "a line"))
        record(Ready("http://localhost:1", "", 1, (), 0))
        assert not changed.is_set()
        for event in (TotalChanged("a.example", 2), came(1)):
            record(event)
            assert changed.is_set()
            changed.clear()
    record(came(2))
    assert not changed.is_set()


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
REPORTS = st.one_of(
    st.builds(came, st.integers(1, 9), TEXT),
    st.builds(left, st.integers(1, 9), TEXT),
    st.builds(lambda seq, path: told(seq, path), st.integers(1, 9), TEXT),
    st.builds(lambda seq, follows: told(seq, follows=follows), st.integers(1, 9), st.integers(1, 9)),
    st.builds(
        lambda seq, number: UpdateApplied(("a",), "/", "reload", 1, seq, number),
        st.integers(0, 9),
        st.integers(1, 9),
    ),
    st.builds(lambda seq: UpdateSummary("a", "1 tab reloaded", 1, seq), st.integers(0, 9)),
    st.builds(ChangeIgnored, TEXT, TEXT, st.booleans()),
    st.builds(lambda title, shown: ProblemFound(title, title, shown=shown), TEXT, st.booleans()),
    st.builds(ProblemSolved, TEXT),
)


@given(st.lists(REPORTS, max_size=60))
def test_whatever_happens_the_newest_is_first_and_the_state_can_be_sent(reports: list[Event]) -> None:
    state = recorded(*reports)
    for kind in ("saves", "ignored", "troubles"):
        ids = [entry["id"] for entry in state[kind]]
        assert ids == sorted(ids, reverse=True)
    numbers = [page["number"] for page in state["open"]]
    assert len(numbers) == len(set(numbers))
    assert all(page["away"] is False for page in state["open"]) or any(
        not save["account"] for save in state["saves"]
    )
    json.dumps(state, ensure_ascii=False).encode()


def test_nothing_grows_without_end() -> None:
    long = "x" * 100_000
    many: list[Event] = []
    for number in range(1, 2 * KEPT):
        many += [told(number, *[long] * 50), ChangeIgnored(long, long), ProblemFound(long, long, shown=True)]
        many += [UpdateApplied((), long, "css", 1, number, page) for page in range(50)]
    many += [came(number, long) for number in range(1, MAX_PAGES + 50)]
    state = recorded(*many)
    assert (len(state["saves"]), len(state["ignored"]), len(state["troubles"])) == (KEPT, KEPT, KEPT_TROUBLES)
    assert len(state["open"]) == MAX_PAGES
    assert state["saves"][0]["more"] == 47
    assert len(state["problem"]["title"]) == MAX_NAME
    assert len(state["problem"]["detail"]) == MAX_DETAIL
    assert len(json.dumps(state)) < 2_500_000
