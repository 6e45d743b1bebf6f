"""The scripts that pages run, ready to be served.

The package holds them readable and typed. What is served lacks their comments and their indentation.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from livereload_loc.httputil.etags import is_known
from livereload_loc.httputil.text import package_text

# The client that each page loads, and the parts that it loads when it needs them.
CORE = "reload.js"
PARTS = (
    *("apply.js", "forms.js", "frames.js", "inplace.js"),
    *("keep.js", "memory.js", "panel.js", "refusals.js"),
)
SCRIPTS = (CORE, *PARTS)

# The scripts that are made of the modules in a folder: each comes after those that it imports.
JOINED = {
    CORE: (
        *("native", "helpers", "session", "tag", "parts", "page", "timing", "navigation", "overlay"),
        *("connection", "handover", "reloading", "updates", "main"),
    ),
    "apply.js": (
        *("clean", "trusted", "urls", "decision", "stamps", "usage"),
        *("refetching", "references", "swapping", "in_place", "updates", "cache", "preparing"),
    ),
    "inplace.js": (
        *("tree", "acting", "alignment", "compare", "locating", "plan"),
        *("reading", "parsing", "choices", "texts", "apply", "asking", "updates"),
    ),
    "keep.js": ("departure", "fields", "places", "editing", "filling", "scrolling", "snapshot"),
}

# An import, from a module of the core where a part names it, and an export.
_IMPORT = re.compile(r'import \{ (.+) \} from "\.{1,2}/(reload/)?\w+\.js";')
# A type within a line.
_CAST = re.compile(r"/\*\* @type \{.*?\} \*/ (?=\S)")

_EXPORT = re.compile(r"export (?:(?:async )?function|class|const|let) (\w+)")

# Loads the client where pages look for LiveReload's.
LIVERELOAD = "livereload.js"

# Shows how many visitors are online.
WIDGET = "widget.js"


@dataclass(frozen=True, slots=True)
class Script:
    """One script as it is served. ``version`` is a digest of its text, for ``?v=`` and the ETag."""

    body: bytes
    version: str

    def response_head(self, version: str, known: str) -> tuple[int, dict[str, str]]:
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
    sources = [source(module) for module in modules(name)]
    if name == CORE:
        parts = (source(module) for part in PARTS for module in modules(part))
        return join_core(sources, core_imports(parts))
    return join_part(sources) if name in PARTS else lighten(sources[0])


def modules(name: str) -> tuple[str, ...]:
    """Return the files that a script is made of."""
    return tuple(f"{name[:-3]}/{module}.js" for module in JOINED.get(name, ())) or (name,)


def source(name: str) -> str:
    """Return a file of the client as the package holds it."""
    folder = "counter" if name == WIDGET else "web/client"
    return package_text(f"{folder}/{name}")


def join_core(sources: Sequence[str], shared: Iterable[str]) -> str:
    """Return one classic script that does what these ES modules do, and hands ``shared`` to the parts.

    They keep to rules that make this safe, beside those of ``lighten``:

    - An import fills one line and keeps the names: ``import { a, b } from "./c.js";``
    - An export is the word before a declaration; there is no default.
    - A name at the top level of one module is in no other's, and no global of the browser but for those that
      stand for it, where a page may have replaced it.
    - Only the last module acts at its top level; the others declare, read and listen.
    """
    *others, last = sources
    hand_over = f"shared = () => ({{ {', '.join(shared)} }});"
    return "\n".join(["(() => {", '"use strict";', *_body(others), hand_over, *_body([last]), "})();", ""])


def join_part(sources: Iterable[str]) -> str:
    """Return one ES module: ``link`` takes what its modules import of the core, and returns their exports.

    The same rules hold, and none of the modules acts.
    """
    texts = list(sources)
    exports = _EXPORT.findall("\n".join(map(lighten, texts)))
    head = f"export const link = ({{ {', '.join(core_imports(texts))} }}) => {{"
    return "\n".join([head, *_body(texts), f"return {{ {', '.join(exports)} }};", "};", ""])


def core_imports(sources: Iterable[str]) -> list[str]:
    """Return the names that these modules of parts import of the core."""
    found = _IMPORT.findall("\n".join(sources))
    return sorted({name for names, core in found if core for name in names.split(", ")})


def _body(sources: Iterable[str]) -> list[str]:
    lines = [line for source in sources for line in lighten(source).splitlines()]
    return [line.removeprefix("export ") for line in lines if line and not line.startswith("import ")]


def lighten(source: str) -> str:
    """Empty the lines that are comments only, and take off indentation and casts; lines keep their numbers.

    The scripts keep to two rules that make this safe: comments that are no casts stand on lines of their own,
    and no template literal spans lines.
    """
    lines: list[str] = []
    inside = False
    for line in source.splitlines():
        text = _CAST.sub("", line.strip())
        if not inside and text.startswith("/*"):
            inside = True
        comment = inside or text.startswith("//")
        if inside and text.endswith("*/"):
            inside = False
        lines.append("" if comment else text)
    return "\n".join(lines) + "\n"
