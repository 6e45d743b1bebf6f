from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.proxy.response_parser import (
    HIGH_WATER,
    MAX_HEAD,
    BadResponse,
    ConnectionLost,
    ResponseParser,
    UpstreamFailed,
)
from tests.support.in_loop import in_loop

OK = b"HTTP/1.1 200 OK\r\n"


class Wire:
    """An answer that is fed by hand; everything is there before it is read."""

    def __init__(self, *data: bytes, method: str = "GET", upgrade: bool = False, ends: bool = False) -> None:
        self.holds: list[bool] = []
        self.answer = ResponseParser(method, self.holds.append, upgrade=upgrade)
        for each in filter(None, data):
            if not self.answer.feed(each):
                break
        if ends:
            self.answer.end(None)

    async def read(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        head, parts, more = await self.answer.head(), [], True
        while more:
            data, more = await self.answer.read()
            parts.append(data)
        return head.status, head.headers, b"".join(parts)


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\nhi", b"hi"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: 1\r\n\r\n", b"hi"),
        (b"HTTP/1.1 204 No\r\n\r\n", b""),
        (b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", b"hi"),
    ],
)
@in_loop
async def test_whole_answers_keep_the_connection(raw: bytes, body: bytes) -> None:
    for pieces in ([raw], [raw[at : at + 1] for at in range(len(raw))]):
        wire = Wire(*pieces)
        _, headers, got = await wire.read()
        assert got == body
        assert wire.answer.reusable
        assert not {b"x-trailer", b"link"} & dict(headers).keys()


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@in_loop
async def test_a_body_without_a_length_ends_with_the_connection(version: bytes) -> None:
    wire = Wire(b"HTTP/%s 200 OK\r\n\r\nabc" % version, b"def", ends=True)
    assert (await wire.read())[2] == b"abcdef"
    assert not wire.answer.reusable


@in_loop
async def test_an_answer_to_head_has_no_body() -> None:
    wire = Wire(OK + b"Content-Length: 5\r\n\r\n", method="HEAD")
    assert await wire.read() == (200, [(b"content-length", b"5")], b"")
    assert wire.answer.reusable
    assert not Wire(OK + b"Content-Length: 5\r\n\r\nhello", method="HEAD").answer.reusable


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        OK + b"Content-Length: 2\r\n\r\nhiEXTRA",
        OK + b"Content-Length: 2\r\n\r\nhi" + OK + b"Content-Length: 0\r\n\r\n",
    ],
)
@in_loop
async def test_connections_are_not_kept_where_the_server_does_not_or_says_too_much(raw: bytes) -> None:
    wire = Wire(raw)
    assert (await wire.read())[2] == b"hi"
    assert not wire.answer.reusable


def test_old_servers_may_keep_a_connection() -> None:
    wire = Wire(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi")
    assert wire.answer.reusable


@pytest.mark.parametrize(
    "raw",
    [
        b"hello\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 99 No\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        OK + b"X: a\x00b\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"X: " + b"y" * (MAX_HEAD + 1),
        OK + b"X: y\r\n" * (MAX_HEAD // 6 + 1),
    ],
)
@in_loop
async def test_what_cannot_be_passed_on_is_told_in_words(raw: bytes) -> None:
    size = 64 * 1024
    with pytest.raises(BadResponse) as caught:
        await Wire(*(raw[at : at + size] for at in range(0, len(raw), size))).read()
    assert str(caught.value)


@pytest.mark.parametrize(
    ("raw", "begun"),
    [(b"", False), (b"HTTP/1.1 2", True), (OK + b"Content-Length: 5\r\n\r\nhi", True)],
)
@in_loop
async def test_an_answer_that_breaks_off_is_no_answer(raw: bytes, begun: bool) -> None:
    with pytest.raises(ConnectionLost) as caught:
        await Wire(raw, ends=True).read()
    assert caught.value.begun is begun


@in_loop
async def test_chunks_that_break_off_or_are_none_are_no_end() -> None:
    for rest in (b"2\r\nhi\r\n", b"2\r\nhi\r\nxyz\r\n"):
        with pytest.raises(UpstreamFailed):
            await Wire(OK + b"Transfer-Encoding: chunked\r\n\r\n", rest, ends=True).read()


@in_loop
async def test_the_server_waits_for_a_slow_reader() -> None:
    wire = Wire(OK + b"Content-Length: %d\r\n\r\n" % (2 * HIGH_WATER), b"x" * HIGH_WATER)
    assert wire.holds == []
    wire.answer.feed(b"x" * HIGH_WATER)
    assert wire.holds == [True]
    assert len((await wire.read())[2]) == 2 * HIGH_WATER
    assert wire.holds == [True, False]


@in_loop
async def test_after_an_upgrade_everything_is_what_was_upgraded_to() -> None:
    raw = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"
    for pieces in ([raw], [raw[at : at + 1] for at in range(len(raw))]):
        wire = Wire(*pieces, upgrade=True)

        assert (await wire.answer.head()).status == 101
        assert (await wire.answer.read())[0] == b"\x81\x02hi"
        assert not wire.answer.reusable


@given(st.lists(st.binary(max_size=200), max_size=5))
@in_loop
async def test_no_bytes_at_all_raise(pieces: list[bytes]) -> None:
    wire = Wire(*pieces, ends=True)
    with pytest.raises(UpstreamFailed):
        await wire.read()
