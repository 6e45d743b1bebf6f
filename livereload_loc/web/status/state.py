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

    ``tagged``: its pages have the tag already. ``command``: it is a command of ours, whose options a person
    can choose. ``sites`` gives the counter's figures, the fullest site first. ``lan_url`` is its address for
    other devices.
    """

    hub: Hub
    guard: Guard
    watcher: Watcher
    record: EventRecord
    tagged: bool = False
    command: bool = True
    sites: Callable[[], list[Mapping[str, object]]] | None = None
    lan_url: str | None = None

    def snapshot(self, asked: HTTPConnection) -> dict[str, object]:
        """Return the state of this moment as JSON, with the addresses that work for whoever ``asked``."""
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
            "tag": self.tag(asked),
            "tagged": self.tagged,
            "command": self.command,
            "phone": self.device_url(asked),
        }
        if self.sites:
            state["sites"] = self.sites()
            state["widget"] = f'<script src="{_base_url(asked)}{PREFIX}/widget.js" data-auto async></script>'
        return state

    def tag(self, asked: HTTPConnection) -> str:
        """Return the tag that pages need; where none has it already, it can name the root."""
        path = RELOAD_SCRIPT if self.tagged else ""
        return f'<script src="{_base_url(asked)}{path}" async></script>'

    def device_url(self, asked: HTTPConnection) -> str | None:
        """Return the address for other devices: the one that was ``asked`` for, unless it is local."""
        host = split_authority(asked.headers.get("host", ""))
        return f"{_origin(asked)}/" if host and not is_local(host[0]) else self.lan_url


def _base_url(asked: HTTPConnection) -> str:
    return f"{_origin(asked)}{asked.scope.get('root_path', '').rstrip('/')}"


def _origin(asked: HTTPConnection) -> str:
    scheme = asked.url.scheme.replace("ws", "http", 1)
    return f"{scheme}://{asked.headers.get('host', '')}"
