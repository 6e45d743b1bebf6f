"""What browsers keep of a page and its assets, and whether a save shows all the same."""

from __future__ import annotations

import re

from livereload_loc.doctor.finding import Finding
from livereload_loc.doctor.http_fetch import FetchedPage


def kept_for(answer: FetchedPage) -> int:
    """The seconds for which a browser shows it again without asking, as far as it is told (RFC 9111)."""
    said = answer.headers.get("Cache-Control", "").lower()
    age = re.search(r"max-age\s*=\s*\"?(\d+)", said)
    return int(age[1]) if age and "no-cache" not in said and "no-store" not in said else 0


def page_cached(page: FetchedPage) -> Finding:
    """Whether a page may come from the browser's cache."""
    said = page.headers.get("Cache-Control", "")
    if seconds := kept_for(page):
        what = f"browsers may show it for {seconds:,} s without asking (Cache-Control: {said})"
        return Finding(False, what, "Send Cache-Control: no-cache while you develop.")
    why = f"Cache-Control: {said}" if said else "no Cache-Control says that it may be kept"
    return Finding(True, f"it is asked for anew at each reload ({why})")


def asset_answer(path: str, answer: FetchedPage, file: Finding | None) -> Finding:
    """What comes of an asset, together with what is known of its ``file``."""
    if answer.status >= 400:
        what = f"{path} answers with {answer.status}"
        return Finding(False, what, "Mend the address in the page, or make the file.")
    if file is None:
        file = Finding(True, f"{path} is no file of what is watched; name its folder, too, if you edit it")
    if file.well and (seconds := kept_for(answer)):
        kept = f"; browsers keep it for {seconds:,} s, which is well: a save is fetched past their cache"
        return Finding(True, file.what + kept)
    return file
