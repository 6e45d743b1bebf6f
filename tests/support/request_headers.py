"""Headers that browsers send for a page, beyond those of a plain navigation."""

from __future__ import annotations

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_EMPTY = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}

# By what it is that asks.
PAGES = {
    "a worker in Firefox": {
        **_EMPTY,
        "Accept": _ACCEPT,
        "Sec-Fetch-Mode": "same-origin",
        "Upgrade-Insecure-Requests": "1",
    },
    "a worker in Chromium": {**_EMPTY, "Accept": _ACCEPT, "Sec-Fetch-Mode": "navigate"},
    "our script": {**_EMPTY, "Accept": _ACCEPT, "Sec-Fetch-Mode": "cors", "Loc-Dev": "page"},
}
# A link with download, in Chromium.
DOWNLOAD = {**_EMPTY, "Accept": "*/*", "Sec-Fetch-Mode": "navigate", "Upgrade-Insecure-Requests": "1"}
