"""What strangers send, bent and broken: nothing raises, nothing is let through.

Each example is an entry of ``tests/corpus``, changed here and there. ``FUZZ_EXAMPLES`` in the environment
asks for more of them than a normal run has time for; what a long run finds is put into the corpus.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livereload_loc.access import Guard
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.sites import site_of
from livereload_loc.counter.websocket import CounterSocket
from livereload_loc.errors import BadMessage
from livereload_loc.httputil.hosts import is_local, normal_origins, split_authority, split_origin
from livereload_loc.inject.html.injector import TAG, Injector
from livereload_loc.protocol import parse
from livereload_loc.site.resolver import PathResolver, ResolvedPath
from livereload_loc.web.livereload7 import page_of, reply_to_hello
from tests.support.fake_transport import HANDSHAKE, Wire
from tests.support.manual_clock import admission_to
from tests.support.paths import ROOT
from tests.support.server_modes import SECRET, make_site

CORPUS = ROOT / "tests/corpus"
LONGER = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
ODD = [
    *"./\\:;%#?@[]{}<>\"'&= ,-_~$*!|^`\0\t\r\n",
    *["..", "%2e", "%2f", "%5c", "%00", "%", "//", "/../", "::", "localhost", ".env", "127.0.0.1"],
    *["\u3002", "\ufeff", "\ud800", "\xff", "\xe9", "<!--", "-->", "<head>", "</script>"],
]

HEADERS = ["origin", "host", "sec-fetch-site", "sec-fetch-mode"]


def corpus(name: str) -> list[str]:
    """The entries of one file, each a line with Python's escapes."""
    lines = (CORPUS / f"{name}.txt").read_text("ascii").splitlines()
    return [line.encode().decode("unicode_escape") for line in lines]


@st.composite
def bent(draw: st.DrawFn, name: str) -> str:
    """An entry of the corpus with some of it left out, said twice, or made odd; or anything at all."""
    text = draw(st.sampled_from(corpus(name)) | st.text(max_size=40))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 5)))
        put = draw(st.sampled_from(ODD) | st.text(max_size=3) | st.sampled_from(corpus(name)))
        text = draw(st.sampled_from([text[:at] + put + text[end:], text[:at] + text[end:], text + put]))
    return text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("fuzzed"))


@LONGER
@given(target=bent("targets"))
def test_no_target_leads_to_a_secret(site: Path, target: str) -> None:
    raw = target.partition("?")[0].encode("utf-8", "replace")
    found = PathResolver(site).locate(raw)
    if isinstance(found, ResolvedPath):
        assert found.path == str(site) or found.path.startswith(f"{site}/")
        if os.path.isfile(found.path):
            assert SECRET not in Path(found.path).read_bytes()


@LONGER
@given(target=st.binary(max_size=60))
def test_no_bytes_do(site: Path, target: bytes) -> None:
    found = PathResolver(site).locate(b"/" + target)
    if isinstance(found, ResolvedPath) and os.path.isfile(found.path):
        assert SECRET not in Path(found.path).read_bytes()


@LONGER
@given(origin=bent("origins"), host=bent("hosts"))
def test_no_origin_passes_that_is_not_local(origin: str, host: str) -> None:
    refusal = Guard().refuse_socket(origin, host, "127.0.0.1")
    parsed = split_origin(origin)
    if refusal is None:
        assert parsed
        assert is_local(parsed[1]) or parsed[1] == (split_authority(host) or ("",))[0]
    with contextlib.suppress(ValueError):
        normal_origins([origin])
    site = site_of(origin)
    assert site is None or site == site.lower()


@LONGER
@given(host=bent("hosts"))
def test_no_host_passes_that_is_not_local(host: str) -> None:
    if Guard().refuse_host(host) is None:
        parsed = split_authority(host)
        assert parsed
        assert is_local(parsed[0])


@LONGER
@given(
    headers=st.dictionaries(
        st.sampled_from(["origin", "host", "sec-fetch-site", "sec-fetch-mode"]), bent("origins")
    )
)
def test_a_reader_is_judged_whatever_it_says(headers: dict[str, str]) -> None:
    refusal = Guard().refuse_reader(headers)
    assert refusal is None or refusal.status == 403


@LONGER
@given(text=bent("messages"))
def test_no_message_is_too_odd(text: str) -> None:
    for read in (parse, reply_to_hello, page_of):
        with contextlib.suppress(BadMessage):
            cast(Any, read)(text)


@LONGER
@given(hops=st.lists(bent("hosts"), max_size=4), peer=bent("hosts"))
def test_no_proxy_is_too_odd(hops: list[str], peer: str) -> None:
    assert isinstance(ClientAddressResolver(["127.0.0.1"]).resolve(peer, hops), str)


@LONGER
@given(
    document=bent("html"),
    cuts=st.lists(st.integers(0, 80), max_size=4),
    codec=st.sampled_from(["utf-8", "utf-16"]),
)
def test_a_document_gets_one_tag_and_keeps_all_else(document: str, cuts: list[int], codec: str) -> None:
    data = document.encode(codec, "replace")
    injector, out, last = Injector(), b"", 0
    for cut in sorted(cuts):
        out += injector.feed(data[last:cut])
        last = max(last, cut)
    out += injector.feed(data[last:]) + injector.close()
    grown = len(out) - len(data)
    alike = (at for at, (ours, theirs) in enumerate(zip(out, data, strict=False)) if ours != theirs)
    place = next(alike, len(data))
    while place and out[place + grown :] != data[place:]:
        place -= 1  # the tag may begin as what follows it does
    assert out[:place] + out[place + grown :] == data
    added = sorted(out[place : place + grown])
    assert added in ([], sorted(TAG.encode()), sorted(TAG.encode("utf-16-le")))


@LONGER
@given(
    pieces=st.lists(
        st.binary(max_size=200)
        | st.builds(
            lambda opcode, text: bytes((opcode, 0x80 | min(125, len(text)), 0, 0, 0, 0)) + text[:125],
            st.integers(0, 255),
            bent("messages").map(lambda text: text.encode("utf-8", "replace")),
        ),
        max_size=8,
    ),
    shaken=st.booleans(),
)
def test_a_visitor_may_send_what_it_likes(pieces: list[bytes], shaken: bool) -> None:
    counter = Counter()
    admission = admission_to(counter)
    page, wire = CounterSocket(admission), Wire()
    page.connection_made(wire)
    if shaken:
        page.data_received(HANDSHAKE)
        assert counter.visitors == 1
    for piece in pieces:
        if not wire.is_closed:
            page.data_received(piece)
    page.ping()
    page.send("{}")
    page.close(1012, "bye")
    page.eof_received()
    page.connection_lost(None)
    assert counter.visitors == 0
    assert len(admission.keepalive) == 0
