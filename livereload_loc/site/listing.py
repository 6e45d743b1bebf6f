"""Our own pages of a site: the listing of a folder without an index, and the page of a missing file."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from urllib.parse import quote

from livereload_loc.httputil.text import html_page, without_surrogates


def listing(folder: str, names: Mapping[str, bool]) -> bytes:
    """Return a page that lists ``names``, folders first, each with whether it is a link.

    ``folder`` is the URL path of the folder, decoded; the names of folders in it end in a slash.
    """
    rows = ['<li><a href="../">../</a></li>'] if folder != "/" else []
    for name in sorted(names, key=lambda name: (not name.endswith("/"), name.removesuffix("/"))):
        # Without "./" a name like "javascript:x" would be a URL of its own.
        link = f"./{quote(os.fsencode(name))}"
        text = html.escape(without_surrogates(name))
        rows.append(f'<li><a href="{link}">{text}</a></li>' if names[name] else f"<li>{text}</li>")
    body = "\n".join(["<ul>", *rows, "</ul>"]) if rows else "<p>This folder is empty.</p>"
    return html_page(f"Index of {without_surrogates(folder)}", body)


def not_found(shown: str) -> bytes:
    """Return the page for a path where nothing is yet."""
    return html_page(
        "Not found", f"<p>{html.escape(shown)} does not exist. This page reloads when it appears.</p>"
    )
