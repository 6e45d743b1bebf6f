"""What is expected of elements in WebKit, as Playwright's ``expect`` words it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from selenium.common.exceptions import WebDriverException

from tests.support.waiting import DEADLINE
from tests.support.webkit.locator import Locator


class Expectations:
    """Wait for each of them until it holds."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def to_have_count(self, count: int) -> None:
        self._wait("all.length", lambda found: found == count, count)

    def to_have_text(self, expected: str | re.Pattern[str], timeout: float = DEADLINE * 1000) -> None:
        def holds(text: str | None) -> bool:
            return text is not None and _matches(expected, text, whole=True)

        self._wait(TEXT, holds, expected, timeout / 1000)

    def to_contain_text(self, expected: str | re.Pattern[str]) -> None:
        self._wait(TEXT, lambda text: text is not None and _matches(expected, text, whole=False), expected)

    def to_be_visible(self, timeout: float = DEADLINE * 1000) -> None:
        self._wait("all.some(isShown)", bool, "visible", timeout / 1000)

    def to_be_hidden(self) -> None:
        self._wait("!all.some(isShown)", bool, "hidden")

    def to_be_focused(self) -> None:
        self._wait("all.length === 1 && all[0].getRootNode().activeElement === all[0]", bool, "focused")

    def to_have_css(self, name: str, value: str) -> None:
        style = f"all.length === 1 && getComputedStyle(all[0]).getPropertyValue({name!r})"
        self._wait(style, lambda found: found == value, value)

    def to_have_attribute(self, name: str, value: str) -> None:
        self._wait(f"all.length === 1 && all[0].getAttribute({name!r})", lambda found: found == value, value)

    def _wait(
        self, expression: str, holds: Callable[[Any], bool], expected: object, within: float = DEADLINE
    ) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                found = self._locator.read(expression)
            except WebDriverException as error:  # on the way to the next document
                found = error.msg
            else:
                if holds(found):
                    return
            assert time.monotonic() < deadline, f"{self._locator}: expected {expected!r}, found {found!r}"
            time.sleep(0.01)


TEXT = "all.length === 1 ? words(textOf(all[0])) : null"


def _matches(expected: str | re.Pattern[str], text: str, *, whole: bool) -> bool:
    if isinstance(expected, re.Pattern):
        return bool(expected.search(text))
    expected = " ".join(expected.split())
    return text == expected if whole else expected in text
