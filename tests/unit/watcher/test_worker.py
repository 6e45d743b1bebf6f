"""How often the worker polls."""

from __future__ import annotations

import pytest

from livereload_loc.watcher.worker import poll_pause


@pytest.mark.parametrize(
    ("cpu", "took", "at_work", "pause"),
    [
        (0.01, 0.01, True, 0.1),
        (0.01, 0.01, False, 1),
        (0.001, 0.3, False, 0.9),  # halted amid a scan by a busy machine, or waiting for a network
        (0.001, 0.3, True, 0.9),
        (0, 0, False, 0),
    ],
)
def test_a_poll_pauses_for_its_own_work_and_little_for_that_of_others(
    cpu: float, took: float, at_work: bool, pause: float
) -> None:
    assert poll_pause(cpu, took, at_work) == pytest.approx(pause)
