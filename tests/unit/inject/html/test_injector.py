"""Where the tag goes, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livereload_loc.inject.html.injector import MAX_BUFFERED, Injector
from livereload_loc.inject.html.insertion_point import InsertionPointSearch, SearchResult
from tests.support.tag_places import MARK, PLACES


def put(document: bytes, charset: str | None = None, tag: str = MARK, chunks: int | None = None) -> bytes:
    injector = Injector(tag, charset)
    size = chunks or max(len(document), 1)
    pieces = [injector.feed(document[at : at + size]) for at in range(0, len(document), size)]
    return b"".join([*pieces, injector.close()])


@pytest.mark.parametrize("marked", PLACES)
@pytest.mark.parametrize("chunks", [None, 1, 2, 7])
def test_the_tag_is_put_in_at_the_mark(marked: str, chunks: int | None) -> None:
    document = marked.replace(MARK, "").encode()
    assert put(document, chunks=chunks) == marked.encode()


@pytest.mark.parametrize(
    "document",
    [
        "<!--",
        "<!-- x",
        "<!-- x --",
        "<!doctype html",
        "<!d",
        "<!",
        "<?xml",
        "</ x",
        "<html><!-- <head>",
        " <!-",
    ],
)
def test_a_document_without_a_place_passes_unchanged(document: str) -> None:
    injector = Injector(MARK)
    assert injector.feed(document.encode()) + injector.close() == document.encode()
    assert injector.added == 0


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize(
    ("label", "codec"), [("utf-16le", "utf-16-le"), ("utf-16", "utf-16-le"), ("UTF-16BE", "utf-16-be")]
)
def test_utf16(mark: str, label: str, codec: str) -> None:
    marked = mark + "<!doctype html><!-- \u3c3e \U0001f600 --><html lang='é'><head>^<title>日本</title>"
    for chunks in (None, 1, 3):
        document = marked.replace(MARK, "").encode(codec)
        assert put(document, label if not mark else None, chunks=chunks) == marked.encode(codec)


def test_a_byte_order_mark_stays_first_and_overrules_the_header() -> None:
    assert put(b"\xef\xbb\xbf<p>", "utf-16le") == b"\xef\xbb\xbf^<p>"
    assert put(b"\xef\xbb\xbf") == b"\xef\xbb\xbf^"
    assert put(b"\xef\xbb") == b"^\xef\xbb"


@pytest.mark.parametrize("codec", ["latin-1", "shift_jis", "euc_jp", "gb18030", "big5", "cp1251"])
def test_other_encodings_keep_their_bytes(codec: str) -> None:
    text = {"latin-1": "éß", "cp1251": "жд"}.get(codec, "表示一")
    head = f"<!doctype html><!-- {text} --><html lang='{text}'>".encode(codec)
    tail = f"<title>{text}</title>".encode(codec)
    assert put(head + tail, codec) == head + b"^" + tail


def test_kanji_of_iso_2022_jp_are_no_markup() -> None:
    comment = "<!-- 、\uff1e 縺-->".encode("iso-2022-jp", "replace")
    text = '<html lang="あ">'.encode("iso-2022-jp")
    # 0x3C21 is a kanji whose first byte is "<", 0x213E one whose second byte is ">"
    tricky = b'<html x="\x1b$B\x3c\x21\x21\x3e\x21\x22\x1b(B">'
    assert put(comment + text + tricky + b"<head>", "ISO-2022-JP") == comment + text + tricky + b"<head>^"


META = b'<meta charset="utf-8">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<head>^" + b" " * 900, b"<title>"),
        (b"<head>" + b" " * 960, b"^<title>"),
        (b"<head>" + b" " * (1024 - 6 - len(META)), b"^<title>"),
        (b"<head>^" + b" " * (1024 - 5 - len(META)), b"<title>"),
        (b"<head><title>" + b"x" * 940 + b"</title>", b"^</head>"),
        (b"<head>^<!-- " + b"x" * 100 + b" -->", b""),
    ],
)
def test_a_meta_charset_is_not_pushed_out_of_the_first_1024_bytes(before: bytes, after: bytes) -> None:
    tag = "<script src='/_loc/reload.js' async></script>"
    marked = before + META + after
    document = marked.replace(b"^", b"")
    for chunks in (None, 1, 100):
        assert put(document, tag=tag, chunks=chunks) == marked.replace(b"^", tag.encode())


@pytest.mark.parametrize(
    "meta",
    [
        b'<meta http-equiv="Content-Type" content="text/html; charset=latin1">',
        b"<META CHARSET=latin1 />",
        b"<meta name=x charset='latin1'>",
    ],
)
def test_every_way_to_declare_a_charset_is_known(meta: bytes) -> None:
    head = b"<head><!-- " + b"x" * (1000 - len(meta)) + b" -->"
    assert put(head + meta, tag="T" * 60) == head + meta + b"T" * 60


@pytest.mark.parametrize(
    "head",
    [
        b"<head><!-- " + META + b" -->" + b" " * 950,
        b"<head><script>'" + META + b"'</script>" + b" " * 930,
        b"<head><title>" + META + b"</title>" + b" " * 930,
        b'<head><meta name="charset" content="x">' + b" " * 930,
        b"<head><template>" + b" " * 930 + META,
    ],
)
def test_what_only_looks_like_a_charset_moves_nothing(head: bytes) -> None:
    assert put(head, tag="T" * 60) == head[:6] + b"T" * 60 + head[6:]


def test_a_declared_charset_frees_the_place() -> None:
    document = b"<head>" + b" " * 970 + META
    assert put(document, "utf-8", tag="T" * 60).startswith(b"<head>TTT")


def test_a_streamed_page_is_delayed_by_no_more_than_its_head() -> None:
    injector = Injector(MARK)
    assert injector.feed(b"<!doctype html><html><head><title>x") == b""
    assert (
        injector.feed(b"</title></head><body>")
        == b"<!doctype html><html><head>^<title>x</title></head><body>"
    )
    assert injector.passing
    assert injector.feed(b"<p>") == b"<p>"
    assert injector.close() == b""


def test_a_declared_page_leaves_as_soon_as_its_head_has_begun() -> None:
    injector = Injector(MARK, "utf-8")
    assert injector.feed(b"<!doctype html><he") == b""
    assert injector.feed(b"ad>") == b"<!doctype html><head>^"


def test_a_head_that_never_begins_is_not_held_for_ever() -> None:
    injector = Injector(MARK, "utf-8")
    sent = b""
    comment = b"<!-- " + b"x" * 70_000
    for _ in range(MAX_BUFFERED // len(comment) + 2):
        sent += injector.feed(comment)
    assert injector.passing
    assert len(sent) >= MAX_BUFFERED


pieces = st.sampled_from(
    [
        *(
            b"<",
            b">",
            b"!",
            b"--",
            b"<!--",
            b"-->",
            b"<head",
            b"<html",
            b"<body>",
            b"</",
            b"<!doctype",
            b"<?",
        ),
        *(b"'", b'"', b"=", b" ", b"\n", b"/", b"x", b"\x00", b"\xff", b"<![CDATA[", b"<meta charset=x>"),
        *(b"<!doctype", b"<script>", b"</script>", b"<title>", b"</title>"),
    ]
)
documents = (
    st.binary() | st.lists(pieces).map(b"".join) | st.lists(pieces | st.binary(max_size=3)).map(b"".join)
)
charsets = st.sampled_from([None, "utf-8", "utf-16le", "utf-16be", "iso-2022-jp", "x-unknown"])
TAG = "<script src='/_loc/reload.js' async></script>"


@given(documents, st.lists(st.integers(1, 9)), charsets)
@example(b"<head>" + b" " * 990 + META, [1000, 5], None)
def test_the_output_without_the_tag_is_the_input_however_it_comes(
    document: bytes, cuts: list[int], charset: str | None
) -> None:
    whole = put(document, charset, TAG)
    injector = Injector(TAG, charset)
    streamed, rest = b"", document
    for cut in cuts:
        streamed += injector.feed(rest[:cut])
        rest = rest[cut:]
    streamed += injector.feed(rest) + injector.close()
    assert len(streamed) == len(document) + injector.added
    for output in (whole, streamed):
        if output != document:
            tags = [TAG.encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be")]
            assert any(
                output[:at] + output[at + len(tag) :] == document
                for tag in tags
                for at in range(len(output))
                if output.startswith(tag, at)
            )
    assert (whole == document) == (streamed == document)


def test_a_long_start_in_many_pieces_is_not_read_with_each_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tag with a hundred thousand attributes would hold up the server for minutes."""
    searches = 0
    advance = InsertionPointSearch.advance

    def counted(search: InsertionPointSearch, data: bytes, *, ended: bool) -> int | SearchResult:
        nonlocal searches
        searches += 1
        return advance(search, data, ended=ended)

    monkeypatch.setattr(InsertionPointSearch, "advance", counted)
    injector = Injector("<i>", "utf-8")
    document = b"<html " + b"a=b " * 50_000 + b"><head>x"
    pieces = range(0, len(document), 256)
    sent = b"".join(injector.feed(document[at : at + 256]) for at in pieces)
    assert sent + injector.close() == document.replace(b"<head>", b"<head><i>")
    assert searches < len(pieces) / 2
