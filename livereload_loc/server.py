"""Runs everything in one event loop: listens, serves, watches, and ends on the user's word."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import threading
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp

from .app import ByPort, proxy_app, site_app, watch_app
from .client import WIDGET
from .guard import Guard
from .hub import Hub
from .listening import allow_files, listen, listen_near
from .pairing import Pairing
from .reports import Reading, Ready, Reporter, Trouble
from .serving import serve_beside
from .settings import LOOPBACK, Settings
from .stages import Stages
from .watching import Watcher

if TYPE_CHECKING:
    from .counting import Counting

AGAIN_SECONDS = 60.0
"""What goes on going wrong is said so often."""

SLOW_SECONDS = 1.0
"""Reading the folders in silence for longer than this would look like a hang."""


def serve(settings: Settings, report: Reporter) -> None:
    """Run a command of loc-dev until the user stops it: Ctrl+C, SIGTERM and SIGHUP end it in good order.

    Raises:
        LocError: what the user can mend; nothing is left running then.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(settings, report) if settings.paths else _count(settings, report))


async def _count(settings: Settings, report: Reporter) -> None:
    from .counter_app import count_app
    from .counting import Counting

    assert settings.counter
    guard = Guard(settings.host, settings.allow_hosts, settings.allow_origins, public=True)
    counting = Counting(settings.counter, guard, report, alone=True)
    allow_files()
    unexpected = _Unexpected(report)
    with contextlib.ExitStack() as closing:
        sockets = listen(settings.host, settings.port)
        for listener in sockets:
            closing.callback(listener.close)
        url = address(settings.host, sockets[0])
        ready = Ready(url, f"{url}/_loc/{WIDGET}", os.getpid(), (), 0)
        app = count_app(counting, guard)
        await serve_beside(
            app,
            sockets,
            counting.run(),
            partial(_ready, settings, ready, report),
            entrance=counting.entrance,
            full=unexpected.full,
        )


async def _run(settings: Settings, report: Reporter) -> None:
    unexpected = _Unexpected(report)
    hub = Hub(exact=settings.site is not None)
    guard = Guard(settings.host, settings.allow_hosts, settings.allow_origins)
    watcher = Watcher(
        settings.paths,
        ignore=settings.ignore,
        gitignore=settings.gitignore,
        poll_ms=settings.poll_ms,
        attended=lambda: hub.subscribers > 0,
    )
    pairing = Pairing(settings, report)
    stages = Stages(hub, watcher, report, gates=pairing.gates)
    counting = _counting(settings, guard, report)
    pairing.refuse_own_address(settings.host, settings.port if settings.port_asked else 0)
    with contextlib.ExitStack() as closing:
        sockets = (listen if settings.port_asked else listen_near)(settings.host, settings.port)
        for listener in sockets:
            closing.callback(listener.close)
        url = address(settings.host, sockets[0])
        if settings.livereload_port:
            for listener in listen(settings.host, settings.livereload_port):
                closing.callback(listener.close)
                sockets.append(listener)
        pairing.refuse_own_address(settings.host, sockets[0].getsockname()[1])
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, report, Reading(watcher.roots))
        closing.callback(slow.cancel)
        own = (hub, stages, guard, watcher.roots, counting)
        async with watcher, _app(settings, pairing, own) as app:
            slow.cancel()
            if settings.livereload_port:
                app = ByPort(app, settings.livereload_port, watch_app(*own))
            serves = settings.site is not None or settings.upstream is not None
            script = f"{url}/_loc/reload.js"
            ready = Ready(url, script, os.getpid(), watcher.roots, watcher.files, serves)
            works = [stages.run()]
            if pairing.command:
                works.append(pairing.command.run())
            if counting:
                works.append(counting.run())
            await serve_beside(
                app,
                sockets,
                _together(*works),
                partial(_ready, settings, ready, report),
                proxied=pairing.target is not None,
                entrance=counting.entrance if counting else None,
                full=unexpected.full,
            )


def _ready(settings: Settings, ready: Ready, report: Reporter) -> None:
    report(ready)
    if settings.opens:
        # On a thread of its own: some browsers return when they are closed.
        threading.Thread(target=_open, args=(ready.url, report), daemon=True).start()


def _open(url: str, report: Reporter) -> None:
    import webbrowser

    if not webbrowser.open(url):
        report(Trouble("no browser could be started", f"Open {url} yourself, or name one in BROWSER."))


def _counting(settings: Settings, guard: Guard, report: Reporter) -> Counting | None:
    if settings.counter is None:
        return None
    from .counting import Counting

    return Counting(settings.counter, guard, report, alone=False)


@contextlib.asynccontextmanager
async def _app(
    settings: Settings, pairing: Pairing, own: tuple[Hub, Stages, Guard, tuple[str, ...], Counting | None]
) -> AsyncIterator[ASGIApp]:
    if settings.site is not None:
        from .sources.static import Static

        yield site_app(*own, Static(settings.site, spa=settings.spa))
    elif pairing.target:
        async with pairing.proxied() as upstream:
            yield proxy_app(*own, upstream)
    else:
        yield watch_app(*own)


async def _together(*works: Coroutine[None, None, None]) -> None:
    """Run all of ``works`` until one of them fails, or all have ended."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


class _Unexpected:
    """Says what nobody has asked for, each kind once in a while; the server goes on."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._said: dict[str, float] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._hear)

    def full(self) -> None:
        """There are as many connections as there may be files."""
        self._say(
            "no file descriptor is left, so that nobody can come until somebody goes",
            "Raise the limit (ulimit -n), or set --max-visitors below it.",
        )

    def _hear(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            self.full()
        else:
            self._say(str(context["message"]), repr(error) if error else "")

    def _say(self, title: str, detail: str) -> None:
        said = self._said.get(title)
        if said is None or self._loop.time() - said > AGAIN_SECONDS:
            self._said[title] = self._loop.time()
            self._report(Trouble(title, detail))


def address(host: str, listener: socket.socket) -> str:
    """The URL under which this machine reaches ``listener``."""
    port = listener.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - told apart, not bound
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
