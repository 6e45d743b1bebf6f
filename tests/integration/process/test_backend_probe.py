"""Signs of a restart, seen on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from livereload_loc.backend import BackendState
from livereload_loc.httputil.hosts import HttpUrl
from livereload_loc.process.backend_probe import BackendProbe
from tests.support.in_loop import in_loop
from tests.support.waiting import DEADLINE


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[tuple[socket.socket, BackendProbe]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server, BackendProbe(_url(server), BackendState())


def _url(server: socket.socket) -> HttpUrl:
    return HttpUrl("http", "127.0.0.1", server.getsockname()[1], "/health?x=1")


async def _respond(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()
    writer.close()


@in_loop
async def test_a_connection_that_ends_is_a_restart_though_the_port_never_refuses() -> None:
    async with listening() as (server, backend):
        watching = asyncio.create_task(backend.wait_for_restart(DEADLINE))
        connection, _ = await asyncio.get_running_loop().sock_accept(server)
        connection.close()
        assert await watching
        assert await backend.listens(DEADLINE)


@in_loop
async def test_a_port_that_refuses_is_a_restart_and_answers_when_it_is_back() -> None:
    async with listening() as (server, backend):
        address = server.getsockname()
        server.close()
        assert await backend.wait_for_restart(DEADLINE)
        assert not await backend.wait_for_response(0.1)
        returning = asyncio.create_task(backend.wait_for_response(DEADLINE))
        await asyncio.sleep(0)
        async with await asyncio.start_server(_respond, *address):
            assert await returning


@in_loop
async def test_a_backend_that_stays_is_left_alone() -> None:
    async with listening() as (server, backend):
        assert not await backend.wait_for_restart(0.1)
        connection, _ = await asyncio.get_running_loop().sock_accept(server)
        with connection:
            connection.setblocking(False)
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.get_running_loop().sock_recv(connection, 1) == b""


@in_loop
async def test_somebody_elses_sign_ends_the_wait_and_is_no_proof() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        state = BackendState()
        backend = BackendProbe(_url(server), state)
        state.note_sign()  # from before the change
        watching = asyncio.create_task(backend.wait_for_restart(10 * DEADLINE))
        await asyncio.sleep(0.05)
        assert not watching.done()
        state.note_sign()
        assert not await asyncio.wait_for(watching, DEADLINE)


@in_loop
async def test_where_browsers_go_themselves_it_has_to_answer() -> None:
    async with listening() as (server, backend):
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(backend.wait_for_response(DEADLINE))
        dying, _ = await loop.sock_accept(server)
        dying.close()
        connection, _ = await loop.sock_accept(server)
        with connection:
            assert (await loop.sock_recv(connection, 4096)).startswith(b"GET /health?x=1 HTTP/1.1\r\n")
            assert not waiting.done()
            await loop.sock_sendall(connection, b"HTTP/1.1 200 OK\r\n\r\n")
            assert await waiting


@pytest.mark.parametrize("host", ["a..b", "a" * 64, "no-such-host.invalid"])
@in_loop
async def test_a_host_that_cannot_be_is_away(host: str) -> None:
    backend = BackendProbe(HttpUrl("http", host, 80), BackendState())
    assert await backend.wait_for_restart(DEADLINE)
    assert not await backend.wait_for_response(0.1)
    assert not await backend.listens(DEADLINE)
