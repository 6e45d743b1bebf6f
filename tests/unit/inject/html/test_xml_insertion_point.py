"""Where the tag goes in SVG and XHTML documents, byte for byte."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from livereload_loc.inject.html.injector import MAX_BUFFERED, Injector
from livereload_loc.inject.html.script_element import script_element

TAG = script_element("/_loc/reload.js", {"data-page": "/x"}, xml=True)
SVG = 'xmlns="http://www.w3.org/2000/svg"'


def put(document: bytes, charset: str | None = None, tag: str = "^", chunks: int | None = None) -> bytes:
    injector = Injector(tag, charset, xml=True)
    size = chunks or max(len(document), 1)
    pieces = [injector.feed(document[at : at + size]) for at in range(0, len(document), size)]
    return b"".join([*pieces, injector.close()])


PLACES = [
    f"<svg {SVG}>^<g/></svg>",
    f"<svg {SVG}>^</svg>",
    f'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<svg {SVG}>^<g/></svg>\n',
    f"<!-- <svg> --><?pi <svg> ?> <!----><svg {SVG}>^<!-- x --><g/></svg>",
    f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/[dtd"><svg {SVG}>^<g/></svg>',
    f'<!DOCTYPE svg [<!ENTITY a "]> >"> <!-- ]> \' --> <?p ]> " ?>\n] ><svg {SVG}>^&a;</svg>',
    "<!DOCTYPE a [<!ELEMENT a (#PCDATA)><!ATTLIST a b CDATA '>'>]><a>^</a>",
    f"<svg {SVG} data-x='>' data-y=\"/>'\"\n>^<g/></svg >",
    '<s:svg xmlns:s="http://www.w3.org/2000/svg">^<s:g/></s:svg>',
    f"<svg {SVG}>^<![CDATA[ <svg> ]]></svg>",
    '<html xmlns="http://www.w3.org/1999/xhtml">^<head><title>x</title></head><body/></html>',
    "<é ü='ö'>^</é>",
]


@pytest.mark.parametrize("marked", PLACES)
@pytest.mark.parametrize("chunks", [None, 1, 2, 7])
def test_the_tag_follows_the_start_of_the_root(marked: str, chunks: int | None) -> None:
    assert put(marked.replace("^", "").encode(), chunks=chunks) == marked.encode()


@pytest.mark.parametrize("marked", PLACES)
def test_the_document_stays_well_formed_and_gets_one_xhtml_script(marked: str) -> None:
    before = ET.fromstring(marked.replace("^", "").encode())
    after = ET.fromstring(put(marked.replace("^", "").encode(), tag=TAG))
    script = after[0]
    assert script.tag == "{http://www.w3.org/1999/xhtml}script"
    assert script.attrib == {"src": "/_loc/reload.js", "async": "", "data-page": "/x"}
    after.remove(script)
    assert [each.tag for each in after.iter()] == [each.tag for each in before.iter()]


@pytest.mark.parametrize(
    "document",
    [
        f"<svg {SVG}/>",
        f"<svg {SVG}\n/>\n<!-- x -->",
        "",
        "  ",
        "text<svg>",
        "<![CDATA[ x ]]><svg></svg>",
        "<!doctype svg><svg></svg>",
        "<!-- <svg>",
        "<?xml",
        "<!DOCTYPE svg [ <svg></svg>",
        "<svg a='></svg>",
        "</svg>",
    ],
)
@pytest.mark.parametrize("chunks", [None, 1])
def test_a_document_without_a_place_passes_unchanged(document: str, chunks: int | None) -> None:
    assert put(document.encode(), chunks=chunks) == document.encode()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_utf16(mark: str, codec: str) -> None:
    marked = f'{mark}<?xml version="1.0" encoding="utf-16"?><svg {SVG} id="é">^<text>日本</text></svg>'
    for chunks in (None, 1, 3):
        assert put(marked.replace("^", "").encode(codec), chunks=chunks) == marked.encode(codec)


def test_a_document_whose_root_does_not_come_is_not_held_for_ever() -> None:
    injector = Injector("^", xml=True)
    endless = b"<!DOCTYPE svg [" + b"<!ENTITY a '<b>'>\n" * (MAX_BUFFERED // 18 - 1)
    assert injector.feed(endless) == b""
    more = b" " * (MAX_BUFFERED // 8)
    assert injector.feed(more) == endless + more
    assert injector.passing
