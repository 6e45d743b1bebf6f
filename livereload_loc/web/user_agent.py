"""Which browser it is, from its User-Agent: for people to tell their windows apart, and for nothing else."""

from __future__ import annotations

import re

UNKNOWN = "browser"

_LOOKED_AT = 512
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
"""By what stands before the slash; the first of them counts, since each claims to be those below it too."""

_PRODUCT = re.compile(r"\b([A-Za-z]{1,20})/(\d{1,4})(?!\d)", re.ASCII)


def browser_name(agent: str | None) -> str:
    """Its name and major version, such as ``Chrome 156``, or ``browser``.

    The header is anybody's to write: nothing of it but a number gets into the name.
    """
    text = (agent or "")[:_LOOKED_AT]
    products: dict[str, str] = dict(reversed(_PRODUCT.findall(text)))  # the first of a name counts
    for product, name in _NAMES.items():
        if product in products and (product != "Version" or "Safari" in products):
            return f"{name} {products[product]}"
    return UNKNOWN
