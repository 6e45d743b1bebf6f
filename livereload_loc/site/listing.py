"""Our own pages of a site: the listing of a folder without an index, and the page of a missing file."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from urllib.parse import quote

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }}
body {{ max-width: 46rem; margin: 3rem auto; padding: 0 1rem }}
ul {{ list-style: none; padding: 0 }} li {{ overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def listing(folder: str, names: Mapping[str, bool]) -> bytes:
    """Return a page that lists ``names``, folders first, each with whether it is a link.

    ``folder`` is the URL path of the folder, decoded; the names of folders in it end in a slash.
    """
    rows = ['<li><a href="../">../</a></li>'] if folder != "/" else []
    for name in sorted(names, key=lambda name: (not name.endswith("/"), name.removesuffix("/"))):
        # Without "./" a name like "javascript:x" would be a URL of its own.
        link = f"./{quote(os.fsencode(name))}"
        rows.append(
            f'<li><a href="{link}">{_text(name)}</a></li>' if names[name] else f"<li>{_text(name)}</li>"
        )
    body = "\n".join(["<ul>", *rows, "</ul>"]) if rows else "<p>This folder is empty.</p>"
    return _page(f"Index of {_text(folder)}", body)


def not_found(shown: str) -> bytes:
    """Return the page for a path where nothing is yet."""
    return _page("Not found", f"<p>{_text(shown)} does not exist. This page reloads when it appears.</p>")


def _page(title: str, body: str) -> bytes:
    return _FRAME.format(title=title, body=body).encode()


def _text(name: str) -> str:
    return html.escape(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
