"""Pages of our own for folders without an index and for what is not there."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from urllib.parse import quote

from livereload_loc.site.resolver import is_private

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


def listing(folder: str, shown: str, has_address: Callable[[str], bool]) -> bytes:
    """The files and folders in ``folder``, which the page calls ``shown``; names are text, never markup, and
    no links where they have no address.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        visible = [
            (not entry.is_dir(), entry.name) for entry in entries if not is_private(os.fsencode(entry.name))
        ]
    rows = ['<li><a href="../">../</a></li>'] if shown != "/" else []
    for is_file, name in sorted(visible):
        slash = "" if is_file else "/"
        # "./" before it, for a name like "javascript:x" would be an address of its own.
        link = "./" + quote(os.fsencode(name)) + slash
        written = f"{_text(name)}{slash}"
        rows.append(
            f'<li><a href="{link}">{written}</a></li>' if has_address(name) else f"<li>{written}</li>"
        )
    return _page(
        f"Index of {_text(shown)}", f"<ul>\n{chr(10).join(rows)}\n</ul>" if rows else "<p>Empty.</p>"
    )


def missing(shown: str) -> bytes:
    """There is nothing at ``shown``; the page reloads when there is."""
    return _page("Not found", f"<p>There is no {_text(shown)} yet. This page reloads when it appears.</p>")


def _page(title: str, body: str) -> bytes:
    return _FRAME.format(title=title, body=body).encode()


def _text(name: str) -> str:
    return html.escape(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
