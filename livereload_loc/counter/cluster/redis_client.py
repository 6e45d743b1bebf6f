"""A connection to what stands at a Redis URL: a single Redis, or a Cluster."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

TIMEOUT_SECONDS = 2.5
"""So long Redis may take to answer."""

Client = Redis | RedisCluster


def check(url: str) -> None:
    """Raise ValueError where ``url`` is none that redis-py takes."""
    _client(url, Redis)


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """A client as long as the block runs.

    Raises:
        RedisError, OSError, TimeoutError: nothing answers there, or not as it should.
    """
    async with closing(_client(url, Redis)) as single:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            try:
                is_cluster = (await single.info("cluster")).get("cluster_enabled")
            except ResponseError:
                is_cluster = False  # it lets us not ask
        if not is_cluster:
            yield single
            return
    async with closing(_client(url, RedisCluster)) as cluster:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await cluster.initialize()
        yield cluster


@contextlib.asynccontextmanager
async def closing(thing: Any) -> AsyncIterator[Any]:
    """Close ``thing`` in the end, however badly it does."""
    try:
        yield thing
    finally:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await thing.aclose()


def _client(url: str, kind: Any) -> Any:
    more = {"cluster_error_retry_attempts": 0} if kind is RedisCluster else {}
    return kind.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # another attempt is another session
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        **more,
    )
