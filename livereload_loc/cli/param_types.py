"""The types of values that options take; each error names the wrong value and says what a right one is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args

import click

from livereload_loc.protocol import InPlace
from livereload_loc.settings import Kind

# The fewest characters of an admin token; one has to be as long as it is hard to guess.
MIN_TOKEN = 8


class IntegerRange(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return ``value`` as a number, or raise click.BadParameter."""
        try:
            return super().convert(value, param, ctx)
        except (click.BadParameter, OverflowError):
            self.fail(_out_of(self, value), param, ctx)


class DecimalRange(click.FloatRange):
    """A number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return ``value`` as a number, or raise click.BadParameter."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan  # which TOML knows, too, and which is within any bounds
        if math.isnan(number):
            self.fail(_out_of(self, value), param, ctx)
        return number


def _out_of(bounds: click.IntRange | click.FloatRange, value: object) -> str:
    least = f"above {bounds.min}" if bounds.min_open else f"of at least {bounds.min}"
    within = least if bounds.max is None else f"from {bounds.min} to {bounds.max}"
    return f"{value!r} is not a number {within}."


class CheckedText(click.types.StringParamType):
    """A text in the form that ``normalize`` gives it.

    ``error`` is what users read of its ValueError: ``{}`` stands for the text, and ``{why}`` for the reason.
    """

    def __init__(self, normalize: Callable[[str], str], error: str) -> None:
        self._normalize, self._error = normalize, error

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the normal form of ``value``, or raise click.BadParameter."""
        text = super().convert(value, param, ctx)
        try:
            return self._normalize(text)
        except ValueError as error:
            self.fail(self._error.format(repr(text), why=error), param, ctx)


# What only a few options need is imported by their checks, for the sake of start-up time.


def _full_url(text: str) -> str:
    """Complete a URL as people write it: without a scheme it is http, and a number is a local port."""
    from livereload_loc.httputil.hosts import split_url

    port = text.removeprefix(":")
    if port.isdecimal() and port.isascii():
        text = f"http://localhost:{port}"
    elif "://" not in text:
        text = f"http://{text}"
    split_url(text)
    return text


def _redis_url(text: str) -> str:
    from urllib.parse import urlsplit

    if not text.startswith(("redis://", "rediss://", "unix://")) or urlsplit(text).port == 0:
        raise ValueError(text)
    return text


def _address(text: str) -> str:
    if text.split() != [text]:
        raise ValueError(text)
    return text.lower()


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text


def _host(text: str) -> str:
    from livereload_loc.httputil.hosts import split_authority

    parsed = split_authority(text)
    if parsed is None or parsed[1] is not None:
        raise ValueError(text)
    return parsed[0]


def _origin(text: str) -> str:
    from livereload_loc.httputil.hosts import normal_origins

    (origin,) = normal_origins((text,))
    return origin


def _site(text: str) -> str:
    from livereload_loc.counter.sites import SiteFilter

    SiteFilter((text,))
    return text


def _network(text: str) -> str:
    from livereload_loc.counter.client_address import ClientAddressResolver

    ClientAddressResolver((text,))
    return text


def _token(text: str) -> str:
    if len(text) < MIN_TOKEN or not text.isascii() or not text.isprintable():
        raise ValueError(text)
    return text


TYPES: dict[Kind, click.ParamType[Any]] = {
    "text": click.STRING,
    "switch": click.Choice(["on", "off"]),
    "in place": click.Choice(get_args(InPlace)),
    "command line": CheckedText(_not_blank, "{} is not a command line."),
    "pattern": CheckedText(_not_blank, "{} is not a file pattern such as *.py."),
    "url": CheckedText(_full_url, "{} is not a URL such as http://localhost:8000: {why}."),
    "redis url": CheckedText(_redis_url, "{} is not a URL such as redis://localhost:6379."),
    "address": CheckedText(_address, "{} is not an address or a name such as localhost or 0.0.0.0."),
    "host": CheckedText(_host, "{} is not a host name without a port."),
    "origin": CheckedText(_origin, "{} is not an origin such as https://shop.example:3000."),
    "site": CheckedText(_site, "{} is not a host such as example.com, *.example.com or localhost:8080."),
    "network": CheckedText(_network, "{} is not an address or a network such as 10.0.0.0/8."),
    "token": CheckedText(_token, f"use at least {MIN_TOKEN} printable ASCII characters."),
    "port": IntegerRange(0, 65535),
    "open port": IntegerRange(1, 65535),
    "milliseconds": IntegerRange(10),
    "seconds": DecimalRange(0, 60),
    "limit": IntegerRange(1),
    "rate": DecimalRange(0, min_open=True),
}
