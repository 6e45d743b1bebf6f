"""All there is to know at a moment, for the page, its socket and programs alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection

from livereload_loc import __version__
from livereload_loc.access import Guard
from livereload_loc.httputil.hosts import is_local, split_authority
from livereload_loc.pipeline.hub import Hub
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT
from livereload_loc.web.status.record import EventRecord


class WatchSummary(Protocol):
    """What is to be known of a watcher."""

    @property
    def roots(self) -> tuple[str, ...]:
        """The paths that are watched."""

    @property
    def files(self) -> int:
        """How many files they hold."""

    @property
    def polled(self) -> tuple[str, ...]:
        """The roots of which something is polled."""

    @property
    def ignore(self) -> tuple[str, ...]:
        """What the user does not want watched, as in .gitignore."""

    @property
    def gitignore(self) -> bool:
        """Whether .gitignore files have a say."""


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """What a status page tells of.

    ``tag`` is the path of the script that pages carry; ``tagged``: those from here have it by themselves.
    ``sites`` gives the counter's figures, the fullest site first. ``lan_url`` is where other devices find
    this server; ``command``: it is one of ours, whose options a person can choose.
    """

    hub: Hub
    guard: Guard
    watched: WatchSummary
    record: EventRecord
    tag: str = RELOAD_SCRIPT
    tagged: bool = False
    command: bool = True
    sites: Callable[[], list[Mapping[str, object]]] | None = None
    lan_url: str | None = None

    def state(self, asked: HTTPConnection) -> dict[str, object]:
        """The state as JSON has it, for whoever ``asked`` under some name of ours."""
        watched = self.watched
        base = address(asked)
        state: dict[str, object] = {
            "version": __version__,
            "run": self.hub.run,
            "seq": self.hub.seq,
            "watching": [sendable(path) for path in watched.roots],
            "watcher": {
                "files": watched.files,
                "polled": [sendable(path) for path in watched.polled],
                "ignore": [sendable(glob) for glob in watched.ignore],
                "gitignore": watched.gitignore,
            },
            "pages": self.record.pages,
            **self.record.state(),
            "tag": self.tag_for(asked),
            "tagged": self.tagged,
            "command": self.command,
            "phone": self.phone(asked),
        }
        if self.sites:
            state["sites"] = self.sites()
            state["widget"] = f'<script src="{base}{PREFIX}/widget.js" data-auto async></script>'
        return state

    def tag_for(self, asked: HTTPConnection) -> str:
        """The tag that pages need to be told."""
        return f'<script src="{address(asked)}{self.tag}" async></script>'

    def phone(self, asked: HTTPConnection) -> str | None:
        """The address for other devices, if there is one: that which led here, unless it means any machine
        itself."""
        host = split_authority(asked.headers.get("host", ""))
        if host and not is_local(host[0]):
            return f"{_origin(asked)}/"
        return self.lan_url


def address(asked: HTTPConnection) -> str:
    """The URL below which our addresses are, as who ``asked`` sees it, without a slash at the end."""
    return f"{_origin(asked)}{asked.scope.get('root_path', '').rstrip('/')}"


def sendable(path: str) -> str:
    """``path`` as text that can be sent."""
    return path.encode("utf-8", "replace").decode()


def _origin(asked: HTTPConnection) -> str:
    scheme = asked.url.scheme.replace("ws", "http", 1)
    return f"{scheme}://{asked.headers.get('host', '')}"
