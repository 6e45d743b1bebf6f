"""Sockets on both loopback addresses."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from livereload_loc.errors import CannotListen, PortTaken
from livereload_loc.server.sockets import listen


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.socket(socket.AF_INET6)) as other:
        other.bind(("::1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_localhost_is_every_loopback_address_on_one_port() -> None:
    sockets = listen(["localhost"], 0)
    try:
        names = [listener.getsockname()[:2] for listener in sockets]
        assert [name[0] for name in names] == ["127.0.0.1", "::1"]
        assert len({name[1] for name in names}) == 1
    finally:
        for listener in sockets:
            listener.close()


def test_the_protocol_is_named_so_that_asyncio_sends_without_delay() -> None:
    for listener in listen(["localhost"], 0):
        with closing(listener):
            assert listener.proto == socket.IPPROTO_TCP


def test_a_port_is_free_only_if_it_is_so_on_both(taken: int) -> None:
    with pytest.raises(PortTaken) as error:
        listen(["localhost"], taken)
    assert (error.value.host, error.value.port) == ("localhost", taken)
    with closing(socket.socket()) as free:  # and nothing was left listening on the other one
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", taken))


def test_one_address_may_be_asked_for(taken: int) -> None:
    (listener,) = listen(["127.0.0.1"], taken)
    with closing(listener):
        assert listener.getsockname() == ("127.0.0.1", taken)


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid", "a..b", "\x00"])
def test_an_address_of_another_machine_is_an_error(host: str) -> None:
    with pytest.raises(CannotListen):
        listen([host], 0)
