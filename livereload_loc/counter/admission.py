"""The rules that admit a page's socket to the counter, and what all sockets of one server share."""

from __future__ import annotations

from websockets.datastructures import Headers

from livereload_loc.access import Guard, Refusal
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.keepalive import KeepAlive
from livereload_loc.counter.refusals import RefusalReporter
from livereload_loc.counter.site_visitors import PageConnection, Visit
from livereload_loc.counter.sites import site_of


class Admission:
    """Admits the pages whose Host ``guard`` allows, and whose site and address ``counter`` accepts."""

    def __init__(
        self,
        counter: Counter,
        keepalive: KeepAlive,
        addresses: ClientAddressResolver,
        guard: Guard,
        refusals: RefusalReporter,
    ) -> None:
        self.counter, self.keepalive = counter, keepalive
        self._addresses, self._guard, self._refusals = addresses, guard, refusals

    def admit(self, connection: PageConnection, headers: Headers, peer: str) -> Visit:
        """Begin a visit for the page that sends these headers from ``peer``.

        Raises:
            VisitorRefused: the page is not admitted; the refusal is counted and reported.
        """
        forwarded = headers.get_all("X-Forwarded-For")
        site = site_of(_first(headers, "Origin"))
        refusal = self._refusal(headers)
        try:
            if refusal or site is None:
                raise self.counter.refuse(refusal or Refusal(403, "the Origin header is malformed"))
            address = self._addresses.resolve(peer, forwarded)
            return self.counter.join(connection, site, address, _first(headers, "User-Agent") or "")
        except VisitorRefused as refused:
            self._refusals.add(refused.refusal, forwarded=bool(forwarded))
            raise

    def _refusal(self, headers: Headers) -> Refusal | None:
        if self.keepalive.draining:
            return Refusal(503, "the server is stopping")
        return self._guard.refuse_host(_first(headers, "Host"))


def _first(headers: Headers, name: str) -> str | None:
    """Return the first value of a header that should be there once."""
    return next(iter(headers.get_all(name)), None)
