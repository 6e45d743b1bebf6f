"""The scripts that pages run, ready to be served.

They are kept as they are written, readable and typed; what is served has its whole-line comments and its
indentation taken off, line for line, so that a line number in the console is the one of the source.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from livereload_loc.httputil.etags import is_known

SCRIPTS = ("reload.js", "cache.js", "frames.js", "keep.js", "panel.js", "swap.js")
"""The client that each page loads, and the parts that it asks for when it first needs them."""

LIVERELOAD = "livereload.js"
"""What fetches the client where LiveReload's is looked for."""

WIDGET = "widget.js"
"""What shows how many are online."""


@dataclass(frozen=True, slots=True)
class Script:
    """One script as it is served; ``version`` is a digest of its text, for ``?v=`` and the ETag."""

    body: bytes
    version: str

    def answer(self, version: str, known: str) -> tuple[int, dict[str, str]]:
        """Status and headers for a request with ``?v=version`` and the If-None-Match ``known``.

        Any page may have it: revalidated at each use, or kept for ever under the version that it is.
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
        """The digest of the script as Subresource Integrity writes it."""
        return f"sha256-{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}"


@cache
def script(*names: str) -> Script:
    """The script ``reload.js``, say, or several as one.

    Raises:
        FileNotFoundError: there is no such script.
    """
    package = resources.files(__name__.partition(".")[0])
    folders = {WIDGET: "counter"}
    sources = [package.joinpath(folders.get(name, "web/client"), name).read_text("utf-8") for name in names]
    body = "".join(map(lighten, sources)).encode()
    return Script(body, hashlib.sha256(body).hexdigest()[:16])


def lighten(source: str) -> str:
    """Empty the lines that are comments only and take off indentation; no line goes, none is added.

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
