"""Makes of the settings what runs beside the watcher: proxy, command, backend probe and steps."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from livereload_loc.backend import BackendState
from livereload_loc.changes import ServedFolder
from livereload_loc.errors import NoSuchCommand, UnixNeeded, UsageError
from livereload_loc.events import Reporter
from livereload_loc.httputil.hosts import LOOPBACK_NAMES, split_url
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.pipeline.steps.known_contents import KnownContents
from livereload_loc.pipeline.steps.unchanged import UnchangedStep
from livereload_loc.process.backend_probe import BackendProbe
from livereload_loc.settings import Settings
from livereload_loc.urls import PREFIX

if TYPE_CHECKING:
    from livereload_loc.pipeline.steps.queue import PipelineStep
    from livereload_loc.process.dev_server import DevServer
    from livereload_loc.proxy.app import Proxy
    from livereload_loc.proxy.target import UpstreamTarget


class Wiring:
    """What runs beside the watcher; only what the settings ask for is imported.

    Raises:
        BadUpstream, NoSuchCommand, UnixNeeded: a setting cannot work here.
    """

    def __init__(self, settings: Settings, report: Reporter) -> None:
        if sys.platform == "win32" and (settings.command or settings.build):
            raise UnixNeeded
        self._settings, self._report = settings, report
        self._state = BackendState()
        self.site: ServedFolder | None = None
        """The folder that is served."""
        self.target: UpstreamTarget | None = None
        """The upstream of the proxy."""
        self.command: DevServer | None = None
        if settings.site is not None:
            self.site = ServedFolder(os.path.abspath(settings.site), os.path.realpath(settings.site))
        if settings.upstream:
            from livereload_loc.proxy.target import UpstreamTarget

            self.target = UpstreamTarget.parse(settings.upstream)
        self._probe = self._make_probe()
        if settings.command:
            if shutil.which(settings.command[0]) is None:
                raise NoSuchCommand(settings.command[0])
            from livereload_loc.process.dev_server import DevServer

            self.command = DevServer(settings, report, self._state, self._probe)
        self.contents = KnownContents(settings.paths)
        self.requested = None if self.site is None else RequestedFiles()
        """What browsers asked the folder that is served for."""
        self.steps = self._make_steps()

    def refuse_own_address(self, hosts: Sequence[str], port: int) -> None:
        """Raise UsageError where the upstream is we ourselves, at one of ``hosts`` and ``port``."""
        if self.target and self.target.port == port:
            host = self.target.host
            if host in hosts or (host in LOOPBACK_NAMES and not set(hosts).isdisjoint(LOOPBACK_NAMES)):
                raise UsageError(
                    f"{self.target.origin} is loc-dev's own address. Start your server there first, or "
                    "choose another --port."
                )

    async def check_upstream(self, begun: asyncio.Event) -> None:
        """Report once we have ``begun`` that the upstream is not there, where it is the user's to start."""
        if self.target and not self.command:
            from livereload_loc.proxy.startup_check import report_absence

            await begun.wait()
            await report_absence(self.target, self._report, insecure=self._settings.insecure)

    def proxy(self, target: UpstreamTarget) -> Proxy:
        """Return ``target`` as an app, without the tag."""
        from livereload_loc.proxy.app import Proxy

        settings = self._settings
        return Proxy(
            target,
            self._state,
            self._report,
            change_origin=settings.change_origin,
            insecure=settings.insecure,
        )

    def _make_probe(self) -> BackendProbe | None:
        if self.target:
            # Any response will do, and no page of the upstream should be made for it.
            return BackendProbe(self.target._replace(path=f"{PREFIX}/healthz"), self._state)
        wait_for = self._settings.wait_for
        return BackendProbe(split_url(wait_for), self._state) if wait_for else None

    def _make_steps(self) -> Sequence[PipelineStep]:
        settings = self._settings
        steps: list[PipelineStep] = []
        if settings.build:
            from livereload_loc.pipeline.steps.build.step import BuildStep
            from livereload_loc.process.shell import ShellCommand

            steps.append(
                BuildStep(
                    ShellCommand(settings.build, self._report),
                    site=self.site,
                    poll=(settings.poll_ms or 0) / 1000,
                )
            )
        has_command = bool(settings.command)
        steps.append(
            UnchangedStep(self.contents, self._report, has_command=has_command, requested=self.requested)
        )
        if self._probe or settings.restart:
            from livereload_loc.pipeline.steps.restart import RestartStep

            steps.append(
                RestartStep(
                    settings.code,
                    self._probe,
                    self._state,
                    settings.upstream or settings.wait_for or "",
                    restart=settings.restart,
                    command=self.command,
                )
            )
        return steps
