"""Requests, raw sockets and refusals at a real ``loc-dev count``."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import InvalidStatus

from tests.support.loc_dev import LocDev
from tests.support.visitors import PATH, Visitor
from tests.support.waiting import DEADLINE

HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: https://{site}\r\n\r\n"
)


def get(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of a GET."""
    request = urllib.request.Request(url, headers={key.replace("_", "-"): v for key, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def metric(counter: LocDev, name: str, **labels: str) -> float:
    """The value of one metric."""
    text = get(f"{counter.url}/_loc/metrics")[1]
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )


def refused(counter: LocDev, **given: Any) -> int:
    """The status that keeps a visitor out."""
    with pytest.raises(InvalidStatus) as error:
        Visitor(counter.url, **given)
    return int(error.value.response.status_code)


def raw(counter: LocDev, site: str = "shop.example", source: str = "127.0.0.1") -> socket.socket:
    """A socket whose handshake is done; the greeting may not have been read."""
    connection = socket.create_connection(("127.0.0.1", counter.port), DEADLINE, (source, 0))
    connection.sendall(HEAD.format(path=PATH, site=site, host="localhost").encode())
    answer = connection.recv(4096)
    assert b" 101 " in answer, answer
    return connection


def status_under(counter: LocDev, host: str) -> int:
    """The status of a handshake under this name."""
    with socket.create_connection(("127.0.0.1", counter.port), DEADLINE) as connection:
        connection.sendall(HEAD.format(path=PATH, site="a.example", host=host).encode())
        return int(connection.recv(4096).split()[1])
