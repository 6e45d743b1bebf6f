"""Tasks that run together."""

import asyncio

import pytest

from livereload_loc.httputil.tasks import run_together


def test_the_first_error_comes_out_as_it_is_and_ends_the_others() -> None:
    ended = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def failing() -> None:
        raise LookupError("the reason")

    with pytest.raises(LookupError, match="the reason"):
        asyncio.run(run_together(waiting(), failing()))
    assert ended
