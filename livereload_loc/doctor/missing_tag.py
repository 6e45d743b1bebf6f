"""Why a page carries no tag, by the rules after which tags are put in."""

from __future__ import annotations

import re

from livereload_loc.doctor.finding import Finding
from livereload_loc.doctor.http_fetch import FetchedPage
from livereload_loc.inject.csp import forbids_scripts
from livereload_loc.inject.html.injector import Injector

_PYTHON_SERVERS = re.compile(r"uvicorn|werkzeug|wsgi|daphne|hypercorn|gunicorn|waitress", re.IGNORECASE)


def why_untagged(page: FetchedPage, origin: str, *, ours: bool) -> Finding:
    """What is wrong with ``page``; ``ours``: a server or middleware of loc-dev answers at its ``origin``."""
    if not ours:
        return Finding(False, "it carries no tag of loc-dev", _ways(page, origin))
    if b"<title>loc-dev" in page.body[:1000]:
        return Finding(
            False, "it is loc-dev's own page, and none of yours", "Name a page of your own server."
        )
    if page.headers.get_content_type() != "text/html":
        what = f"loc-dev puts no tag into {page.headers.get_content_type()}"
        return Finding(False, what, "Send it as text/html while you develop.")
    if coding := page.headers.get("Content-Encoding"):
        what = f"it comes compressed ({coding}) though nobody asked for it, so that no tag is put in"
        return Finding(False, what, "Turn compression off in your dev server.")
    if page.headers.get("Content-Disposition", "").strip().lower().startswith("attachment"):
        what = "it is a download (Content-Disposition: attachment), so that no tag is put in"
        return Finding(False, what, "Take that header off, if it is to be shown.")
    if forbids_scripts(page.headers.get_all("Content-Security-Policy") or []):
        what = "its Content-Security-Policy is a sandbox that lets no script run, so that no tag is put in"
        return Finding(False, what, "Add allow-scripts to the sandbox while you develop.")
    if not _has_place(page):
        what = "it has no place for a tag: it ends within a comment or a doctype"
        return Finding(False, what, "Close the comment with -->, or the doctype with >.")
    what = "loc-dev answers at this address, and yet it carries no tag"
    return Finding(
        False, what, "With a middleware: put it around the whole app, before what sends this page."
    )


def _ways(page: FetchedPage, origin: str) -> str:
    ways = (
        'Put <script src="http://localhost:8081" async></script> into its head and start loc-dev watch PATH, '
        f"or open it through loc-dev proxy {origin}."
    )
    if _PYTHON_SERVERS.search(page.headers.get("Server", "")):
        ways += (
            " If it has loc-dev's middleware, that is off: turn the app's debug flag on, or set LOC_DEV=1."
        )
    return ways


def _has_place(page: FetchedPage) -> bool:
    charset = page.headers.get_content_charset()
    injector = Injector(charset=charset)
    injector.feed(page.body)
    injector.close()
    return injector.added > 0
