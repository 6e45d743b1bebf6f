"""``expect``, for elements in every engine."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect as playwright_expect

from tests.support.waiting import DEADLINE
from tests.support.webkit.expectations import Expectations
from tests.support.webkit.locator import Locator

playwright_expect.set_options(timeout=DEADLINE * 1000)  # not 5 s, which a busy machine needs at times


def expect(element: Any) -> Any:
    """Wait until what is expected of an element holds."""
    return Expectations(element) if isinstance(element, Locator) else playwright_expect(element)
