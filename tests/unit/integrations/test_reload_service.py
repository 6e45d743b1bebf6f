"""What a middleware writes to the log of its app."""

from __future__ import annotations

import logging

import pytest

from livereload_loc.events import ProblemFound, UpdateSent, UpdateSummary
from livereload_loc.integrations.reload_service import log_event


def test_the_result_of_a_save_and_problems_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log_event(UpdateSent(("a.css",), "css", 1))
    log_event(UpdateSummary("a.css", "1 tab swapped", 14.2))
    log_event(ProblemFound("Refused a page", "Allow it"))
    assert caplog.messages == ["a.css: 1 tab swapped", "Refused a page. Allow it"]


def test_without_a_page_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log may lie in the watched folder: a line about its own change would make the next one."""
    caplog.set_level(logging.INFO)
    log_event(UpdateSummary("app.log", "no page is open", 0))
    assert caplog.messages == []
