"""The scripts that pages run, ready to be served.

The package holds them readable and typed. What is served lacks their comments and their indentation.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from livereload_loc.httputil.etags import is_known

# The client that each page loads, and the parts that it loads when it first needs them.
SCRIPTS = ("reload.js", "cache.js", "frames.js", "keep.js", "panel.js", "swap.js")

# The modules that reload.js is made of: each comes after those that it imports.
RELOAD_MODULES = (
    *("helpers", "urls", "decision", "session", "tag", "page", "usage", "navigation", "refetching"),
    *("overlay", "refusals", "connection", "handover", "reloading", "updates", "main"),
)

# Loads the client where pages look for LiveReload's.
LIVERELOAD = "livereload.js"

# Shows how many visitors are online.
WIDGET = "widget.js"


@dataclass(frozen=True, slots=True)
class Script:
    """One script as it is served. ``version`` is a digest of its text, for ``?v=`` and the ETag."""

    body: bytes
    version: str

    def answer(self, version: str, known: str) -> tuple[int, dict[str, str]]:
        """Return status and headers for a request with ``?v=version`` and the If-None-Match ``known``.

        Pages of any origin may load a script. Browsers revalidate it at each use, or keep it for ever when
        they ask for the version that it is.
        """
        etag = f'"{self.version}"'
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": etag,
            "Cache-Control": "public, max-age=31536000, immutable" if version == self.version else "no-cache",
            "X-Content-Type-Options": "nosniff",
        }
        if is_known(etag.encode(), known.encode("latin-1", "replace")):
            return 304, headers
        return 200, {**headers, "Content-Type": "text/javascript; charset=utf-8"}

    @property
    def integrity(self) -> str:
        """Return the digest of the script as Subresource Integrity writes it."""
        return f"sha256-{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}"


@cache
def script(*names: str) -> Script:
    """Return a script, ``reload.js``, say, or several as one.

    Raises:
        FileNotFoundError: there is no such script.
    """
    body = "".join(map(_served, names)).encode()
    return Script(body, hashlib.sha256(body).hexdigest()[:16])


def _served(name: str) -> str:
    if name == "reload.js":
        return join_modules(source(f"reload/{module}.js") for module in RELOAD_MODULES)
    return lighten(source(name))


def source(name: str) -> str:
    """Return a script as the package holds it."""
    folder = "counter" if name == WIDGET else "web/client"
    return resources.files(__name__.partition(".")[0]).joinpath(folder, name).read_text("utf-8")


def join_modules(sources: Iterable[str]) -> str:
    """Return one classic script that does what these ES modules do.

    They keep to rules that make this safe, beside those of ``lighten``:

    - An import fills one line and keeps the names: ``import { a, b } from "./c.js";``
    - An export is the word before a declaration; there is no default.
    - A name at the top level of one module is in no other's, and no global of the browser.
    - Only the last module acts at its top level; the others declare, read and listen.
    """
    lines = [line for source in sources for line in lighten(source).splitlines()]
    kept = [line.removeprefix("export ") for line in lines if line and not line.startswith("import ")]
    return "\n".join(["(() => {", '"use strict";', *kept, "})();", ""])


def lighten(source: str) -> str:
    """Empty the lines that are comments only and take off indentation, so that lines keep their numbers.

    The scripts keep to two rules that make this safe: comments stand on lines of their own, and no template
    literal spans lines.
    """
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        text = line.strip()
        if not inside and text.startswith("/*"):
            inside = True
        comment = inside or text.startswith("//")
        if inside and text.endswith("*/"):
            inside = False
        lines.append("" if comment else text)
    return "\n".join(lines) + "\n"
