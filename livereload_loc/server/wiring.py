"""What a run of loc-dev is paired with: a backend that restarts, a command of ours, a build step."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livereload_loc.changes import ServedFolder
from livereload_loc.errors import UsageError
from livereload_loc.events import ProblemFound, Reporter
from livereload_loc.settings import Settings
from livereload_loc.urls import PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from livereload_loc.backend import ListeningBackend
    from livereload_loc.pipeline.steps.queue import PipelineStep
    from livereload_loc.pipeline.steps.restart import RestartStep
    from livereload_loc.process.dev_server import DevServer
    from livereload_loc.proxy.target import UpstreamTarget


class Wiring:
    """Makes of the settings what stands beside the watch; imports only what they ask for.

    Raises:
        UsageError: a URL among the settings is none.
    """

    def __init__(self, settings: Settings, report: Reporter) -> None:
        self._settings, self._report = settings, report
        self.target: UpstreamTarget | None = None
        """The upstream of the proxy."""
        self.command: DevServer | None = None
        self.site: ServedFolder | None = None
        """The folder that is served."""
        self.steps: Sequence[PipelineStep] = ()
        self._backend: ListeningBackend | None = None
        self._restart: RestartStep | None = None
        url = settings.upstream or settings.wait_for
        if settings.site is not None:
            self.site = ServedFolder(os.path.abspath(settings.site), os.path.realpath(settings.site))
        if settings.upstream:
            from livereload_loc.proxy.target import UpstreamTarget

            self.target = UpstreamTarget.parse(settings.upstream)
        if url:
            from livereload_loc.backend import ListeningBackend

            host, port, target = _endpoint(url)
            # Any answer will do, and no page of the app should be made for it.
            asks = f"{PREFIX}/healthz" if self.target else target
            self._backend = ListeningBackend(
                host,
                port,
                asks=asks,
                secure=url.startswith("https:"),
                watching=lambda seconds: self.command.watch_processes(seconds) if self.command else None,
            )
        if sys.platform == "win32" and (settings.command or settings.build):
            raise UsageError("COMMAND and --exec need a Unix system. Start them yourself, in another window.")
        if settings.command:
            from livereload_loc.process.dev_server import DevServer

            self.command = DevServer(settings, report, self._backend)
        self.steps = tuple(self._stand(url or ""))

    def refuse_own_address(self, hosts: Sequence[str], port: int) -> None:
        """Raises UsageError where the upstream is we ourselves, at one of ``hosts`` and ``port``."""
        local = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 - names, nothing is bound
        if self.target and self.target.port == port:
            host = self.target.host
            if host in hosts or (host in local and any(own in local for own in hosts)):
                raise UsageError(
                    f"{self.target.url} is loc-dev's own address. Start the server that it is to stand in "
                    "front of first, or choose another --port."
                )

    async def look(self, begun: asyncio.Event) -> None:
        """Say once it has ``begun`` that the upstream is not there, where it is the user's to start."""
        if self.target and not self.command:
            from livereload_loc.proxy.startup_check import tell_absence

            await begun.wait()
            await tell_absence(self.target, self._report, insecure=self._settings.insecure)

    @contextlib.asynccontextmanager
    async def proxied(self) -> AsyncIterator[ASGIApp]:
        """The upstream as an app, without the tag."""
        from livereload_loc.proxy.app import Proxy

        assert self.target
        settings, backend = self._settings, self._backend
        async with Proxy(
            self.target,
            change_origin=settings.change_origin,
            insecure=settings.insecure,
            restarted=backend.hint if backend else None,
            trouble=lambda title, detail: self._report(ProblemFound(title, detail)),
            gone=self._gone,
            silent=self._silent,
        ) as proxy:
            yield proxy

    def _gone(self) -> str:
        """Why the upstream will not come by itself; empty where it may."""
        return self.command.gone if self.command else ""

    def _silent(self) -> str:
        """Why the upstream is known to answer nobody, though it may take connections; empty where it may."""
        path = self._restart.unanswered if self._restart else ""
        return f"it has answered nothing since {path} was saved" if path else ""

    def _stand(self, url: str) -> list[PipelineStep]:
        steps: list[PipelineStep] = []
        if self._settings.build:
            from livereload_loc.pipeline.steps.build.step import BuildStep
            from livereload_loc.process.dev_server import ShellCommand

            steps.append(
                BuildStep(
                    ShellCommand(self._settings.build, self._report),
                    site=self.site,
                    poll=(self._settings.poll_ms or 0) / 1000,
                )
            )
        if self._backend or self._settings.restart:
            from livereload_loc.pipeline.steps.restart import RestartStep

            self._restart = RestartStep(
                self._settings.code,
                self._backend,
                url,
                restart=self._settings.restart,
                command=self.command,
            )
            steps.append(self._restart)
        return steps


def _endpoint(url: str) -> tuple[str, int, str]:
    """Host, port and request target of a URL.

    Raises:
        UsageError: it is no http or https URL, or its host is no name that could be looked up.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        (parts.hostname or "").encode("idna")
    except (ValueError, KeyError):  # a UnicodeError is a ValueError
        raise UsageError(f"{url!r} is no URL such as http://localhost:8000.") from None
    if not parts.hostname or any(letter <= " " for letter in url):
        raise UsageError(f"{url!r} is no URL such as http://localhost:8000.")
    return parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
