"""Adds up the visitors of many nodes through Redis, in a way that heals by itself.

Each node has one hash, its row: a field for each site with this node's visitors of it, and the number of the
last beat. The row lives as long as its lease, and its name stands in a sorted set by the time of its last
beat. Once a second a node writes what has changed, renews the lease and publishes the same, in one script;
each node adds up what it hears. So a node that dies takes its visitors with it when its lease ends; a row
that Redis has lost is written whole with the next beat, and anyway once a minute; a beat that was missed
shows in the numbers, and the row is read. What this costs does not depend on the visitors, only on nodes,
and on the sites whose figures change:

1,000,000 visitors of 5,000 sites on 30 nodes are 33,333 sockets on each; 30 scripts a second, each with at
most the 5,000 sites of which a node has visitors, and 900 messages a second that Redis hands out. All of it
is in one hash slot, so that a Cluster serves as well as a single Redis (7 or newer).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from redis.exceptions import RedisError

from livereload_loc.errors import UsageError

from .beat import Beat, read_beat, read_row
from .matrix import Matrix
from .redis_client import TIMEOUT_SECONDS, Client, check, closing, connected
from .store import State

BEAT_SECONDS = 1.0
LEASE_SECONDS = 12.0
"""A node that is not heard for so long is dead."""

DEAF_SECONDS = 3.0
"""Without its own beat coming back for so long, a node does not know the others any more."""

GRACE_SECONDS = 5.0
"""So long the others may take to come back after Redis has."""

WHOLE_SECONDS = 60.0
"""A row is written whole so often, whatever it may need."""

BACKOFF_SECONDS = 0.2, 2.0

_PREFIX = "loc:{visitors}:"
_NODES = f"{_PREFIX}nodes"
_CHANNEL = f"{_PREFIX}beat"

_BEAT = """
local beat = cjson.decode(ARGV[1])
if not beat.whole and redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local now = redis.call('TIME')[1]
if beat.whole then redis.call('DEL', KEYS[1]) end
for site, count in pairs(beat.counts) do
  if count > 0 then redis.call('HSET', KEYS[1], site, string.format('%.0f', count))
  else redis.call('HDEL', KEYS[1], site) end
end
redis.call('HSET', KEYS[1], '', string.format('%.0f', beat.seq))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, beat.node)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2] / 500)
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
"""


class RedisStore:
    """A :class:`~livereload_loc.visitors.store.Store` of many nodes.

    ``url`` is one as redis-py takes it (``redis://``, ``rediss://``, ``unix://``), of a single Redis or of
    any node of a Cluster. ``trouble`` is told, by a title and a detail, when the others cannot be heard and
    when they can again. ``beat`` and ``lease`` are in seconds.

    Raises:
        UsageError: the URL is none.
    """

    def __init__(
        self,
        url: str,
        *,
        trouble: Callable[[str, str], None] = lambda title, detail: None,
        beat: float = BEAT_SECONDS,
        lease: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            check(url)
        except ValueError as error:
            raise UsageError(f"--redis takes a URL such as redis://localhost:6379, and {error}.") from None
        self._url, self._trouble, self._beat, self._lease, self._clock = url, trouble, beat, lease, clock
        self.state: State = "stale"
        self.node = secrets.token_hex(8)
        self._matrix = Matrix()
        self._matrix.put(self.node, "", 0)
        self._dirty: set[str] = set()
        self._seq = 0
        self._whole_at = clock()
        self._echo = clock()
        self._behind = asyncio.Event()
        self._said = False
        self._changed: Callable[[str | None], None] = lambda site: None

    def listen(self, changed: Callable[[str | None], None]) -> None:
        """See :class:`Store`."""
        self._changed = changed

    def put(self, site: str, count: int) -> None:
        """See :class:`Store`."""
        if self._matrix.put(self.node, site, count):
            self._dirty.add(site)
            self._changed(site)

    def total(self, site: str) -> int:
        """See :class:`Store`."""
        return self._matrix.totals.get(site, 0)

    def totals(self) -> Mapping[str, int]:
        """See :class:`Store`."""
        return self._matrix.totals

    async def run(self) -> None:
        """See :class:`Store`; an outage of Redis ends when it does."""
        least, most = BACKOFF_SECONDS
        backoff = least
        while True:
            began = self._clock()
            try:
                await self._session()
            except (RedisError, OSError, TimeoutError) as error:
                self._deafen(str(error) or type(error).__name__)
            backoff = least if self._clock() - began > most else min(most, 2 * backoff)
            await asyncio.sleep(random.uniform(least, backoff))  # noqa: S311 - to spread load, no secret

    async def _session(self) -> None:
        """Exchange beats until something fails, which is raised."""
        async with connected(self._url) as client, closing(client.pubsub()) as hearing:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await hearing.subscribe(_CHANNEL)
                nodes = map(str, await client.zrange(_NODES, 0, -1))
                await self._read(client, [node for node in nodes if node != self.node])
            self._echo = self._clock()
            self._whole_at = self._clock()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._speak(client))
                    tasks.create_task(self._hear(hearing))
                    tasks.create_task(self._catch_up(client))
            except BaseExceptionGroup as group:
                raise group.exceptions[0] from None
            except asyncio.CancelledError:
                await self._leave(client)
                raise

    async def _speak(self, client: Client) -> None:
        while True:
            if not await self._say(client, whole=self._clock() >= self._whole_at):
                await self._say(client, whole=True)
            await asyncio.sleep(self._beat)
            now = self._clock()
            if now - self._echo > DEAF_SECONDS:
                raise TimeoutError("what it is told does not come back")
            if self.state == "stale":
                continue  # it is we who are deaf
            for node in self._matrix.silent(now - self._lease):
                if node != self.node:
                    self._tell(self._matrix.drop(node))

    async def _say(self, client: Client, *, whole: bool) -> bool:
        """Write and publish what has changed; False where Redis has lost the row."""
        row = self._matrix.row(self.node)
        dirty, self._dirty = self._dirty, set()
        counts = dict(row) if whole else {site: row.get(site, 0) for site in dirty}
        self._seq += 1
        beat = Beat(self.node, self._seq, counts, whole)
        key, lease = f"{_PREFIX}n:{self.node}", round(self._lease * 1000)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                done = await client.eval(_BEAT, 2, key, _NODES, beat.text(), lease, _CHANNEL)
        except BaseException:
            self._whole_at = self._clock()  # it may have been written, or not
            raise
        if whole and done:
            self._whole_at = self._clock() + random.uniform(0.8, 1.2) * WHOLE_SECONDS  # noqa: S311
        return bool(done)

    async def _hear(self, hearing: Any) -> None:
        while True:
            message = await hearing.get_message(ignore_subscribe_messages=True, timeout=DEAF_SECONDS)
            beat = read_beat(message["data"]) if message else None
            if beat is None:
                continue
            now = self._clock()
            if beat.node == self.node:
                self._echo = now
                self._recover(now)
            elif beat.bye:
                self._tell(self._matrix.drop(beat.node))
            elif beat.whole:
                self._tell(self._matrix.hear(beat.node, beat.seq, {}, now))
                self._tell(self._matrix.read(beat.node, beat.seq, beat.counts, now))
            else:
                self._tell(self._matrix.hear(beat.node, beat.seq, beat.counts, now))
            if self._matrix.behind():
                self._behind.set()

    async def _catch_up(self, client: Client) -> None:
        while True:
            await self._behind.wait()
            self._behind.clear()
            await self._read(client, self._matrix.behind())
            await asyncio.sleep(self._beat / 10)

    async def _read(self, client: Client, nodes: list[str]) -> None:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            for node in nodes:
                row = read_row(await client.hgetall(f"{_PREFIX}n:{node}"))  # type: ignore[arg-type]
                if row:
                    self._tell(self._matrix.read(node, *row, self._clock()))

    async def _leave(self, client: Client) -> None:
        """Take this node's visitors away; it goes on as well without, when its lease ends."""
        self._seq += 1
        bye = Beat(self.node, self._seq, {}, bye=True).text()
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await client.unlink(f"{_PREFIX}n:{self.node}")
                await client.zrem(_NODES, self.node)
                await client.publish(_CHANNEL, bye)

    def _tell(self, sites: set[str]) -> None:
        for site in sites:
            self._changed(site)

    def _recover(self, now: float) -> None:
        """The others can be heard; who was silent meanwhile has some time to speak."""
        if self.state == "live":
            return
        self.state = "live"
        self._matrix.hear_all(now - self._lease + GRACE_SECONDS)
        self._changed(None)
        if self._said:
            self._said = False
            self._trouble("Redis is back, and the totals are right again", "")

    def _deafen(self, why: str) -> None:
        if self.state == "live":
            self.state = "stale"
            self._changed(None)
        if not self._said:
            self._said = True
            self._trouble("Redis cannot be reached; the visitors of this node are counted on", why)
