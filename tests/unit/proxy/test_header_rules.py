from __future__ import annotations

import pytest

from livereload_loc.proxy.header_rules import BrowserAddress, HeaderRules, browser_address, has_body
from livereload_loc.proxy.target import UpstreamTarget

LOCAL = UpstreamTarget.parse("http://localhost:8000")
REMOTE = UpstreamTarget.parse("https://shop.example")
HERE = BrowserAddress("http", "localhost:8081")
HTTPS = BrowserAddress("https", "localhost:8081")


def sent(headers: list[tuple[bytes, bytes]], *, change_origin: bool = False) -> list[tuple[bytes, bytes]]:
    forwarding = HeaderRules(REMOTE if change_origin else LOCAL, change_origin=change_origin)
    return forwarding.request(headers, HERE, "127.0.0.1")


def answered(
    name: bytes, value: bytes, *, target: UpstreamTarget = LOCAL, address: BrowserAddress = HERE
) -> list[bytes]:
    headers = HeaderRules(target).response(200, [(name, value)], address)
    assert all(key == name for key, _ in headers)
    return [value for _, value in headers]


def test_headers_pass_in_order_and_byte_for_byte() -> None:
    headers = [
        (b"host", b"localhost:8081"),
        (b"cookie", b'a="b,\xe9"'),
        (b"x-b", b"2"),
        (b"cookie", b"c"),
        (b"x-b", b"1"),
    ]
    assert sent(headers)[:5] == headers


@pytest.mark.parametrize(
    "name",
    [b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"],
)
def test_what_belongs_to_one_connection_stays_there(name: bytes) -> None:
    assert name not in dict(sent([(name, b"x")]))
    assert HeaderRules(LOCAL).response(200, [(name, b"x")], HERE) == []


@pytest.mark.parametrize("name", [b"strict-transport-security", b"alt-svc"])
def test_what_browsers_remember_of_the_upstream_is_not_said_of_us(name: bytes) -> None:
    assert HeaderRules(REMOTE).response(200, [(name, b"x")], HTTPS) == []


def test_so_does_what_the_connection_header_names() -> None:
    named = [(b"connection", b"close, X-One"), (b"connection", b"x-two"), (b"x-one", b"1"), (b"x-two", b"2")]
    assert {b"x-one", b"x-two"}.isdisjoint(dict(sent(named)))
    assert HeaderRules(LOCAL).response(200, named, HERE) == []


def test_but_never_what_frames_the_message() -> None:
    headers = [
        (b"connection", b"host, content-length"),
        (b"host", b"localhost:8081"),
        (b"content-length", b"3"),
    ]
    assert dict(sent(headers))[b"content-length"] == b"3"
    assert dict(sent(headers))[b"host"] == b"localhost:8081"


def test_the_upstream_learns_how_the_browser_came() -> None:
    headers = dict(sent([(b"host", b"localhost:8081")]))
    assert headers[b"x-forwarded-for"] == b"127.0.0.1"
    assert headers[b"x-forwarded-host"] == b"localhost:8081"
    assert headers[b"x-forwarded-proto"] == b"http"


def test_another_proxy_before_us_knows_better() -> None:
    before = [
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-forwarded-for", b"192.0.2.2"),
        (b"x-forwarded-host", b"app.example"),
        (b"x-forwarded-proto", b"https"),
    ]
    headers = sent(before)
    assert [value for name, value in headers if name == b"x-forwarded-for"] == [
        b"192.0.2.1, 192.0.2.2, 127.0.0.1"
    ]
    assert dict(headers)[b"x-forwarded-host"] == b"app.example"
    assert dict(headers)[b"x-forwarded-proto"] == b"https"


def test_the_upstream_gets_its_own_name_where_that_is_asked_for() -> None:
    headers = [
        (b"host", b"localhost:8081"),
        (b"origin", b"http://localhost:8081"),
        (b"referer", b"http://localhost:8081/a?b=http://localhost:8081/"),
    ]
    assert sent(headers, change_origin=True)[:3] == [
        (b"host", b"shop.example"),
        (b"origin", b"https://shop.example"),
        (b"referer", b"https://shop.example/a?b=http://localhost:8081/"),
    ]
    for foreign in (
        b"null",
        b"http://evil.example",
        b"http://localhost:80811",
        b"http://localhost:8081.evil.example",
    ):
        assert dict(sent([(b"origin", foreign)], change_origin=True))[b"origin"] == foreign
    assert sent(headers)[1:3] == headers[1:]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (b"http://localhost:8000/a?b#c", b"http://localhost:8081/a?b#c"),
        (b"http://localhost:8000", b"http://localhost:8081"),
        (b"HTTP://LOCALHOST:8000/", b"http://localhost:8081/"),
        (b"http://127.0.0.1:8000/", b"http://localhost:8081/"),
        (b"http://[::1]:8000/", b"http://localhost:8081/"),
        (b"//localhost:8000/a", b"//localhost:8081/a"),
        (b"/a//b", b"/a//b"),
        (b"a:b", b"a:b"),
        (b"", b""),
        (b"http://localhost:8081/a", b"http://localhost:8081/a"),
        (b"http://localhost/a", b"http://localhost/a"),
        (b"http://localhost:80001/a", b"http://localhost:80001/a"),
        (b"http://localhost:8000.evil.example/", b"http://localhost:8000.evil.example/"),
        (b"http://localhost:8000@evil.example/", b"http://localhost:8000@evil.example/"),
        (b"https://localhost:8000/", b"https://localhost:8000/"),
        (
            b"http://elsewhere.example/?u=http://localhost:8000/",
            b"http://elsewhere.example/?u=http://localhost:8000/",
        ),
        (b"http://localhost:8000/\xe9", b"http://localhost:8081/\xe9"),
    ],
)
def test_redirects_to_the_upstream_lead_to_us(url: bytes, expected: bytes) -> None:
    assert answered(b"location", url) == [expected]
    assert answered(b"content-location", url) == [expected]
    assert answered(b"refresh", b"5; URL=" + url) == [b"5; URL=" + expected]


def test_an_upstream_that_does_not_know_our_scheme_is_corrected() -> None:
    assert answered(b"location", b"http://localhost:8081/a", address=HTTPS) == [b"https://localhost:8081/a"]
    assert answered(b"location", b"https://shop.example/a", target=REMOTE) == [b"http://localhost:8081/a"]
    assert answered(b"location", b"https://shop.example:443/a", target=REMOTE) == [b"http://localhost:8081/a"]


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (b'a="x,y"; Path=/; HttpOnly', b'a="x,y"; Path=/; HttpOnly'),
        (b"a=b;c;  Path=/ ;X=\xe9", b"a=b;c;  Path=/ ;X=\xe9"),
        (b"a=secure", b"a=secure"),
        (b"a=b; Secure; Path=/", b"a=b; Path=/"),
        (b"a=b; SameSite=None; Secure; Partitioned", b"a=b"),
        (b"a=b; SameSite=Lax; secure", b"a=b; SameSite=Lax"),
        (b"__Host-a=b; Secure; Path=/", b"__Host-a=b; Secure; Path=/"),
        (b"a=b; Domain=shop.example", b"a=b"),
        (b"a=b; domain=.SHOP.example; Path=/", b"a=b; Path=/"),
        (b"a=b; Domain=example", b"a=b"),
        (b"a=b; Domain=elsewhere.example", b"a=b; Domain=elsewhere.example"),
    ],
)
def test_cookies_of_a_remote_upstream_are_kept_for_us(cookie: bytes, expected: bytes) -> None:
    assert answered(b"set-cookie", cookie, target=REMOTE) == [expected]


def test_a_cookie_that_fits_is_left_alone() -> None:
    for cookie in (b"a=b; Secure; Domain=localhost", b"a=b; Domain=.localhost ;SameSite=None; Secure"):
        assert answered(b"set-cookie", cookie) == [cookie]
    secure = b"a=b; Secure; SameSite=None"
    assert answered(b"set-cookie", secure, target=REMOTE, address=HTTPS) == [secure]


def test_a_domain_becomes_ours_where_we_have_one() -> None:
    address = BrowserAddress("https", "app.test:8081")
    cookie = b"a=b; Domain=.shop.example; Path=/"
    assert answered(b"set-cookie", cookie, target=REMOTE, address=address) == [
        b"a=b; Domain=app.test; Path=/"
    ]
    address = BrowserAddress("https", "127.0.0.1:8081")
    assert answered(b"set-cookie", cookie, target=REMOTE, address=address) == [b"a=b; Path=/"]


def test_lengths_that_would_be_wrong_are_left_out() -> None:
    length = (b"content-length", b"5")
    assert HeaderRules(LOCAL).response(200, [length], HERE) == [length]
    assert HeaderRules(LOCAL).response(304, [length], HERE) == []
    assert HeaderRules(LOCAL).response(200, [length, (b"transfer-encoding", b"chunked")], HERE) == []


def test_what_belongs_to_one_leg_of_a_socket_stays_there() -> None:
    forwarding = HeaderRules(LOCAL)
    own = [
        (b"sec-websocket-key", b"x"),
        (b"sec-websocket-extensions", b"x"),
        (b"sec-websocket-version", b"13"),
    ]
    both = [
        (b"host", b"localhost:8081"),
        (b"sec-websocket-protocol", b"a, b"),
        (b"origin", b"http://localhost:8081"),
    ]
    assert forwarding.handshake([*both, *own], HERE, None)[:3] == both
    assert forwarding.accepted(
        [(b"sec-websocket-accept", b"x"), (b"set-cookie", b"a"), (b"upgrade", b"x")], HERE
    ) == [(b"set-cookie", b"a")]


def test_a_host_that_cannot_be_repeated_is_not() -> None:
    assert browser_address("http", b'x"><script>', LOCAL).host == "localhost:8000"
    assert browser_address("wss", b"localhost:8081", LOCAL).origin == "https://localhost:8081"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], False),
        ([(b"content-length", b"0")], False),
        ([(b"content-length", b"5")], True),
        ([(b"transfer-encoding", b"chunked")], True),
    ],
)
def test_bodies_are_announced(headers: list[tuple[bytes, bytes]], expected: bool) -> None:
    assert has_body(headers) is expected
