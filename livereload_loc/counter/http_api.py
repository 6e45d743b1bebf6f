"""What the counter says over HTTP: a figure and a picture to everybody, all the rest to its owner."""

from __future__ import annotations

import base64
import hmac
import html
import json
from collections.abc import Mapping

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

SHOWN = 200
"""So many sites the page for people shows, the fullest first..."""

SHOWN_LIVE = 30
"""...and the one that is told of each change, so many."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_PUBLIC = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=10",
    "Content-Security-Policy": "default-src 'none'",
}


def refuse_stranger(peer: str | None, headers: Headers, token: str | None) -> Refusal | None:
    """Refuse what is the owner's to whoever is neither on this machine nor has the token.

    Through a proxy on this machine everybody comes from here; its headers tell. So does a page whose name
    was pointed at this machine; its Host tells (DNS rebinding).
    """
    if token and _is_token(headers.get("authorization", ""), token):
        return None
    named = split_authority(headers.get("host", ""))
    is_here = peer is not None and is_loopback(peer) and named is not None and is_local(named[0])
    if is_here and not any(name in headers for name in _FORWARDED):
        return None
    if token:
        return Refusal(401, "this takes the admin token")
    return Refusal(403, "this is for the machine that it runs on", "--admin-token", "TOKEN")


class CounterPages:
    """The endpoints; each reads the state of the moment and changes nothing."""

    def __init__(self, counter: Counter, token: str | None = None) -> None:
        self._counter, self._token = counter, token

    def routes(self) -> list[BaseRoute]:
        """Those that stand beside whatever else there is."""
        return [
            Route(f"{PREFIX}/badge/{{site}}.svg", self.badge),
            Route(f"{PREFIX}/api/totals", self.totals),
            Route(f"{PREFIX}/metrics", self.metrics),
        ]

    async def badge(self, request: Request) -> Response:
        """The visitors of a site as a picture."""
        site = request.path_params["site"].lower()
        if len(site) > MAX_NAME or not self._counter.counts(site):
            return PlainTextResponse("There is no such site.\n", 404, _PUBLIC)
        total, stale = self._counter.store.total(site), self._counter.store.state == "stale"
        return Response(badge("online", f"{total:,}", faded=stale), 200, _PUBLIC, "image/svg+xml")

    async def totals(self, request: Request) -> Response:
        """The asking site's own figure; all of them for who has the token."""
        store = self._counter.store
        if self._token and _is_token(request.headers.get("authorization", ""), self._token):
            return _json({"state": store.state, "totals": dict(store.totals())})
        origin = request.headers.get("origin")
        if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
            origin = f"http://{request.headers.get('host', '')}"  # browsers leave it out for a page of ours
        site = site_of(origin)
        if site is None or not self._counter.counts(site):
            return PlainTextResponse("Refused: this site is not counted here.\n", 403, PRIVATE)
        response = _json({"site": site, "total": store.total(site), "state": store.state})
        response.headers["Vary"] = "Origin"
        if "origin" in request.headers:
            response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def metrics(self, request: Request) -> Response:
        """For Prometheus."""
        return self.refusal(request) or Response(
            metrics.exposition(metrics.families(self._counter)), 200, PRIVATE, metrics.CONTENT_TYPE
        )

    async def status(self, request: Request) -> Response:
        """All there is to know, for programs."""
        counter = self._counter
        return self.refusal(request) or _json(
            {
                "visitors": counter.visitors,
                "state": counter.store.state,
                "totals": dict(counter.store.totals()),
                "joined": counter.joined,
                "refused": dict(counter.refusals),
            }
        )

    def refusal(self, request: Request) -> Response | None:
        """The answer to a stranger."""
        refusal = refuse_stranger(request.client and request.client.host, request.headers, self._token)
        if refusal is None:
            return None
        cure = f" To allow it, start loc-dev with {refusal.flag}" if refusal.option else ""
        headers = dict(PRIVATE)
        if refusal.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="loc-dev", charset="UTF-8"'
        return PlainTextResponse(f"Refused: {refusal.reason}.{cure}\n", refusal.status, headers)

    def sites(self) -> list[Mapping[str, object]]:
        """The fullest sites of the moment with their totals; those that are visited on this node, too, with
        the peak of today and those of the last 24 hours, the oldest first."""
        return [
            {"site": site, "total": total, "peak": peak, "peaks": peaks}
            for site, total, peak, peaks in self._figures()[:SHOWN_LIVE]
        ]

    def _figures(self) -> list[tuple[str, int, int | None, list[int]]]:
        totals = dict(self._counter.store.totals())
        rooms = {room.site: room for room in self._counter.rooms()}
        sites = sorted({*totals, *rooms}, key=lambda site: (-totals.get(site, 0), site))
        found: list[tuple[str, int, int | None, list[int]]] = []
        for site in sites:
            room = rooms.get(site) if len(found) < SHOWN else None
            peak, peaks = (self._counter.peak_today(room), self._counter.peaks(room)) if room else (None, [])
            found.append((site, totals.get(site, 0), peak, peaks))
        return found

    def table(self) -> str:
        """The sites of the moment as HTML, the fullest first."""
        store, sites = self._counter.store, self._figures()
        rows = "".join(
            f"<tr><td>{html.escape(site)}</td><td>{total:,}</td>"
            + ("<td></td><td></td>" if peak is None else f"<td>{peak:,}</td><td>{sparkline(peaks)}</td>")
            + "</tr>"
            for site, total, peak, peaks in sites[:SHOWN]
        )
        more = f"<p>and {len(sites) - SHOWN:,} more</p>" if len(sites) > SHOWN else ""
        if not rows:
            return "<p>Nobody is on any site just now.</p>"
        stale = "<p><strong>The other nodes cannot be heard just now.</strong></p>"
        return (
            f"{stale if store.state == 'stale' else ''}<table><thead><tr><th>Site</th><th>Online</th>"
            f"<th>Peak today</th><th>Last 24 hours</th></tr></thead><tbody>{rows}</tbody></table>{more}"
        )


def _json(body: object) -> Response:
    return Response(json.dumps(body) + "\n", headers=PRIVATE, media_type="application/json")


def _is_token(authorization: str, token: str) -> bool:
    """Whether it is the token, as Bearer (RFC 6750) or as the password of Basic (RFC 7617)."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:  # also of base64, and of UTF-8
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())
