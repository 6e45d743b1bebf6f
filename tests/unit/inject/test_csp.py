"""A policy is widened by exactly what is needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.csp import TagRequirements, forbids_scripts, widen

NEEDS = TagRequirements(
    page="http://localhost:8000/",
    script="http://localhost:8000/_loc/",
    socket="ws://localhost:8000/_loc/ws/reload",
    digest="sha256-abc=",
)
SCRIPT = NEEDS.script
SOCKET = NEEDS.socket


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "img-src 'self'",
        "default-src 'self'",
        "default-src *",
        "default-src http: ws:",
        "script-src 'self' 'unsafe-inline'; connect-src 'self'",
        "script-src http://localhost:8000; connect-src http://localhost:8000 ws://localhost:8000",
        "script-src localhost:*; connect-src localhost:* ws://localhost:*",
        f"script-src {SCRIPT}; connect-src 'self'",
        "upgrade-insecure-requests; frame-ancestors 'none'",
        "SCRIPT-SRC 'SELF'",
    ],
)
def test_a_policy_that_allows_us_stays_as_it_is(policy: str) -> None:
    widened = widen([policy], NEEDS)
    assert widened.policies == [policy]
    assert widened.attributes == {}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            "default-src 'none'",
            f"default-src 'none'; script-src {SCRIPT}; connect-src 'self'",
        ),
        (
            "default-src https://cdn.example; img-src *",
            f"default-src https://cdn.example; img-src *; script-src https://cdn.example {SCRIPT}; "
            "connect-src https://cdn.example 'self'",
        ),
        ("script-src 'none'", f"script-src {SCRIPT}"),
        ("script-src 'unsafe-inline'", f"script-src 'unsafe-inline' {SCRIPT}"),
        ("script-src 'self'; script-src-elem 'none'", f"script-src 'self'; script-src-elem {SCRIPT}"),
        ("connect-src https://api.example", "connect-src https://api.example 'self'"),
        ("connect-src", "connect-src 'self'"),
        ("script-src http://localhost:9000", f"script-src http://localhost:9000 {SCRIPT}"),
        ("script-src http://localhost:8000/js/", f"script-src http://localhost:8000/js/ {SCRIPT}"),
        ("script-src *.localhost:8000", f"script-src *.localhost:8000 {SCRIPT}"),
        ("script-src 'none'; script-src 'self'", f"script-src {SCRIPT}; script-src 'self'"),
        ("  script-src 'none' ;", f"  script-src {SCRIPT};"),
        # A host without a scheme has the page's own, which is none of a socket.
        ("connect-src localhost:*", f"connect-src localhost:* {SOCKET}"),
        ("connect-src http://localhost:8000", f"connect-src http://localhost:8000 {SOCKET}"),
    ],
)
def test_what_is_missing_is_added(policy: str, expected: str) -> None:
    widened = widen([policy], NEEDS)
    assert widened.policies == [expected]
    assert widen(widened.policies, NEEDS).policies == [expected]


def test_the_nonce_is_used_where_there_is_one() -> None:
    policy = "script-src 'nonce-r4nd0m+/=' 'strict-dynamic'; connect-src 'self'"
    widened = widen([policy], NEEDS)
    assert widened.policies == [policy]
    assert widened.attributes == {"nonce": "r4nd0m+/="}


def test_a_nonce_of_default_src_counts() -> None:
    widened = widen(["default-src 'nonce-x'"], NEEDS)
    assert widened.attributes == {"nonce": "x"}
    assert widened.policies == ["default-src 'nonce-x'; connect-src 'nonce-x' 'self'"]


def test_no_nonce_is_added_where_there_was_none() -> None:
    widened = widen(["script-src 'unsafe-inline'; default-src 'self'"], NEEDS)
    assert "nonce" not in widened.policies[0]


def test_beside_strict_dynamic_only_a_digest_counts() -> None:
    widened = widen(["script-src 'strict-dynamic' 'sha256-page='"], NEEDS)
    assert widened.policies == ["script-src 'strict-dynamic' 'sha256-page=' 'sha256-abc='"]
    assert widened.attributes == {"integrity": "sha256-abc="}


def test_all_policies_have_to_agree() -> None:
    widened = widen(["script-src 'nonce-a', script-src 'nonce-b'", "default-src 'self'"], NEEDS)
    assert widened.attributes == {"nonce": "a"}
    assert widened.policies == [f"script-src 'nonce-a', script-src 'nonce-b' {SCRIPT}", "default-src 'self'"]


def test_a_nonce_cannot_break_out_of_its_attribute() -> None:
    widened = widen(["script-src 'nonce-\"><script>'"], NEEDS)
    assert "nonce" not in widened.attributes


def needs(authority: str, socket: str) -> TagRequirements:
    return TagRequirements(
        f"http://{authority}/", f"http://{authority}/_loc/", f"ws://{socket}/_loc/ws/reload", "sha256-x"
    )


def test_a_host_that_no_source_can_name() -> None:
    at_home = widen(["default-src 'none'"], needs("[::1]:8000", "[::1]:8000"))
    assert at_home.policies == ["default-src 'none'; script-src 'self'; connect-src 'self'"]
    # A browser takes the address in the policy for a slip, and allows nothing by it.
    beside = widen(["connect-src 'self' ws://[::1]:9000"], needs("[::1]:8000", "[::1]:9000"))
    assert beside.policies == ["connect-src 'self' ws://[::1]:9000 ws:"]


def test_a_socket_of_another_server() -> None:
    widened = widen(["default-src 'self'"], needs("localhost:8000", "localhost:9000"))
    assert widened.policies == ["default-src 'self'; connect-src 'self' ws://localhost:9000/_loc/ws/reload"]
    assert widen(["connect-src 'self' ws:"], needs("x", "x:9000")).policies == ["connect-src 'self' ws:"]


@pytest.mark.parametrize("policy", ["script-src\xa0'none'", "script-src\x85'none'", "script-src 'none' \xe4"])
def test_what_browsers_pass_over_stays(policy: str) -> None:
    assert widen([policy], NEEDS).policies == [policy]


def test_a_port_beyond_all_ports_matches_nothing() -> None:
    policy = f"script-src localhost:{'9' * 5000}"
    assert widen([policy], NEEDS).policies == [f"{policy} {SCRIPT}"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("trusted-types 'none'", "trusted-types loc-dev"),
        ("trusted-types", "trusted-types loc-dev"),
        ("trusted-types one two", "trusted-types one two loc-dev"),
        ("trusted-types loc-dev", "trusted-types loc-dev"),
        ("trusted-types *", "trusted-types *"),
        ("require-trusted-types-for 'script'", "require-trusted-types-for 'script'"),
    ],
)
def test_our_policy_of_trusted_types_is_allowed_where_they_are_named(policy: str, expected: str) -> None:
    assert widen([policy], NEEDS).policies == [expected]


@pytest.mark.parametrize(
    ("policies", "forbidden"),
    [
        ([], False),
        (["default-src 'none'"], False),
        (["sandbox allow-scripts"], False),
        (["sandbox allow-forms ALLOW-SCRIPTS; script-src 'none'"], False),
        (["sandbox"], True),
        (["sandbox; sandbox allow-scripts"], True),
        (["default-src *, script-src *; SandBox allow-forms"], True),
        (["default-src *", "sandbox"], True),
    ],
)
def test_a_sandbox_may_forbid_all_scripts(policies: list[str], forbidden: bool) -> None:
    assert forbids_scripts(policies) is forbidden


words = st.sampled_from(
    [
        *("default-src", "script-src", "connect-src", "script-src-elem", "'self'", "'none'", "'nonce-x'"),
        *(";", ",", "*", " ", "http:", "https://a.example:*", "'strict-dynamic'", "[::1]:80", "http://["),
        *(":99999", "localhost:8000/x"),
    ]
)


@given(st.lists(words | st.text(max_size=4)).map(" ".join))
def test_no_policy_is_too_odd(policy: str) -> None:
    once = widen([policy], NEEDS)
    twice = widen(once.policies, NEEDS)
    assert twice.policies == once.policies
