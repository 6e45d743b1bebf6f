"""The short name of a browser."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.web.user_agent import browser_name

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/156.0.0.0 Safari/537.36", "Chrome 156"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36", "Chrome 156"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge 140"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/138.0 Safari/537.36 OPR/122.0.0", "Opera 122"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140"),
        (f"Mozilla/5.0 (Macintosh) {WEBKIT} Version/18.0 Safari/605.1.15", "Safari 18"),
        (f"Mozilla/5.0 (iPhone) {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18"),
        (f"Mozilla/5.0 (iPhone) {WEBKIT} CriOS/141.0.1 Mobile/15E148 Safari/604.1", "Chrome 141"),
        (f"Mozilla/5.0 (iPhone) {WEBKIT} FxiOS/140.0 Mobile/15E148 Safari/604.1", "Firefox 140"),
        (f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
         "Samsung Internet 28"),
        ("Python/3.14 websockets/16.0", "browser"),
        ("Version/3", "browser"),
        ("Chrome/99999", "browser"),
        ("Chrome/\N{ARABIC-INDIC DIGIT ONE}", "browser"),
        ("", "browser"),
        (None, "browser"),
    ],
)  # fmt: skip
def test_it_is_short(agent: str | None, name: str) -> None:
    assert browser_name(agent) == name


@given(
    st.text()
    | st.builds(lambda a, b, c: f"{a}/{b}{c}", st.sampled_from(["Chrome", "Edg"]), st.text(), st.text())
)
def test_nothing_hostile_gets_into_it(agent: str) -> None:
    assert re.fullmatch(
        r"browser|(Chrome|Edge|Opera|Firefox|Safari|Samsung Internet) [0-9]{1,4}", browser_name(agent)
    )
