"""What is known of the backend."""

from __future__ import annotations

import asyncio

from livereload_loc.backend import BackendState
from tests.support.in_loop import in_loop


@in_loop
async def test_a_crash_is_known_until_the_command_is_started_again() -> None:
    state = BackendState()
    waiting = asyncio.create_task(state.wait_for_crash())
    await asyncio.sleep(0)
    assert not waiting.done()
    state.crashed("node ended with exit code 1")
    assert await waiting == "node ended with exit code 1"
    assert await state.wait_for_crash() == state.down_reason == "node ended with exit code 1"
    state.started()
    assert state.down_reason == ""


def test_what_somebody_else_runs_may_come_back_though_our_command_crashed() -> None:
    state = BackendState()
    state.foreign = True
    state.crashed("node ended with exit code 1")
    assert state.down_reason == ""


def test_silence_lasts_until_an_answer() -> None:
    state = BackendState()
    assert state.silent_reason == ""
    state.restarting, state.silent_since = True, "main.py"
    assert state.silent_reason == "it has answered nothing since main.py was saved"
    state.responded()
    assert (state.restarting, state.silent_reason) == (False, "")


@in_loop
async def test_only_signs_from_now_on_count() -> None:
    state = BackendState()
    state.note_sign()
    waiting = asyncio.create_task(state.wait_for_sign())
    await asyncio.sleep(0)
    assert not waiting.done()
    state.note_sign()
    await waiting
