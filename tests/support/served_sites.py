"""Requests to ``loc-dev serve``, and the tags of its pages."""

from __future__ import annotations

import socket
from contextlib import closing

import httpx2

from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

PAGE = "<!doctype html><title>x</title>"
TAG = '<script src="/_loc/reload.js" async></script>'


def named(page: str) -> str:
    """The tag of a page that is shown at another address than its file's."""
    return TAG.replace(" async", f' async data-page="{page}"')


NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


def get(server: LocDev, path: str, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(server.url + path, headers=named or NAVIGATION)


def raw(server: LocDev, target: bytes, method: bytes = b"GET", *headers: bytes) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", server.port), DEADLINE)) as connection:
        lines = [
            method + b" " + target + b" HTTP/1.1",
            b"Host: localhost",
            b"Connection: close",
            *headers,
            b"",
            b"",
        ]
        connection.sendall(b"\r\n".join(lines))
        response = b""
        while data := connection.recv(65536):
            response += data
        return response
