"""What several tests ask of a page."""

from __future__ import annotations

from playwright.sync_api import Page

# A page that has a script of its own is reloaded where others change in place.
OWN_SCRIPT = "<script>window.own = 1</script>"


def mark(page: Page) -> None:
    """Leave what a reload would wipe away."""
    page.evaluate("() => { window.marked = true }")


def is_marked(page: Page) -> bool:
    """Whether the page is still the one that was marked."""
    return bool(page.evaluate("() => window.marked === true"))


def shows(page: Page, selector: str, name: str, value: str) -> None:
    """Wait until the computed style of an element is so, also across a reload."""
    page.wait_for_function(
        "([selector, name, value]) => { const element = document.querySelector(selector);"
        " return element && getComputedStyle(element).getPropertyValue(name).trim() === value }",
        arg=[selector, name, value],
    )


def holds(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true in the page, also across a reload."""
    page.wait_for_function(f"() => {{ try {{ return {expression} }} catch {{ return false }} }}")


def reloaded(page: Page) -> None:
    """Wait until a marked page was reloaded and has loaded anew."""
    holds(page, "!window.marked && document.readyState === 'complete'")
