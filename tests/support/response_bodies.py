"""The bodies of responses as bytes."""

from __future__ import annotations


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def unchunked(body: bytes) -> bytes:
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if not int(size, 16):
            assert body == b"\r\n"
            return whole
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
