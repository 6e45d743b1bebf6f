"""When pages are told of changed code, with the backend played."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from livereload_loc.changes import Batch, FileChange
from livereload_loc.gates.backend import Seen
from livereload_loc.gates.restart import LATER_SECONDS, NOTICED_SECONDS, Restart
from livereload_loc.messages import Problem


def saved(path: str) -> Batch:
    return Batch((FileChange("/site", path, "modified"),), 0.0)


class Played:
    """A backend, a command and a way."""

    def __init__(self, *seen: Seen, answers: tuple[bool, ...] = (True,)) -> None:
        self.log: list[str] = []
        self._seen, self._answers = list(seen), list(answers)
        self._beside: list[Coroutine[None, None, None]] = []

    async def restarts(self, within: float) -> Seen:
        self.log.append(f"watched for {within}")
        return self._seen.pop(0)

    async def answers(self, within: float) -> bool:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.log.append("answers" if answer else "silent")
        return answer

    async def restart(self) -> None:
        self.log.append("restarted")

    def take(self) -> None:
        raise AssertionError

    def put(self, batch: Batch) -> None:
        raise AssertionError

    def tell(self, batch: Batch) -> None:
        self.log.append("told")

    def start(self, work: Coroutine[None, None, None]) -> None:
        self._beside.append(work)

    def pass_(self, gate: Restart, path: str) -> Batch | Problem:
        """What comes of a save, and everything after it."""

        async def run() -> Batch | Problem:
            outcome = await gate(saved(path), self)
            self.log.append("told" if isinstance(outcome, Batch) else "problem")
            for work in self._beside:
                await work
            return outcome

        return asyncio.run(run())


@pytest.mark.parametrize(
    ("seen", "log"),
    [
        ((Seen.RESTART,), ["watched for 1.5", "answers", "told"]),
        ((Seen.HINT, Seen.NOTHING), ["watched for 1.5", "answers", "told", "watched for 5.0"]),
        ((Seen.NOTHING, Seen.HINT), ["watched for 1.5", "answers", "told", "watched for 5.0"]),
        (
            (Seen.NOTHING, Seen.RESTART),
            ["watched for 1.5", "answers", "told", "watched for 5.0", "answers", "told"],
        ),
    ],
)
def test_code_waits_for_the_restart(seen: tuple[Seen, ...], log: list[str]) -> None:
    assert (NOTICED_SECONDS, LATER_SECONDS) == (1.5, 5.0)
    played = Played(*seen)
    assert played.pass_(Restart(["*.py"], played), "app/main.py") == saved("app/main.py")
    assert played.log == log


def test_what_is_no_code_waits_for_nothing() -> None:
    played = Played()
    played.pass_(Restart(["*.py"], played, restart=["*.rb"], command=played), "site.css")
    played.pass_(Restart(["*.py"], None), "main.py")
    assert played.log == ["told", "told"]


def test_our_own_command_is_restarted_rather_than_watched() -> None:
    played = Played()
    played.pass_(Restart(["*.py"], played, restart=["app/*.py"], command=played), "app/main.py")
    assert played.log == ["restarted", "answers", "told"]


def test_a_command_without_a_backend_is_restarted_all_the_same() -> None:
    played = Played()
    played.pass_(Restart([], None, restart=["*.py"], command=played), "main.py")
    assert played.log == ["restarted", "told"]


def test_a_backend_that_stays_away_is_a_problem_until_it_returns() -> None:
    played = Played(Seen.RESTART, answers=(False, False, True))
    problem = played.pass_(Restart(["*.py"], played, "http://localhost:8000"), "main.py")
    assert isinstance(problem, Problem)
    assert problem.title == "http://localhost:8000 does not answer"
    assert "main.py" in problem.detail
    assert played.log == ["watched for 1.5", "silent", "problem", "silent", "answers", "told"]
