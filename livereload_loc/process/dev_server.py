"""COMMAND: the user's dev server or build watcher, which runs beside us."""

from __future__ import annotations

import asyncio
import contextlib

from livereload_loc.backend import BackendState
from livereload_loc.errors import NoSuchCommand
from livereload_loc.events import Info, ProblemFound, Reporter
from livereload_loc.process.backend_probe import BackendProbe
from livereload_loc.process.command import PATIENCE_SECONDS, Command, describe_exit
from livereload_loc.process.display_name import short_name
from livereload_loc.process.django_templates import with_fresh_templates
from livereload_loc.process.output_log import OutputLog
from livereload_loc.settings import Settings

# How long we look, at most, whether something else listens at the address of COMMAND.
LOOK_SECONDS = 0.25

# How long the end of COMMAND may take before a person would wonder.
SILENCE_SECONDS = 0.5

# A command that has crashed so often again, within some 8 s, is left alone until the next save.
TRIES = 4
FIRST_BACKOFF = 0.5

# What lived for so long has not crashed at its start: the back-off begins anew.
HEALTHY_SECONDS = 10.0


class DevServer:
    """Keeps COMMAND running, and notes in ``state`` what that means for the backend that it runs.

    It starts again after a crash with ``--restart`` alone. ``patience`` is how many seconds it may take to
    end in good order.
    """

    def __init__(
        self,
        settings: Settings,
        report: Reporter,
        state: BackendState,
        probe: BackendProbe | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
        silence: float = SILENCE_SECONDS,
        first_backoff: float = FIRST_BACKOFF,
    ) -> None:
        self._settings, self._report, self._state, self._probe = settings, report, state, probe
        self._patience, self._silence, self._first_backoff = patience, silence, first_backoff
        self._log = OutputLog(short_name(settings.command), report)
        self._command: Command | None = None
        self._wanted = asyncio.Event()
        self._started = asyncio.Event()

    async def run(self) -> None:
        """Run it until cancelled; it has ended when this returns.

        Raises:
            NoSuchCommand: it cannot be started, at the first attempt.
        """
        self._state.foreign = self._probe is not None and await self._probe.listens(LOOK_SECONDS)
        running = asyncio.create_task(self._keep_running())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            running.cancel()
            if not (await asyncio.wait((running,), timeout=self._silence))[0]:
                self._report(Info(f"waiting for {self._log.name} to end"))
                await asyncio.wait((running,))
            raise

    async def restart(self) -> None:
        """End it and start it again; return once that was tried."""
        self._started.clear()
        self._wanted.set()
        if self._command:
            self._command.stop()
        await self._started.wait()

    def printed(self, since: float) -> str:
        """Return the last lines that it wrote after ``since``, in seconds of ``time.monotonic()``."""
        return self._log.since(since)

    def watch_processes(self, seconds: float) -> None:
        """Take each new process of it, for so long, as a sign that the backend restarts."""
        if self._command:
            self._command.watch(seconds)

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        crashes, first = 0, True
        while True:
            self._wanted.clear()
            begun = loop.time()
            code = await self._run_once(first=first)
            first = False
            if not self._wanted.is_set():
                crashes = 0 if loop.time() - begun > HEALTHY_SECONDS else crashes
                again = code and self._settings.restart and crashes < TRIES
                pause = self._first_backoff * 2**crashes if again else None
                crashes += 1
                self._note_end(code, pause)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wanted.wait()
                self._state.started()
            if self._wanted.is_set():
                crashes = 0  # somebody has changed it: it is another one

    async def _run_once(self, *, first: bool) -> int:
        self._command = Command(
            with_fresh_templates(self._settings.command),
            self._log.add,
            self._handle_event,
            keyboard=self._settings.keys == "off",
            patience=self._patience,
        )
        try:
            return await self._command.run()
        except NoSuchCommand:
            if first:
                raise
            return 127
        finally:
            self._command = None

    def _handle_event(self, word: str) -> None:
        if word == "new":
            self._state.note_sign()
        elif word in ("started", "failed") and not self._wanted.is_set():
            self._started.set()  # where it is wanted again, this one is about to end for the next

    def _note_end(self, code: int, pause: float | None) -> None:
        how = f"{self._log.name} {describe_exit(code)}"
        if code:  # else the server that it started may live elsewhere
            self._state.crashed(how)
        if pause is not None:
            further = f"It starts again in {pause:g} s."
        elif code and self._state.foreign:
            url = self._settings.upstream or self._settings.wait_for
            further = f"Something else was listening at {url} before: is that what you see? loc-dev goes on."
        elif code and self._settings.restart:
            further = "loc-dev goes on without it. It starts again when you save a --restart file."
        elif code:
            further = "loc-dev goes on without it. With --restart GLOB it starts again after a save."
        else:
            further = "loc-dev goes on without it."
        self._report(ProblemFound(how, further))
