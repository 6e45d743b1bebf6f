"""What a run of loc-dev is paired with: a backend that restarts, a command of ours, a build step."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .addresses import PREFIX
from .changes import FileChange, Site
from .errors import UsageError
from .reports import Reporter, Said, Trouble
from .settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from .gates import Gate
    from .gates.backend import Listening
    from .messages import Problem
    from .sources.command import Command
    from .sources.proxy import Target

LOOK_SECONDS = 0.25
"""How long we look, at most, whether somebody has the port of COMMAND already."""

_COLOURS = re.compile(r"\x1b\[[\d;:]*m")

SHOWN_LINES = 60
"""So many last lines of a build that failed are shown in the page."""


class Pairing:
    """Makes of the settings what stands beside the watch; imports only what they ask for.

    Raises:
        UsageError: a URL among the settings is none.
    """

    def __init__(self, settings: Settings, report: Reporter) -> None:
        self._settings, self._report = settings, report
        self.target: Target | None = None
        """The upstream of the proxy."""
        self.command: Command | None = None
        self.site: Site | None = None
        """The folder that is served."""
        self.gates: Sequence[Gate] = ()
        self._backend: Listening | None = None
        self._taken = False
        url = settings.upstream or settings.wait_for
        if settings.site is not None:
            self.site = Site(os.path.abspath(settings.site), os.path.realpath(settings.site))
        if settings.upstream:
            from .sources.proxy import Target

            self.target = Target.parse(settings.upstream)
        if url:
            from .gates.backend import Listening

            host, port, target = _endpoint(url)
            # Any answer will do, and no page of the app should be made for it.
            asks = f"{PREFIX}/healthz" if self.target else target
            self._backend = Listening(
                host,
                port,
                asks=asks,
                secure=url.startswith("https:"),
                watching=lambda seconds: self.command.watch_processes(seconds) if self.command else None,
            )
        if sys.platform == "win32" and (settings.command or settings.build):
            raise UsageError("COMMAND and --exec need a Unix system. Start them yourself, in another window.")
        if settings.command:
            self.command = self._started_command()
        self.gates = tuple(self._stand(url or ""))

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

    async def run_command(self) -> None:
        """Run COMMAND until cancelled. Raises NoSuchCommand where it cannot be started."""
        assert self.command
        self._taken = self._backend is not None and await self._backend.listens(LOOK_SECONDS)
        await self.command.run()

    @contextlib.asynccontextmanager
    async def proxied(self) -> AsyncIterator[ASGIApp]:
        """The upstream as an app, without the tag."""
        from .sources.proxy import Proxy

        assert self.target
        settings, backend = self._settings, self._backend
        async with Proxy(
            self.target,
            change_origin=settings.change_origin,
            insecure=settings.insecure,
            restarted=backend.hint if backend else None,
            trouble=lambda title, detail: self._report(Trouble(title, detail)),
            gone=self._gone,
        ) as proxy:
            yield proxy

    def _gone(self) -> str:
        """Why the upstream will not come by itself; nothing where it may, as one that is not COMMAND's."""
        code = self.command.failed if self.command and not self._taken else None
        return f"{self.command.name} {_how(code)}" if self.command and code is not None else ""

    def _stand(self, url: str) -> list[Gate]:
        gates: list[Gate] = []
        if self._settings.build:
            from .gates.build import Build

            gates.append(
                Build(
                    _Shell(self._settings.build, self._report),
                    unseen=self._is_source,
                    whole=self.site is not None,
                    poll=(self._settings.poll_ms or 0) / 1000,
                )
            )
        if self._backend or self._settings.restart:
            from .gates.restart import Restart

            gates.append(
                Restart(
                    self._settings.code,
                    self._backend,
                    url,
                    restart=self._settings.restart,
                    command=self.command,
                )
            )
        return gates

    def _is_source(self, change: FileChange) -> bool:
        """Whether no page shows the file as it is."""
        from .gates.outputs import is_compiled

        return is_compiled(change) or (self.site is not None and not self.site.holds(change))

    def _started_command(self) -> Command:
        from .sources.command import Command

        settings = self._settings

        def say(line: str) -> None:
            self._report(Said(command.name, line))

        def ended(code: int, again: float | None) -> None:
            if again is not None:
                further = f"It starts again in {again:g} s."
            elif code and self._taken:
                url = settings.upstream or settings.wait_for
                further = f"Something else listened at {url} before: is it what you see? loc-dev goes on."
            elif code:
                further = "loc-dev goes on without it. With --restart GLOB it starts again after a save."
            else:
                further = "loc-dev goes on without it."
            self._report(Trouble(f"{command.name} {_how(code)}", further))

        command = Command(
            settings.command,
            say=say,
            ended=ended,
            appeared=self._backend.hint if self._backend else None,
            restarting=bool(settings.restart),
            keyboard=settings.command_has_keys,
        )
        return command


class _Shell:
    """Runs a command line, each time anew, and ends all that is left of it."""

    def __init__(self, line: str, report: Reporter) -> None:
        self._line, self._report = line, report
        self._name = os.path.basename(line.split()[0])

    async def __call__(self) -> Problem | None:
        """Run it; the problem, where it fails."""
        from .messages import Problem
        from .sources.command import Command

        last: deque[str] = deque(maxlen=SHOWN_LINES)
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def say(line: str) -> None:
            last.append(_COLOURS.sub("", line))
            self._report(Said(self._name, line))

        def end(code: int, again: float | None) -> None:
            ended.set_result(code)

        command = Command(("/bin/sh", "-c", self._line), say=say, ended=end)
        running = asyncio.create_task(command.run())
        try:
            await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            await asyncio.wait((running,))
        if not ended.done():
            running.result()  # it could not even be started
        code = ended.result()
        return Problem(f"{self._line} {_how(code)}", "\n".join(last), said=True) if code else None


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


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
