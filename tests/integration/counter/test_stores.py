"""What every store keeps, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from livereload_loc.counter.cluster.redis_store import HEARTBEAT_SECONDS, RedisStore
from livereload_loc.counter.cluster.store import CountStore, MemoryStore
from tests.support.in_loop import in_loop
from tests.support.redis_servers import redis_server
from tests.support.waiting import until_async

Make = Callable[[], CountStore]


@pytest.fixture(scope="module", params=["memory", "redis"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    if request.param == "memory":
        yield MemoryStore
        return
    folder: Path = tmp_path_factory.mktemp("redis")
    with redis_server(folder) as server:

        def store() -> CountStore:
            server.ask("FLUSHALL")
            return RedisStore(server.url, [].append)

        yield store


@asynccontextmanager
async def running(make: Make) -> AsyncIterator[CountStore]:
    """A store at work, once it is live."""
    store = make()
    work = asyncio.create_task(store.run())
    try:
        await until_async(lambda: store.state == "live")
        yield store
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


@in_loop
async def test_it_is_live_and_empty(make: Make) -> None:
    async with running(make) as store:
        assert store.total("a") == 0
        assert store.totals() == {}


@in_loop
async def test_a_count_is_there_at_once(make: Make) -> None:
    async with running(make) as store:
        store.put("a", 3)
        store.put("b", 1)
        assert (store.total("a"), store.total("b")) == (3, 1)
        store.put("a", 2)
        assert store.totals() == {"a": 2, "b": 1}
        store.put("a", 0)
        assert store.totals() == {"b": 1}
        assert store.total("a") == 0


@in_loop
async def test_a_change_is_told(make: Make) -> None:
    async with running(make) as store:
        changed: list[str | None] = []
        store.listen(changed.append)
        store.put("a", 1)
        store.put("b", 1)
        assert changed == ["a", "b"]


@in_loop
async def test_what_was_put_stays(make: Make) -> None:
    async with running(make) as store:
        store.put("a", 5)
        await asyncio.sleep(2.5 * HEARTBEAT_SECONDS)
        assert store.totals() == {"a": 5}
        assert store.state == "live"
