"""Saves while the backend restarts, and problems until it is back, on a real queue."""

from __future__ import annotations

import asyncio

import pytest

from livereload_loc.changes import Batch
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop
from tests.support.played_server import server_running
from tests.support.played_steps import PlayedStep
from tests.support.waiting import DEADLINE, until_async


@in_loop
async def test_a_mended_save_ends_the_wait_for_the_broken_one_and_tells_of_both() -> None:
    async with server_running(restart=("*.js",)) as server:
        await server.begin_restart("broken.js", 1.0)
        server.save("mended.js", 5.0)
        await until_async(lambda: server.log.count("asked") == 2)
        assert server.asking == 1
        server.up.set()
        await server.told_all((["broken.js", "mended.js"], 5.0))
        assert server.log == ["restarted", "asked"] * 2


@in_loop
async def test_code_that_is_no_cause_to_restart_the_command_does_not_restart_it_again() -> None:
    async with server_running(restart=("*.js",), within=0.5) as server:
        await server.begin_restart("server.js", 1.0)
        server.save("tool.py", 2.0)
        await until_async(lambda: server.log.count("asked") == 2)
        server.up.set()
        await server.told_all((["server.js", "tool.py"], 2.0))
        assert server.log.count("restarted") == 1


@in_loop
async def test_a_style_sheet_waits_and_restarts_nothing() -> None:
    async with server_running(restart=("*.js",)) as server:
        await server.begin_restart("server.js", 1.0)
        server.save("site.css", 2.0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert server.told == []
        server.up.set()
        await server.told_all((["server.js"], 1.0), (["site.css"], 2.0))
        assert server.log == ["restarted", "asked"]


@in_loop
async def test_a_save_while_the_old_command_is_being_ended_is_taken_up() -> None:
    async with server_running(restart=("*.js",)) as server:
        server.starts.clear()
        server.save("a.js", 1.0)
        await until_async(lambda: server.log)
        server.save("b.js", 2.0)
        await until_async(lambda: server.log == ["restarted", "restarted"])
        server.starts.set()
        await server.told_all((["a.js", "b.js"], 2.0))


@in_loop
async def test_nothing_is_lost_where_a_build_swallows_the_newer_save() -> None:
    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch:
        return Batch((), batch.seen) if batch.changes[0].path == "same.js" else batch

    async with server_running(build, restart=("*.js",)) as server:
        server.up.clear()
        server.save("a.js", 1.0)
        server.save("same.js", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.save("same.js", 2.0)
        server.up.set()
        await server.told_all((["a.js", "same.js"], 1.0))
        assert server.log.count("restarted") == 1


@pytest.mark.parametrize("seen", [True, False])
@in_loop
async def test_a_reloader_that_was_broken_and_mended_is_told_of_once(seen: bool) -> None:
    """Also where its end was not seen itself, and at once: it need not end once more."""
    async with server_running() as server:
        (server.went if seen else server.hint).set()
        await server.begin_restart("main.py", 1.0)
        server.went.clear()
        server.hint.clear()
        server.save("main.py", 4.0)
        await until_async(lambda: server.log == ["watched", "asked", "asked"])
        server.up.set()
        await until_async(lambda: server.told)
        server.save("more.py", 5.0)  # while a late restart is watched for
        await until_async(lambda: server.log.count("watched") == 3)
        server.went.set()
        await server.told_all((["main.py"], 4.0), (["main.py", "more.py"], 5.0))


@in_loop
async def test_a_problem_is_over_with_the_save_that_mends_it() -> None:
    async with server_running(within=0.05) as server:
        await server.fail_restart("broken.py", 1.0)
        server.went.clear()
        server.save("mended.py", 12.0)
        for _ in range(20):  # the wait for this save takes the place of the one before it
            await asyncio.sleep(0)
        server.up.set()
        await server.told_all("broken.py", "solved", (["broken.py", "mended.py"], 12.0))


@in_loop
async def test_a_command_that_crashes_is_not_waited_for() -> None:
    """And what it printed since the save says why."""
    async with server_running(restart=("*.js",)) as server:
        await server.begin_restart("server.js", 3.0)
        server.state.crashed("node ended with exit code 1")
        await until_async(lambda: server.told == ["server.js"])
        assert server.queue.problem == Problem(
            "server.js: node ended with exit code 1", "SyntaxError, after 3", printed=True
        )
        assert server.state.silent_reason == ""  # it takes no connections
        server.state.started()
        server.save("server.js", 5.0)
        await until_async(lambda: server.log.count("restarted") == 2)
        server.up.set()
        await server.told_all("server.js", "solved", (["server.js"], 5.0))


@in_loop
async def test_a_backend_that_takes_connections_and_answers_none_is_known_as_such() -> None:
    async with server_running(within=0.05) as server:
        server.up.clear()
        server.went.set()
        server.save("main.py", 1.0)
        assert server.state.silent_reason == ""
        await until_async(lambda: server.told == ["main.py"])
        assert server.state.silent_reason == "it has answered nothing since main.py was saved"
        server.up.set()
        await server.told_all("main.py", "solved", (["main.py"], 1.0))
        assert server.state.silent_reason == ""


@in_loop
async def test_what_is_no_code_is_told_while_a_problem_stays_and_does_not_end_it() -> None:
    async with server_running(within=0.05) as server:
        await server.fail_restart("broken.py", 1.0)
        server.save("site.css", 2.0)
        await until_async(lambda: len(server.told) == 2)
        assert server.queue.problem
        server.up.set()
        await server.told_all("broken.py", (["site.css"], 2.0), "solved", (["broken.py"], 1.0))


@in_loop
async def test_a_newer_save_tells_again_of_an_older_one_only_after_a_restart() -> None:
    async with server_running(within=0.05) as server:
        server.save("a.py", 1.0)
        await until_async(lambda: server.told == [(["a.py"], 1.0)])
        server.save("b.py", 2.0)
        await server.told_all((["a.py"], 1.0), (["b.py"], 2.0))


@in_loop
async def test_a_late_restart_that_does_not_end_well_is_said() -> None:
    async with server_running(within=0.05) as server:
        server.save("main.py", 1.0)
        await until_async(lambda: server.log.count("watched") == 1)
        server.within = DEADLINE  # a late restart is watched for until it is there
        await until_async(lambda: server.log.count("watched") == 2)
        server.within = 0.05
        server.up.clear()
        server.went.set()
        await until_async(lambda: len(server.told) == 2)
        server.up.set()
        await server.told_all((["main.py"], 1.0), "main.py", "solved", (["main.py"], 1.0))
