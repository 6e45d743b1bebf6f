"""Runs everything in one event loop: listens, serves, watches, and ends on the user's word.

The signals are ours, not uvicorn's: Ctrl+C, SIGTERM and SIGHUP end the process with exit code 0, and
open pages never hold it up.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator

from starlette.types import ASGIApp
from uvicorn import Config, Server

from .app import site_app, watch_app
from .guard import Guard
from .hub import Hub
from .listening import listen, listen_near
from .messages import MAX_FRAME
from .reports import Reading, Ready, Reporter
from .settings import LOOPBACK, Settings
from .stages import Stages
from .watching import Watcher

PATIENCE_SECONDS = 0.3
"""How long a connection may take to say goodbye once we stop; then it is cut."""

SLOW_SECONDS = 1.0
"""Reading the folders in silence for longer than this would look like a hang."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def serve(settings: Settings, report: Reporter) -> None:
    """Run ``loc-dev watch`` or ``loc-dev serve`` until the user stops it.

    Raises:
        LocError: what the user can mend; nothing is left running then.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(settings, report))


async def _run(settings: Settings, report: Reporter) -> None:
    hub = Hub(exact=settings.site is not None)
    guard = Guard(settings.host, settings.allow_hosts, settings.allow_origins)
    watcher = Watcher(
        settings.paths,
        ignore=settings.ignore,
        gitignore=settings.gitignore,
        poll_ms=settings.poll_ms,
        attended=lambda: hub.subscribers > 0,
    )
    stages = Stages(hub, watcher, report)
    with contextlib.ExitStack() as closing:
        sockets = (listen if settings.port_asked else listen_near)(settings.host, settings.port)
        for listener in sockets:
            closing.callback(listener.close)
        url = address(settings.host, sockets[0])
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, report, Reading(watcher.roots))
        closing.callback(slow.cancel)
        async with watcher:
            slow.cancel()
            serves = settings.site is not None
            script = f"{url}/_loc/reload.js"
            ready = Ready(url, script, os.getpid(), watcher.roots, watcher.files, serves)
            app = _app(settings, hub, stages, guard, watcher.roots)
            await _serve(app, sockets, stages.run(), lambda: report(ready))


def _app(settings: Settings, hub: Hub, stages: Stages, guard: Guard, roots: tuple[str, ...]) -> ASGIApp:
    if settings.site is None:
        return watch_app(hub, stages, guard, roots)
    from .sources.static import Static

    return site_app(hub, stages, guard, roots, Static(settings.site, spa=settings.spa))


async def _serve(
    app: ASGIApp, sockets: list[socket.socket], work: Coroutine[None, None, None], ready: Callable[[], None]
) -> None:
    """Serve ``app`` on ``sockets`` beside ``work`` until a signal comes; what ``work`` raises ends both."""
    server = _Server(app, ready)
    working = asyncio.ensure_future(work)
    working.add_done_callback(lambda _: server.stop())
    try:
        with _on_signals(server.stop):
            await server.serve(sockets)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


def address(host: str, listener: socket.socket) -> str:
    """The URL under which this machine reaches ``listener``."""
    port = listener.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - told apart, not bound
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(Server):
    """uvicorn without its signal handlers and without its patience."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(
            Config(
                app,
                loop="asyncio",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME,
                ws_per_message_deflate=False,
                ws_ping_interval=25,
                ws_ping_timeout=20,
                lifespan="off",
                log_config=None,
                log_level="critical",
                timeout_graceful_shutdown=1,
                access_log=False,
                proxy_headers=False,
                server_header=False,
            )
        )
        self._ready = ready

    def stop(self) -> None:
        """End in good order; a second call ends at once."""
        if self.should_exit:
            self.force_exit = True
            self._cut()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that we are ready once the sockets accept."""
        await super().startup(sockets)
        gc.freeze()
        gc.enable()
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every socket with 1012, and cut what has not said goodbye in time."""
        cut = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._cut)
        await super().shutdown(sockets)
        cut.cancel()

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on each signal that asks us to end, as long as the block runs."""
    loop = asyncio.get_running_loop()
    handled: list[signal.Signals] = []
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # SIGHUP is ignored under nohup, whose user wants us to stay
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
