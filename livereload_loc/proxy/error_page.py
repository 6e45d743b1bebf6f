"""The page for a browser where the upstream gives no response that could be passed on."""

from __future__ import annotations

import html

from livereload_loc.httputil.headers import HeaderList
from livereload_loc.httputil.text import html_page
from livereload_loc.proxy.connect import UpstreamUnreachable
from livereload_loc.proxy.response_parser import UpstreamFailed
from livereload_loc.proxy.target import UpstreamTarget

# It needs no script and no policy forbids it. The old page stays in view until the next response, which is
# held until the server is back.
_REFRESH = '\n<meta http-equiv="refresh" content="1">'


def unavailable(
    target: UpstreamTarget, error: UpstreamFailed, method: str, *, page: bool
) -> tuple[HeaderList, bytes]:
    """Return headers and body of the 502: a page for a person, one line for a program."""
    hopeless = isinstance(error, UpstreamUnreachable) and error.hopeless
    away = isinstance(error, UpstreamUnreachable) and not hopeless
    title = f"{target.origin} {'does not answer' if away else 'sent no valid response'}"
    # Only what was never sent may be asked for again and again: the server may have died over the request.
    again = away and method == "GET"
    if again:
        advice = "This page reloads as soon as the server answers."
    elif hopeless:
        advice = "Fix that, then restart loc-dev."
    elif method == "GET":
        advice = "The output of the server may say more. Reload this page to try again."
    else:
        advice = "What you sent may not have arrived. Go back and send it again once the server answers."
    if page:
        detail = html.escape(error.sentence)
        body = html_page(title, f"<p>{detail}</p>\n<p>{advice}</p>", _REFRESH if again else "")
    else:
        body = f"loc-dev: {title}. {error.sentence}\n".encode()
    headers = [
        (b"content-type", b"text/%s; charset=utf-8" % (b"html" if page else b"plain")),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return headers, body
