"""Several ``loc-dev count`` processes on one Redis, and what goes wrong there."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from redis import Redis

from tests.support.loc_dev import LocDev
from tests.support.redis_servers import RedisServer, Wire, cluster, redis_server
from tests.support.visitors import Visitor
from tests.support.waiting import until


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as redis:
        yield redis


def start(stack: ExitStack, url: str, **env: str) -> LocDev:
    """A node that is connected."""
    node = stack.enter_context(LocDev("count", "--port", "0", "--redis", url, env=env))
    with Visitor(node.url, "probe.example") as probe:
        probe.expect(1)
    return node


def test_nodes_add_up_what_they_have(stack: ExitStack, redis: RedisServer) -> None:
    first, second, third = (start(stack, redis.url) for _ in range(3))
    with Visitor(first.url) as a, Visitor(second.url) as b, Visitor(third.url) as c:
        with Visitor(first.url, "other.example") as other:
            for visitor in (a, b, c):
                visitor.expect(3)
            other.expect(1)
        c.leave()
        a.expect(2)
        b.expect(2)


def test_a_node_that_comes_later_knows_the_others_at_once(stack: ExitStack, redis: RedisServer) -> None:
    first = start(stack, redis.url)
    with Visitor(first.url) as a:
        a.expect(1)
        until(lambda: _stored(redis, "shop.example") == 1)
        second = start(stack, redis.url)
        with Visitor(second.url) as b:
            b.expect(2)
            assert b.messages[0]["total"] == 2, "from its first message on"


def test_a_node_that_leaves_takes_its_visitors_along(stack: ExitStack, redis: RedisServer) -> None:
    first, second = (start(stack, redis.url) for _ in range(2))
    with Visitor(first.url) as a, Visitor(second.url) as b:
        a.expect(2)
        until(lambda: _stored(redis, "shop.example") == 2)
        second.stop()
        assert _stored(redis, "shop.example") == 1, "it has not waited for its lease to end"
        a.expect(1)
        assert b.expect_end()[0] == 1012


def test_a_node_that_is_killed_leaves_no_ghosts(stack: ExitStack, redis: RedisServer) -> None:
    first, second = (start(stack, redis.url) for _ in range(2))
    with Visitor(first.url) as a, Visitor(second.url), Visitor(second.url):
        a.expect(3)
        second.process.kill()
        a.expect(1)
        until(lambda: _stored(redis, "shop.example") == 1)


def test_flushall_heals(stack: ExitStack, redis: RedisServer) -> None:
    first, second = (start(stack, redis.url) for _ in range(2))
    with Visitor(first.url) as a, Visitor(second.url) as b:
        a.expect(2)
        b.expect(2)
        redis.ask("FLUSHALL")
        until(lambda: _stored(redis, "shop.example") == 2)
        third = start(stack, redis.url)
        with Visitor(third.url) as c:
            for visitor in (a, b, c):
                visitor.expect(3)
        totals = [message["total"] for message in a.messages]
        assert min(totals[totals.index(2) :]) == 2, "nobody saw it"


def test_redis_that_starts_again_empty_heals(stack: ExitStack, redis: RedisServer) -> None:
    first, second = (start(stack, redis.url) for _ in range(2))
    with Visitor(first.url) as a, Visitor(second.url) as b:
        a.expect(2)
        b.expect(2)
        redis.stop()
        a.expect(2, "stale")
        with Visitor(first.url) as more:
            more.expect(3, "stale")  # the last known of the others, and its own
            first.wait_for("problem", lambda event: "Redis cannot be reached" in event["title"])
            redis.start()
            for visitor in (a, b, more):
                visitor.expect(3)
        first.wait_for("problem", lambda event: "Redis is back" in event["title"])
        assert first.count("problem") == 2, "said once, not at each attempt"


def test_a_redis_that_hangs_for_half_a_minute_heals(stack: ExitStack, redis: RedisServer) -> None:
    first, second = (start(stack, redis.url) for _ in range(2))
    with Visitor(first.url) as a, Visitor(second.url) as b:
        a.expect(2)
        b.expect(2)
        redis.signal(signal.SIGSTOP)
        goes_on = time.monotonic() + 30
        try:
            a.expect(2, "stale")
            with Visitor(second.url):
                b.expect(3, "stale")
            b.expect(2, "stale")
            time.sleep(max(0.0, goes_on - time.monotonic()))
        finally:
            redis.signal(signal.SIGCONT)
        a.expect(2)
        b.expect(2)
        second.process.kill()
        a.expect(1)


def test_a_cut_between_a_node_and_redis_heals(stack: ExitStack, redis: RedisServer) -> None:
    wire = Wire(redis.port)
    stack.callback(wire.close)
    first = start(stack, redis.url)
    second = start(stack, f"redis://127.0.0.1:{wire.port}")
    with Visitor(first.url) as a, Visitor(second.url) as b:
        a.expect(2)
        b.expect(2)
        wire.cut()
        b.expect(2, "stale")
        with Visitor(second.url) as c, Visitor(first.url) as d:
            c.expect(3, "stale")
            a.expect(3)
            a.expect(2)  # d came, and the node that is not heard is gone
            wire.mend()
            for visitor in (a, b, c, d):
                visitor.expect(4)


def test_it_starts_without_redis_and_finds_it_later(stack: ExitStack, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    stack.callback(redis.stop)
    node = stack.enter_context(LocDev("count", "--port", "0", "--redis", redis.url))
    with Visitor(node.url) as visitor:
        visitor.expect(1, "stale")
        redis.start()
        visitor.expect(1)


def test_a_cluster_serves_as_well(stack: ExitStack, tmp_path: Path) -> None:
    servers = stack.enter_context(cluster(tmp_path))
    nodes = [start(stack, server.url) for server in servers[:2]]
    with Visitor(nodes[0].url) as a, Visitor(nodes[1].url) as b:
        a.expect(2)
        b.expect(2)
        nodes[1].process.kill()
        a.expect(1)


def test_a_cluster_without_slots_ends_nobody(stack: ExitStack, tmp_path: Path) -> None:
    """redis-py has errors for it that are none of its RedisError."""
    redis = stack.enter_context(redis_server(tmp_path, "--cluster-enabled", "yes"))
    node = stack.enter_context(LocDev("count", "--port", "0", "--redis", redis.url))
    node.wait_for("problem", lambda event: "Redis cannot be reached" in event["title"])
    with Visitor(node.url) as visitor:
        visitor.expect(1, "stale")
        redis.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        visitor.expect(1)


def test_nonsense_on_the_channel_is_ignored(stack: ExitStack, redis: RedisServer) -> None:
    node = start(stack, redis.url)
    with Visitor(node.url) as visitor:
        visitor.expect(1)
        for nonsense in (b"\xff\xfe", b"{", b"null", b'{"node":"a","seq":1,"counts":{"x":-1}}'):
            with Redis(port=redis.port) as client:
                client.publish("loc:{visitors}:beat", nonsense)
        with Visitor(node.url):
            visitor.expect(2)
        assert node.count("problem") == 0


def test_over_tls(stack: ExitStack, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    root, key, chain = (tmp_path / name for name in ("root.pem", "key.pem", "chain.pem"))
    authority.cert_pem.write_to_path(root)
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(chain)
    options = ("--tls-cert-file", chain, "--tls-key-file", key, "--tls-ca-cert-file", root)
    redis = stack.enter_context(
        redis_server(tmp_path, *map(str, options), "--tls-auth-clients", "no", tls=True)
    )
    nodes = [start(stack, f"{redis.url}?ssl_ca_certs={root}") for _ in range(2)]
    with Visitor(nodes[0].url) as a, Visitor(nodes[1].url) as b:
        a.expect(2)
        b.expect(2)
    stranger = stack.enter_context(LocDev("count", "--port", "0", "--redis", redis.url))
    trouble = stranger.wait_for("problem")
    assert "certificate" in trouble["detail"].lower()


def test_a_password_is_told_in_no_line(stack: ExitStack, tmp_path: Path) -> None:
    redis = stack.enter_context(redis_server(tmp_path))
    redis.ask("CONFIG", "SET", "requirepass", "open sesame")
    wrong = stack.enter_context(
        LocDev("count", "--port", "0", env={"LOC_DEV_REDIS": f"redis://:guessed@localhost:{redis.port}"})
    )
    trouble = wrong.wait_for("problem")
    assert "guessed" not in str(trouble) + wrong.errors
    assert "password" in trouble["detail"]
    start(stack, f"redis://:open%20sesame@localhost:{redis.port}")


def _stored(redis: RedisServer, site: str) -> int:
    """What the rows in Redis say of a site."""
    keys = redis.ask("KEYS", "loc:{visitors}:n:*")
    assert isinstance(keys, list)
    return sum(int(str(redis.ask("HGET", key, site) or 0)) for key in keys)
