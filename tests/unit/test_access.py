"""Who may ask for what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.access import Guard
from livereload_loc.httputil.hosts import normal_origins

GUARD = Guard()


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8081",
        "LOCALHOST:8081",
        "localhost.:8081",
        "app.localhost",
        "shop.test:3000",
        "127.0.0.1:8081",
        "127.8.9.1",
        "[::1]:8081",
    ],
)
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert GUARD.refuse_host(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8081",
        "localhost.evil.example",
        "evillocalhost",
        "test",
        "10.0.0.5",
        "192.168.0.7:8081",
        "[2001:db8::1]",
        "0.0.0.0:8081",
        "127.0.0.1.evil.example",
    ],
)
def test_foreign_names_are_refused_with_the_flag_that_allows_them(host: str) -> None:
    refusal = GUARD.refuse_host(host)
    assert refusal is not None
    assert refusal.status == 421
    assert refusal.option == "--allow-host"
    assert f"{refusal.value}:" in f"{host}:"


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        ":80",
        "a b",
        "local host",
        "localhost:",
        "localhost:port",
        "localhost:0",
        "localhost:65536",
        "localhost:80:80",
        "user@localhost",
        "localhost/x",
        "http://localhost",
        "[::1",
        "[::zz]x",
        "\x00",
        "ümlaut",
        ".",
        "localhost\n",
    ],
)
def test_malformed_hosts_are_refused(host: str | None) -> None:
    refusal = GUARD.refuse_host(host)
    assert refusal is not None
    assert refusal.status == 400


def test_what_the_user_bound_and_allowed_is_answered() -> None:
    guard = Guard(bound="192.168.0.7", hosts=frozenset({"dev.example"}))
    assert guard.refuse_host("192.168.0.7:8081") is None
    assert guard.refuse_host("DEV.example") is None
    assert guard.refuse_host("other.example") is not None


LAN = Guard(lan=frozenset({"192.168.0.7", "fd00::7"}))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("192.168.0.7", True),
        ("[fd00::7]", True),
        ("[FD00:0:0::7]", True),
        ("localhost", True),
        ("192.168.0.8", False),
        ("192.168.0.70", False),
        ("192.168.0.7.evil.example", False),
        ("[fd00::8]", False),
        ("[::ffff:192.168.0.7]", False),
        ("0300.0250.0.7", False),
        ("10.0.0.1", False),
        ("evil.example", False),
    ],
)
def test_in_a_local_network_exactly_our_addresses_are_ours(name: str, ours: bool) -> None:
    assert (LAN.refuse_host(f"{name}:8081") is None) is ours
    for origin in (f"http://{name}:3000", f"https://{name}"):
        assert (LAN.refuse_socket(origin, "localhost:8081", "192.168.0.9") is None) is ours
    assert LAN.refuse_socket(None, f"{name}:8081", "192.168.0.9"), "no browser, and not this machine"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8080", "localhost:8081"),
        ("http://127.0.0.1:5000", "localhost:8081"),
        ("http://[::1]:5000", "localhost:8081"),
        ("https://shop.test", "localhost:8081"),
        ("http://app.localhost:3000", "localhost:8081"),
        ("http://192.168.0.7:8081", "192.168.0.7:8081"),
        ("http://dev.example", "dev.example"),
        ("https://dev.example", "dev.example:443"),
    ],
)
def test_pages_of_this_machine_and_of_the_same_origin_may_connect(origin: str, host: str) -> None:
    assert GUARD.refuse_socket(origin, host, "127.0.0.1") is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost.evil.example:8081",
        "http://10.1.2.3:8081",
        "http://93.184.216.34",
        "http://localhost:8081.evil.example",
    ],
)
def test_foreign_pages_may_not_connect(origin: str) -> None:
    refusal = GUARD.refuse_socket(origin, "localhost:8081", "127.0.0.1")
    assert refusal is not None
    assert refusal.status == 403


@pytest.mark.parametrize(
    "origin", ["null", "", "file://", "localhost", "http://", "http://a/b", "http://a b", "://x"]
)
def test_opaque_and_malformed_origins_are_foreign(origin: str) -> None:
    assert GUARD.refuse_socket(origin, "localhost:8081", "127.0.0.1") is not None


def test_the_refusal_names_the_flag_and_the_flag_helps() -> None:
    refusal = GUARD.refuse_socket("HTTPS://Shop.Example:443", "localhost:8081", "127.0.0.1")
    assert refusal is not None
    assert refusal.flag == "--allow-origin https://shop.example"
    allowed = Guard(origins=normal_origins([refusal.value]))
    assert allowed.refuse_socket("https://shop.example", "localhost:8081", "127.0.0.1") is None
    assert allowed.refuse_socket("http://shop.example", "localhost:8081", "127.0.0.1") is not None


@pytest.mark.parametrize(
    ("peer", "refused"),
    [("127.0.0.1", False), ("::1", False), ("::ffff:127.0.0.1", False), ("192.168.0.9", True), (None, True)],
)
def test_a_socket_without_an_origin_is_for_this_machine_only(peer: str | None, refused: bool) -> None:
    assert (GUARD.refuse_socket(None, "localhost:8081", peer) is not None) is refused


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"host": "localhost:8081"}, False),
        ({"host": "localhost:8081", "sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, False),
        ({"host": "localhost:8081", "sec-fetch-site": "same-origin"}, False),
        ({"host": "localhost:8081", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, False),
        ({"host": "localhost:8081", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, True),
        ({"host": "localhost:8081", "sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, True),
        ({"host": "localhost:8081", "origin": "http://localhost:8081"}, False),
        ({"host": "localhost:8081", "origin": "http://localhost:8080"}, True),
        ({"host": "localhost:8081", "origin": "null"}, True),
    ],
)
def test_the_status_is_for_our_own_pages(headers: dict[str, str], refused: bool) -> None:
    assert (GUARD.refuse_reader(headers) is not None) is refused


@pytest.mark.parametrize(
    ("origin", "host", "peer", "refused"),
    [
        ("http://localhost:8081", "localhost:8081", "127.0.0.1", False),
        ("https://dev.test", "dev.test", "127.0.0.1", False),
        ("http://192.168.1.5:8081", "192.168.1.5:8081", "192.168.1.9", False),
        ("http://localhost:8080", "localhost:8081", "127.0.0.1", True),
        ("http://127.0.0.1:8081", "localhost:8081", "127.0.0.1", True),
        ("http://evil.example", "localhost:8081", "127.0.0.1", True),
        ("http://mine.example", "localhost:8081", "127.0.0.1", True),
        ("null", "localhost:8081", "127.0.0.1", True),
        ("", "localhost:8081", "127.0.0.1", True),
        (None, "localhost:8081", "127.0.0.1", False),
        (None, "localhost:8081", "::1", False),
        (None, "192.168.1.5:8081", "192.168.1.9", True),
        (None, "localhost:8081", None, True),
    ],
)
def test_only_its_own_pages_look_on(origin: str | None, host: str, peer: str | None, refused: bool) -> None:
    guard = Guard(origins=normal_origins(["http://mine.example"]))
    assert bool(guard.refuse_onlooker(origin, host, peer)) is refused


@given(st.text())
def test_malformed_headers_never_raise(text: str) -> None:
    GUARD.refuse_host(text)
    GUARD.refuse_socket(text, text, text)
    GUARD.refuse_reader({"origin": text, "host": text, "sec-fetch-site": text})
