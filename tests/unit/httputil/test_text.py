"""Text as it can be sent."""

from __future__ import annotations

import pytest

from livereload_loc.httputil.text import html_page, without_surrogates


@pytest.mark.parametrize(
    ("text", "sent"),
    [("plain", "plain"), ("grün 🎈", "grün 🎈"), ("gr\udcfcn", "gr\ufffdn"), ("\ud83d", "\ufffd")],
)
def test_what_is_no_character_is_replaced(text: str, sent: str) -> None:
    assert without_surrogates(text) == sent


def test_a_title_is_text_and_a_body_is_html() -> None:
    page = html_page("<x>", "<p>y</p>", "<meta z>").decode()
    assert page.count("&lt;x&gt;") == 2
    assert "<p>y</p>\n</body>" in page
    assert "<meta z>\n<title>" in page
