"""Pages that join, leave and are refused."""

from __future__ import annotations

import pytest

from livereload_loc.access import Refusal
from livereload_loc.events import ClientChanged, Event, ProblemFound
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pages import REPORTED_REFUSALS, OpenPages
from livereload_loc.pipeline.reload_loops import LoopDetector
from livereload_loc.pipeline.updates import UpdateTracker


class Registered(OpenPages):
    """A registry, what it reports, and how often the watcher was woken."""

    def __init__(self) -> None:
        self.reports: list[Event] = []
        self.attended = 0
        updates = UpdateTracker(Hub(), LoopDetector(), self.reports.append)
        super().__init__(updates, self.reports.append, self.wake)

    def wake(self) -> None:
        self.attended += 1


@pytest.fixture
def pages() -> Registered:
    return Registered()


def test_a_page_that_joins_wakes_the_watcher_and_is_reported(pages: Registered) -> None:
    with pages.open("/", "Firefox 140"):
        assert pages.attended == 1
    assert pages.reports == [
        ClientChanged("joined", "/", 1, page_id=1, browser="Firefox 140"),
        ClientChanged("left", "/", 0, page_id=1),
    ]


def test_a_page_leaves_even_when_its_socket_fails_and_its_id_is_not_used_again(pages: Registered) -> None:
    with pytest.raises(ConnectionError), pages.open("/"):
        raise ConnectionError
    with pages.open("/"), pages.open("/about/"):
        pass
    seen = [(each.state, each.page_id) for each in pages.reports if isinstance(each, ClientChanged)]
    assert seen == [("joined", 1), ("left", 1), ("joined", 2), ("joined", 3), ("left", 3), ("left", 2)]


def test_a_refusal_is_reported_once_with_the_option_that_lets_the_page_in(pages: Registered) -> None:
    for _ in range(3):
        pages.refused(
            Refusal(403, "pages of http://x.example are foreign", "--allow-origin", "http://x.example")
        )
    [report] = pages.reports
    assert isinstance(report, ProblemFound)
    assert "--allow-origin http://x.example" in report.detail


def test_no_more_than_so_many_refusals_are_reported(pages: Registered) -> None:
    for number in range(REPORTED_REFUSALS + 1):
        pages.refused(Refusal(421, f"the host {number}.example is not one of ours"))
    assert len(pages.reports) == REPORTED_REFUSALS
