"""Runs everything in one event loop: listens, serves, watches, and ends on the user's word."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from .app import ByPort, Parts, proxy_app, site_app, watch_app
from .client import WIDGET
from .guard import Guard
from .hub import Hub
from .listening import allow_files, listen, listen_near
from .opening import open_browser
from .pairing import Pairing
from .reports import Reading, Ready, Reporter, together
from .serving import serve_beside
from .settings import LOOPBACK, Settings
from .stages import Stages
from .status.record import Record
from .unexpected import Unexpected
from .watching import Watcher

if TYPE_CHECKING:
    from .counting import Counting

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
    unexpected = Unexpected(report)
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
    record = Record()
    report = together(record, report)
    unexpected = Unexpected(report)
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
        serves = settings.site is not None or settings.upstream is not None
        own = Parts(hub, stages, guard, watcher, record, counting, tagged=serves)
        async with watcher, _app(settings, pairing, own) as app:
            slow.cancel()
            if settings.livereload_port:
                app = ByPort(app, settings.livereload_port, watch_app(own))
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
        open_browser(ready.url, report)


def _counting(settings: Settings, guard: Guard, report: Reporter) -> Counting | None:
    if settings.counter is None:
        return None
    from .counting import Counting

    return Counting(settings.counter, guard, report, alone=False)


@contextlib.asynccontextmanager
async def _app(settings: Settings, pairing: Pairing, own: Parts) -> AsyncIterator[ASGIApp]:
    if settings.site is not None:
        from .sources.static import Static

        yield site_app(own, Static(settings.site, spa=settings.spa))
    elif pairing.target:
        async with pairing.proxied() as upstream:
            yield proxy_app(own, upstream)
    else:
        yield watch_app(own)


async def _together(*works: Coroutine[None, None, None]) -> None:
    """Run all of ``works`` until one of them fails, or all have ended."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def address(host: str, listener: socket.socket) -> str:
    """The URL under which this machine reaches ``listener``."""
    port = listener.getsockname()[1]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - told apart, not bound
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
