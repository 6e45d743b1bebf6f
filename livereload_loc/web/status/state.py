"""The state of a server, for the status page, its socket, and programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from livereload_loc import __version__
from livereload_loc.access import Guard
from livereload_loc.httputil.hosts import is_local, split_authority
from livereload_loc.httputil.text import without_surrogates
from livereload_loc.pipeline.hub import Hub
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.status.record import EventRecord


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What a server knows about itself.

    ``tagged``: its pages have the tag already. ``has_options``: it is a command of ours, not a
    middleware. ``sites`` gives the counter's figures, the fullest site first. ``lan_url`` is its address for
    other devices.
    """

    hub: Hub
    guard: Guard
    watcher: Watcher
    record: EventRecord
    tagged: bool = False
    has_options: bool = True
    sites: Callable[[], list[Mapping[str, object]]] | None = None
    lan_url: str | None = None

    def snapshot(self, request: HTTPConnection) -> dict[str, object]:
        """Return the state as JSON, with the addresses that work for the sender of ``request``."""
        watcher = self.watcher
        state: dict[str, object] = {
            "version": __version__,
            "run": self.hub.run,
            "seq": self.hub.seq,
            "watching": [*map(without_surrogates, watcher.roots)],
            "watcher": {
                "files": watcher.files,
                "polled": [*map(without_surrogates, watcher.polled)],
                "ignore": [*map(without_surrogates, watcher.ignore)],
                "gitignore": watcher.gitignore,
            },
            "pages": self.record.pages,
            **self.record.state(),
            "tag": self.tag(request),
            "tagged": self.tagged,
            "command": self.has_options,
            "phone": self.device_url(request),
        }
        if self.sites:
            state["sites"] = self.sites()
            state["widget"] = (
                f'<script src="{_base_url(request)}{PREFIX}/widget.js" data-auto async></script>'
            )
        return state

    def tag(self, request: HTTPConnection) -> str:
        """Return the tag that pages need; where none has it already, it can name the root."""
        path = RELOAD_SCRIPT if self.tagged else ""
        return f'<script src="{_base_url(request)}{path}" async></script>'

    def device_url(self, request: HTTPConnection) -> str | None:
        """Return the address for other devices: the one in ``request``, unless it is local."""
        host = split_authority(request.headers.get("host", ""))
        return f"{_origin(request)}/" if host and not is_local(host[0]) else self.lan_url


def _base_url(request: HTTPConnection) -> str:
    return f"{_origin(request)}{request.scope.get('root_path', '').rstrip('/')}"


def _origin(request: HTTPConnection) -> str:
    scheme = request.url.scheme.replace("ws", "http", 1)
    return f"{scheme}://{request.headers.get('host', '')}"
