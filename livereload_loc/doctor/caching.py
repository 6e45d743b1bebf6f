"""Says what browsers keep of a page and its assets, and whether a save shows nevertheless."""

from __future__ import annotations

import re

from livereload_loc.doctor.check_result import CheckResult
from livereload_loc.doctor.http_fetch import FetchedResponse


def page_result(page: FetchedResponse) -> CheckResult:
    """Say whether browsers fetch the page at each reload."""
    control = page.headers.get("Cache-Control", "")
    if seconds := fresh_seconds(page):
        text = f"browsers may show it for {seconds:,} s without asking the server (Cache-Control: {control})"
        return CheckResult(False, text, "Send Cache-Control: no-cache during development.")
    why = f"Cache-Control: {control}" if control else "no Cache-Control allows browsers to keep it"
    return CheckResult(True, f"browsers fetch it at each reload ({why})")


def asset_result(path: str, response: FetchedResponse, file: CheckResult | None) -> CheckResult:
    """Say whether saves of an asset show; ``file`` is what is known of its file."""
    if response.status >= 400:
        text = f"{path} responds with {response.status}"
        return CheckResult(False, text, "Fix the address in the page, or create the file.")
    if file is None:
        return CheckResult(True, f"{path} is not a file in a watched folder; watch its folder if you edit it")
    if file.ok and (seconds := fresh_seconds(response)):
        kept = f"; browsers keep it for {seconds:,} s, but after a save it is fetched past their cache"
        return CheckResult(True, file.text + kept)
    return file


def fresh_seconds(response: FetchedResponse) -> int:
    """Return for how long a browser may reuse a response without asking, as its headers say (RFC 9111)."""
    control = response.headers.get("Cache-Control", "").lower()
    age = re.search(r"max-age\s*=\s*\"?(\d+)", control)
    return int(age[1]) if age and "no-cache" not in control and "no-store" not in control else 0
