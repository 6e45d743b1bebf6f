"""How what is typed becomes a value, and what is said of a wrong one."""

from __future__ import annotations

import click
import pytest

from livereload_loc.cli.param_types import TYPES, DecimalRange, IntegerRange
from livereload_loc.settings import Kind


@pytest.mark.parametrize(
    ("bounds", "value", "says"),
    [
        (IntegerRange(0, 65535), "abc", "'abc' is not a number from 0 to 65535."),
        (IntegerRange(0, 65535), 70000, "70000 is not a number from 0 to 65535."),
        (IntegerRange(0, 65535), float("inf"), "inf is not a number from 0 to 65535."),
        (IntegerRange(min=10), "9", "'9' is not a number of at least 10."),
        (DecimalRange(0, 60), "", "'' is not a number from 0 to 60."),
        (DecimalRange(0, 60), "nan", "'nan' is not a number from 0 to 60."),
        (DecimalRange(0, min_open=True), 0.0, "0.0 is not a number above 0."),
    ],
)
def test_what_is_not_within_bounds(
    bounds: IntegerRange | DecimalRange, value: str | float, says: str
) -> None:
    with pytest.raises(click.BadParameter) as error:
        bounds.convert(value, None, None)
    assert error.value.message == says


def test_what_is_within_bounds() -> None:
    assert IntegerRange(0, 65535).convert("65535", None, None) == 65535
    assert DecimalRange(0, 60).convert("2.5", None, None) == 2.5


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("url", "http://localhost:8000", "http://localhost:8000"),
        ("url", "https://shop.test", "https://shop.test"),
        ("url", "localhost:8000", "http://localhost:8000"),
        ("url", "127.0.0.1", "http://127.0.0.1"),
        ("url", "[::1]:8000/about/", "http://[::1]:8000/about/"),
        ("url", "8000", "http://localhost:8000"),
        ("url", ":8000", "http://localhost:8000"),
        ("redis url", "redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis url", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("address", "LOCALHOST", "localhost"),
        ("host", "Shop.Example.", "shop.example"),
        ("origin", "HTTPS://Shop.example:443/", "https://shop.example"),
        ("site", "*.example.com", "*.example.com"),
        ("network", "10.0.0.0/8", "10.0.0.0/8"),
        ("token", "correct horse", "correct horse"),
        ("pattern", "*.py", "*.py"),
        ("command line", "make site", "make site"),
    ],
)
def test_a_text_gets_its_normal_form(kind: Kind, typed: str, value: str) -> None:
    assert TYPES[kind].convert(typed, None, None) == value
    assert TYPES[kind].convert(value, None, None) == value


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        (
            "url",
            "ftp://x",
            "'ftp://x' is not a URL such as http://localhost:8000: it is neither http nor https.",
        ),
        ("url", "", "'' is not a URL such as http://localhost:8000: it names no valid host."),
        (
            "url",
            "99999",
            "'99999' is not a URL such as http://localhost:8000: its port is not a number from 1 to 65535.",
        ),
        ("redis url", "foo", "'foo' is not a URL such as redis://localhost:6379."),
        ("redis url", "redis://x:99999", "'redis://x:99999' is not a URL such as redis://localhost:6379."),
        ("address", "", "'' is not an address or a name such as localhost or 0.0.0.0."),
        ("address", "a b", "'a b' is not an address or a name such as localhost or 0.0.0.0."),
        ("host", "a:80", "'a:80' is not a host name without a port."),
        ("origin", "shop.example", "'shop.example' is not an origin such as https://shop.example:3000."),
        ("site", "/", "'/' is not a host such as example.com, *.example.com or localhost:8080."),
        ("network", "10.0.0.0/99", "'10.0.0.0/99' is not an address or a network such as 10.0.0.0/8."),
        ("token", "horse", "use at least 8 printable ASCII characters."),
        ("token", "corréct horse", "use at least 8 printable ASCII characters."),
        ("pattern", "", "'' is not a file pattern such as *.py."),
        ("command line", " ", "' ' is not a command line."),
    ],
)
def test_a_wrong_text_is_named_with_a_right_one(kind: Kind, typed: str, says: str) -> None:
    with pytest.raises(click.BadParameter) as error:
        TYPES[kind].convert(typed, None, None)
    assert error.value.message == says
