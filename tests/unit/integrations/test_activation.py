"""What a middleware says in the log of its app."""

from __future__ import annotations

import logging

import pytest

from livereload_loc.events import ProblemFound, UpdateSent, UpdateSummary
from livereload_loc.integrations.activation import log, several_workers


def test_what_became_of_a_save_is_logged_and_so_is_trouble(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log(UpdateSent(("a.css",), "css", 1))
    log(UpdateSummary("a.css", "1 tab swapped", 14.2))
    log(ProblemFound("Refused a page", "Allow it"))
    assert caplog.messages == ["a.css: 1 tab swapped", "Refused a page. Allow it"]


def test_without_a_page_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log may lie in the watched folder: a line about its own change would make the next one."""
    caplog.set_level(logging.INFO)
    log(UpdateSummary("app.log", "no page is open", 0))
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("environment", "arguments", "several"),
    [
        ({}, "uvicorn app:app", False),
        ({}, "uvicorn app:app --workers 1", False),
        ({}, "uvicorn app:app --workers 2", True),
        ({}, "uvicorn app:app --workers=2", True),
        ({}, "hypercorn -w 2 app:app", True),
        ({}, "gunicorn -w2 app:app", True),
        ({}, "gunicorn -w1 app:app", False),
        ({"GUNICORN_CMD_ARGS": "--bind=0.0.0.0 --workers=4"}, "gunicorn app:app", True),
        ({"WEB_CONCURRENCY": "3"}, "gunicorn app:app", True),
    ],
)
def test_several_workers_are_noticed(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: str, several: bool
) -> None:
    for name in ("WEB_CONCURRENCY", "GUNICORN_CMD_ARGS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", arguments.split())
    assert several_workers() is several
