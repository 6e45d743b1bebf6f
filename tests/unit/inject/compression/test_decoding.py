"""Whatever a body is compressed with, and however it is cut, its plain bytes come out, or an error does."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import pairwise

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.compression.decoding import MAX_CODINGS, Undecodable, decoder
from livereload_loc.inject.compression.formats import PART
from tests.support.compressing import flushes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = b"<!doctype html><html><head><title>Hi</title></head><body>" + b"<p>words and words" * 200

Compress = Callable[[bytes], bytes]

CODINGS: dict[str, tuple[bytes, Compress]] = {
    "gzip": (b"gzip", gzip.compress),
    "x-gzip": (b"x-gzip", gzip.compress),
    "gzip of two members": (b"gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
    "gzip with zeros around": (
        b"gzip",
        lambda data: gzip.compress(data[:9]) + bytes(5) + gzip.compress(data[9:]) + bytes(600),
    ),
    "gzip with more behind it": (b"gzip", lambda data: gzip.compress(data) + b"\x1f and more"),
    "deflate": (b"deflate", zlib.compress),
    "deflate, weakest": (b"deflate", lambda data: zlib.compress(data, 0)),
    "bare deflate": (b"deflate", lambda data: zlib.compress(data, wbits=-15)),
    "bare deflate, stored": (b"deflate", lambda data: zlib.compress(data, 0, wbits=-15)),
    "deflate with more behind it": (b"deflate", lambda data: zlib.compress(data) + b"more"),
    "br": (b"br", lambda data: brotli.compress(data, quality=3)),
    "zstd": (b"zstd", zstd.compress),
    "zstd of two frames": (b"zstd", lambda data: zstd.compress(data[:9]) + zstd.compress(data[9:])),
    "zstd with a frame to skip": (
        b"zstd",
        lambda data: b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd.compress(data),
    ),
}

NAMES = st.sampled_from(list(CODINGS))


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    borders = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(borders)] or [b""]


def decode(codings: list[bytes], pieces: Iterable[bytes]) -> bytes:
    undo = decoder(codings)
    assert undo
    plain = b"".join(part for piece in pieces for part in undo.feed(piece))
    undo.close()
    return plain


@pytest.mark.parametrize("name", CODINGS)
def test_every_coding_is_undone(name: str) -> None:
    coding, compress = CODINGS[name]
    body = compress(TEXT)
    assert decode([coding], [body]) == TEXT
    assert decode([coding], [body[at : at + 1] for at in range(len(body))]) == TEXT


@given(st.binary(max_size=3000), st.lists(NAMES, min_size=1, max_size=MAX_CODINGS), st.lists(st.integers(0)))
def test_codings_over_each_other_come_off_in_any_pieces(
    plain: bytes, names: list[str], places: list[int]
) -> None:
    body = plain
    for name in names:
        body = CODINGS[name][1](body)
    assert decode([CODINGS[name][0] for name in names], cut(body, places)) == plain


ONE_STREAM = [
    name for name in CODINGS if not any(word in name for word in (" two ", "zeros", "more", "skip"))
]


@pytest.mark.parametrize("name", ONE_STREAM)
def test_an_end_that_comes_too_early_is_told(name: str) -> None:
    coding, compress = CODINGS[name]
    body = compress(b"short and to the point")
    for length in range(1, len(body)):
        with pytest.raises(Undecodable):
            decode([coding], [body[:length]])


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_second_stream_that_ends_too_early_is_told(name: str) -> None:
    coding, compress = CODINGS[name]
    first, second = compress(b"short"), compress(b" and to the point")
    assert decode([coding], [first]) == b"short"
    for length in range(2, len(second)):
        with pytest.raises(Undecodable):
            decode([coding], [first + second[:length]])


def test_an_inner_coding_that_ends_too_early_is_told() -> None:
    with pytest.raises(Undecodable, match="gzip"):
        decode([b"gzip", b"br"], [brotli.compress(gzip.compress(TEXT)[:-1])])


@given(NAMES, st.binary(min_size=1, max_size=60), st.lists(st.integers(0), max_size=4))
def test_damage_is_one_kind_of_error(name: str, damage: bytes, places: list[int]) -> None:
    coding, compress = CODINGS[name]
    body = compress(TEXT)
    at = places[0] % len(body) if places else 0
    with suppress(Undecodable):
        decode([coding], cut(body[:at] + damage + body[at + len(damage) :], places))


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_plain_text_is_told(coding: bytes) -> None:
    with pytest.raises(Undecodable, match=coding.decode()):
        decode([coding], [TEXT])


def test_a_checksum_that_does_not_fit_is_told() -> None:
    body = bytearray(gzip.compress(TEXT))
    body[-5] ^= 1
    with pytest.raises(Undecodable):
        decode([b"gzip"], [bytes(body)])


def test_what_follows_br_is_damage_in_any_pieces() -> None:
    body = brotli.compress(TEXT)
    for pieces in ([body + b"x"], [body, b"x"]):
        with pytest.raises(Undecodable):
            decode([b"br"], pieces)


def test_no_body_at_all_is_an_empty_one() -> None:
    for coding in (b"gzip", b"deflate", b"br", b"zstd"):
        assert decode([coding], [b""]) == b""
        assert decode([coding, b"gzip"], []) == b""


@pytest.mark.parametrize("codings", [[], [b"compress"], [b"gzip", b"dcb"], [b"gzip"] * (MAX_CODINGS + 1)])
def test_what_is_not_known_is_said(codings: list[bytes]) -> None:
    assert decoder(codings) is None


def test_a_python_without_zstd_leaves_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = zstd.__name__.rpartition(".")[0]
    monkeypatch.delattr(sys.modules[parent], "zstd")
    monkeypatch.setitem(sys.modules, zstd.__name__, None)
    assert decoder([b"zstd"]) is None
    assert decoder([b"gzip", b"zstd"]) is None
    assert decoder([b"gzip"])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_each_flush_arrives_at_once(coding: str) -> None:
    flush, end = flushes(coding)
    undo = decoder([coding.encode()])
    assert undo
    for piece in (b"<!doctype html><html>", b"<head>", b"x" * 100_000, b"last"):
        assert b"".join(undo.feed(flush(piece))) == piece
    assert b"".join(undo.feed(end())) == b""
    undo.close()


@pytest.mark.parametrize("name", ["gzip", "bare deflate", "br", "zstd"])
@pytest.mark.parametrize("twice", [False, True])
def test_a_bomb_takes_no_memory(name: str, twice: bool) -> None:
    coding, compress = CODINGS[name]
    size = 64 * 1024 * 1024
    body = compress(bytes(size))
    if twice:
        body = compress(body)
    undo = decoder([coding, coding] if twice else [coding])
    assert undo
    tracemalloc.start()
    try:
        lengths = [len(part) for part in undo.feed(body)]
        undo.close()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(lengths) == size
    assert max(lengths) <= 2 * PART
    assert peak < 8 * 1024 * 1024


def test_a_window_that_takes_too_much_memory_is_told() -> None:
    packed = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 26})
    body = packed.compress(bytes(100)) + packed.flush()
    with pytest.raises(Undecodable):
        decode([b"zstd"], [body])
