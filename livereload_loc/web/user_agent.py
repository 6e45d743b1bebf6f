"""The name of a browser from its User-Agent, so that people can tell their windows apart."""

from __future__ import annotations

import re

UNKNOWN = "browser"

_MAX_LENGTH = 512

# By the product before the slash. The first one found counts, since each claims to be those below it, too.
_NAMES = {
    "Edg": "Edge",
    "EdgA": "Edge",
    "EdgiOS": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "HeadlessChrome": "Chrome",
    "Chrome": "Chrome",
    "Version": "Safari",
}

_PRODUCT = re.compile(r"\b([A-Za-z]{1,20})/(\d{1,4})(?!\d)", re.ASCII)


def browser_name(agent: str | None) -> str:
    """Return name and major version, such as ``Chrome 156``, or ``browser``.

    Anybody can write the header: only a number of it gets into the name.
    """
    text = (agent or "")[:_MAX_LENGTH]
    products: dict[str, str] = dict(reversed(_PRODUCT.findall(text)))  # the first of a name counts
    for product, name in _NAMES.items():
        if product in products and (product != "Version" or "Safari" in products):
            return f"{name} {products[product]}"
    return UNKNOWN
