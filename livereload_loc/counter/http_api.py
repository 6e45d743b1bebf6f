"""The counter over HTTP: a site's figure and badge for everyone, all figures for the owner."""

from __future__ import annotations

import base64
import hmac
import html
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from livereload_loc.access import PRIVATE, Refusal
from livereload_loc.counter import metrics
from livereload_loc.counter.badges import badge, sparkline
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.sites import MAX_NAME, site_of
from livereload_loc.httputil.hosts import is_local, is_loopback, split_authority
from livereload_loc.urls import PREFIX

# The most sites on the page for people, and on the status page, which is updated with each change.
MAX_SHOWN = 200
MAX_SHOWN_LIVE = 30

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_PUBLIC = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=10",
    "Content-Security-Policy": "default-src 'none'",
}


def refuse_stranger(peer: str | None, headers: Headers, token: str | None) -> Refusal | None:
    """Refuse what is the owner's to anyone who neither is on this machine nor sends the token.

    Behind a proxy on this machine, every request comes from here; the proxy's headers give it away. A page
    whose name was pointed at this machine is known by its Host (DNS rebinding).
    """
    if token and _is_token(headers.get("authorization", ""), token):
        return None
    named = split_authority(headers.get("host", ""))
    is_here = peer is not None and is_loopback(peer) and named is not None and is_local(named[0])
    if is_here and not any(name in headers for name in _FORWARDED):
        return None
    if token:
        return Refusal(401, "this needs the admin token")
    return Refusal(403, "this is only for the machine that the counter runs on", "--admin-token", "TOKEN")


class SiteFigures(NamedTuple):
    """The figures of one site; the peaks are known of sites that this node has seen recently."""

    site: str
    total: int
    peak: int | None = None
    peaks: Sequence[int] = ()


class CounterApi:
    """The endpoints of the counter; none of them changes anything."""

    def __init__(self, counter: Counter, token: str | None = None) -> None:
        self._counter, self._token = counter, token

    def routes(self) -> list[BaseRoute]:
        """Return the routes that other apps add to theirs."""
        return [
            Route(f"{PREFIX}/badge/{{site}}.svg", self.badge),
            Route(f"{PREFIX}/api/totals", self.totals),
            Route(f"{PREFIX}/metrics", self.metrics),
        ]

    async def badge(self, request: Request) -> Response:
        """Serve the visitors of a site as a picture."""
        site = request.path_params["site"].lower()
        if len(site) > MAX_NAME or site not in self._counter.counted:
            return PlainTextResponse("There is no such site.\n", 404, _PUBLIC)
        total, is_stale = self._counter.store.total(site), self._counter.store.state == "stale"
        return Response(badge("online", f"{total:,}", faded=is_stale), 200, _PUBLIC, "image/svg+xml")

    async def totals(self, request: Request) -> Response:
        """Serve the figure of the site that asks, or with the token those of all sites."""
        store = self._counter.store
        if self._token and _is_token(request.headers.get("authorization", ""), self._token):
            return _json({"state": store.state, "totals": dict(store.totals())})
        origin = request.headers.get("origin")
        if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
            origin = f"http://{request.headers.get('host', '')}"  # browsers leave it out for a page of ours
        site = site_of(origin)
        if site is None or site not in self._counter.counted:
            return PlainTextResponse("Refused: this site is not counted here.\n", 403, PRIVATE)
        response = _json({"site": site, "total": store.total(site), "state": store.state})
        response.headers["Vary"] = "Origin"
        if "origin" in request.headers:
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def metrics(self, request: Request) -> Response:
        """Serve the figures for Prometheus."""
        if refusal := self.refuse(request):
            return refusal
        text = metrics.exposition(metrics.families(self._counter))
        return Response(text, 200, PRIVATE, metrics.CONTENT_TYPE)

    async def status(self, request: Request) -> Response:
        """Serve all figures for programs."""
        if refusal := self.refuse(request):
            return refusal
        counter, store = self._counter, self._counter.store
        figures = {"state": store.state, "totals": dict(store.totals()), "refused": dict(counter.refusals)}
        return _json({"visitors": counter.visitors, "joined": counter.joined, **figures})

    def refuse(self, request: Request) -> Response | None:
        """Return the response to a stranger, who may not see what is the owner's."""
        refusal = refuse_stranger(request.client and request.client.host, request.headers, self._token)
        return PlainTextResponse(refusal.text, refusal.status, refusal.headers) if refusal else None

    def sites(self) -> list[Mapping[str, object]]:
        """Return the figures of the fullest sites, the fullest first."""
        return [self._figures(site)._asdict() for site in self._fullest()[:MAX_SHOWN_LIVE]]

    def table(self) -> str:
        """Return the figures as an HTML table, the fullest site first."""
        sites = self._fullest()
        if not sites:
            return "<p>Nobody is on any site right now.</p>"
        rows = "".join(
            f"<tr><td>{html.escape(site)}</td><td>{total:,}</td>"
            + ("<td></td><td></td>" if peak is None else f"<td>{peak:,}</td><td>{sparkline(peaks)}</td>")
            + "</tr>"
            for site, total, peak, peaks in map(self._figures, sites[:MAX_SHOWN])
        )
        more = f"<p>and {len(sites) - MAX_SHOWN:,} more</p>" if len(sites) > MAX_SHOWN else ""
        is_stale = self._counter.store.state == "stale"
        stale = "<p><strong>The other nodes cannot be reached right now.</strong></p>" if is_stale else ""
        return (
            f"{stale}<table><thead><tr><th>Site</th><th>Online</th><th>Peak today</th>"
            f"<th>Last 24 hours</th></tr></thead><tbody>{rows}</tbody></table>{more}"
        )

    def _fullest(self) -> list[str]:
        totals = self._counter.store.totals()
        return sorted({*totals, *self._counter.sites}, key=lambda site: (-totals.get(site, 0), site))

    def _figures(self, site: str) -> SiteFigures:
        total, visitors = self._counter.store.total(site), self._counter.sites.get(site)
        if visitors is None:
            return SiteFigures(site, total)
        return SiteFigures(site, total, visitors.history.peak_today(), visitors.history.peaks())


def _json(body: object) -> Response:
    return Response(json.dumps(body) + "\n", headers=PRIVATE, media_type="application/json")


def _is_token(authorization: str, token: str) -> bool:
    """Return whether a header has the token, as Bearer (RFC 6750) or the password of Basic (RFC 7617)."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:  # of base64, or of UTF-8
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())
