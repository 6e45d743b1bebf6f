"""Clients of a server that speaks TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.asyncio.client import connect

from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE


@contextmanager
def secure(dev: LocDev, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection to it, by TLS."""
    with (
        socket.create_connection(("127.0.0.1", dev.port), DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        yield secured


def opened(url: str, context: ssl.SSLContext, origin: str = "") -> connect:
    """A socket of a page of ours, unless of another ``origin``.

    Its client runs in an event loop: that with threads reads and writes TLS at once, which Python's ssl takes
    amiss at times.
    """
    own = url.replace("wss", "https").rpartition("/_loc/")[0] or url
    return connect(url, proxy=None, ssl=context, origin=origin or own)  # type: ignore[arg-type]
