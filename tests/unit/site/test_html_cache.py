"""Pages of a site with the tag in them."""

from __future__ import annotations

import re

from livereload_loc.site.html_cache import HtmlCache


def test_a_page_names_its_version_where_it_may_change_in_place() -> None:
    pages = [HtmlCache(in_place=True).make(text) for text in (b"<p>one", b"<p>two", b"<p>one")]
    ids = [re.findall(rb' data-id="(\w+)"', page.body) for page in pages]
    assert ids[0] == ids[2] != ids[1]
    assert [len(found) for found in ids] == [1, 1, 1]
    assert pages[0].etag == pages[2].etag != pages[1].etag
    for page in pages:
        assert dict(page.headers)[b"content-length"] == b"%d" % len(page.body)


def test_what_was_kept_with_another_tag_is_not_kept_on() -> None:
    with_id, without = HtmlCache(in_place=True).make(b"<p>one"), HtmlCache().make(b"<p>one")
    assert b"data-id" not in without.body
    assert with_id.etag != without.etag
