"""Says why a page has no script tag, by the rules that decide which pages get one."""

from __future__ import annotations

import re

from livereload_loc.doctor.http_fetch import FetchedResponse
from livereload_loc.inject.csp import forbids_scripts
from livereload_loc.inject.headers import PAGES
from livereload_loc.inject.html.injector import Injector

_PYTHON_SERVERS = re.compile(r"uvicorn|werkzeug|wsgi|daphne|hypercorn|gunicorn|waitress", re.IGNORECASE)


def why_untagged(page: FetchedResponse, origin: str, *, ours: bool) -> tuple[str, str]:
    """Return what is wrong with ``page``, and what to do; ``ours``: loc-dev responds at its ``origin``."""
    headers = page.headers
    if not ours:
        return "it has no script tag of loc-dev", _how_to_tag(headers.get("Server", ""), origin)
    if b"<title>loc-dev" in page.body[:1000]:
        return "it is a page of loc-dev itself", "Name a page of your own server."
    if headers.get_content_type() not in PAGES:
        return (
            f"loc-dev adds no script tag to {headers.get_content_type()}",
            "Send it as text/html during development.",
        )
    if coding := headers.get("Content-Encoding"):
        return (
            f"it gets no script tag because it is compressed ({coding}), which was not asked for",
            "Turn off compression in your dev server.",
        )
    if headers.get("Content-Disposition", "").strip().lower().startswith("attachment"):
        return (
            "it gets no script tag because it is a download (Content-Disposition: attachment)",
            "Remove that header if browsers should show the page.",
        )
    if forbids_scripts(headers.get_all("Content-Security-Policy") or []):
        return (
            "it gets no script tag because its Content-Security-Policy is a sandbox without scripts",
            "Add allow-scripts to the sandbox during development.",
        )
    if not _has_place(page):
        if _is_xml(page):
            return (
                "it has no place for a script tag: its root element is empty, or it is not well-formed",
                "Put something between the start tag and the end tag of its root.",
            )
        return (
            "it has no place for a script tag: it ends inside a comment or a doctype",
            "Close the comment with -->, or the doctype with >.",
        )
    return (
        "it has no script tag although loc-dev responds at its address",
        "If you use a middleware, wrap it around the whole app, outside of what sends this page.",
    )


def _how_to_tag(server: str, origin: str) -> str:
    fix = (
        'Add <script src="http://localhost:8081" async></script> to its head and run loc-dev watch PATH, '
        f"or open the page through loc-dev proxy {origin}."
    )
    if _PYTHON_SERVERS.search(server):
        fix += " If the app has loc-dev's middleware, turn on its debug flag, or set LOC_DEV=1."
    return fix


def _is_xml(page: FetchedResponse) -> bool:
    return page.headers.get_content_type() != "text/html"


def _has_place(page: FetchedResponse) -> bool:
    injector = Injector(charset=page.headers.get_content_charset(), xml=_is_xml(page))
    injector.feed(page.body)
    injector.close()
    return injector.added > 0
