"""Text as it can be sent: files of the package, pages, and names without surrogates."""

from __future__ import annotations

import html
from functools import cache

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">{head}
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }}
body {{ max-width: 46rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere }}
ul {{ list-style: none; padding: 0 }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


@cache
def package_text(path: str) -> str:
    """Return the text of a file of the package, by its path below the package."""
    from importlib import resources  # takes long to import, and not all who import us read files

    return resources.files(__name__.partition(".")[0]).joinpath(path).read_text("utf-8")


def html_page(title: str, body: str, head: str = "") -> bytes:
    """Return a small page of our own; ``body`` and ``head`` are HTML, and ``title`` is text."""
    return _PAGE.format(title=html.escape(title), body=body, head=head).encode()


def without_surrogates(text: str) -> str:
    """Return ``text`` with a U+FFFD for what is not UTF-8: bytes of a name (PEP 383), lone surrogates."""
    try:
        # In the C locale all that is not ASCII comes as such bytes, and most of it is UTF-8.
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
