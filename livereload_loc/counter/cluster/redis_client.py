"""Connects to a Redis URL: a single Redis, or a Cluster."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

# How long Redis may take to respond.
TIMEOUT_SECONDS = 2.5

Client = Redis | RedisCluster


def check_url(url: str) -> None:
    """Raise ValueError where redis-py does not take ``url``."""
    _client(url, Redis)


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """Provide a client while the block runs.

    Raises:
        RedisError, OSError, TimeoutError: nothing responds there, or not as Redis does.
    """
    async with closing(_client(url, Redis)) as single:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            try:
                is_cluster = (await single.info("cluster")).get("cluster_enabled")
            except ResponseError:
                is_cluster = False  # it forbids the question
        if not is_cluster:
            yield single
            return
    async with closing(_client(url, RedisCluster)) as cluster:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await cluster.initialize()
        yield cluster


@contextlib.asynccontextmanager
async def closing(resource: Any) -> AsyncIterator[Any]:
    """Close ``resource`` at the end, even if that fails or hangs."""
    try:
        yield resource
    finally:
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await resource.aclose()


def _client(url: str, kind: Any) -> Any:
    more = {"cluster_error_retry_attempts": 0} if kind is RedisCluster else {}
    return kind.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # the next attempt is the next session
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        **more,
    )
