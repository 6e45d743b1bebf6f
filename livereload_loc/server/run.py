"""Runs everything in one event loop: listens, serves, watches, and ends on the user's word."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from livereload_loc.access import Guard
from livereload_loc.events import Ready, Reporter, ScanProgress, fan_out
from livereload_loc.httputil.tasks import run_together
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.process.keyboard import keyboard
from livereload_loc.server.endpoint import Endpoint
from livereload_loc.server.loop_errors import LoopErrorReporter
from livereload_loc.server.sockets import allow_files
from livereload_loc.server.uvicorn_server import serve_beside
from livereload_loc.server.wiring import Wiring
from livereload_loc.settings import Settings
from livereload_loc.terminal.open_browser import open_browser
from livereload_loc.terminal.shortcuts import Shortcuts
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.app import AppServices, PortSwitch, proxy_app, site_app, watch_app
from livereload_loc.web.scripts import WIDGET
from livereload_loc.web.status.record import EventRecord

if TYPE_CHECKING:
    from livereload_loc.server.counter_service import CounterService

SLOW_SECONDS = 1.0
"""Reading the folders in silence for longer than this would look like a hang."""

PROGRESS_SECONDS = 0.2


def serve(settings: Settings, report: Reporter) -> None:
    """Run a command of loc-dev until the user stops it: Ctrl+C, SIGTERM and SIGHUP end it in good order.

    Raises:
        LocError: what the user can mend; nothing is left running then.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(settings, report) if settings.paths else _count(settings, report))


async def _count(settings: Settings, report: Reporter) -> None:
    from livereload_loc.server.counter_app import count_app
    from livereload_loc.server.counter_service import CounterService

    assert settings.counter
    reach = Endpoint.of(settings, public=True)
    guard = reach.guard
    counting = CounterService(settings.counter, guard, report, alone=True)
    allow_files()
    unexpected = LoopErrorReporter(report)
    with contextlib.ExitStack() as closing:
        sockets = _opened(reach.listen(settings.port), closing)
        port = sockets[0].getsockname()[1]
        url = reach.url(port)
        script = f"{url}{PREFIX}/{WIDGET}"
        ready = Ready(
            url, script, os.getpid(), (), 0, lan=reach.lan_urls(port),
            keys=_hears_keys(settings, closing, Shortcuts(url, None, report)), qr=settings.qr,
        )  # fmt: skip
        app = count_app(counting, guard)
        await serve_beside(
            app,
            sockets,
            counting.counter.run(),
            partial(_ready, settings, reach, ready, report),
            entrance=counting.entrance,
            full=unexpected.full,
            tls=reach.tls,
        )


async def _run(settings: Settings, report: Reporter) -> None:
    record = EventRecord()
    report = fan_out(record, report)
    unexpected = LoopErrorReporter(report)
    hub = Hub(exact=settings.site is not None)
    reach = Endpoint.of(settings)
    guard = reach.guard
    watcher = Watcher(
        settings.paths,
        ignore=settings.ignore,
        gitignore=not settings.no_gitignore,
        poll_ms=settings.poll_ms,
        attended=lambda: hub.subscribers > 0,
    )
    pairing = Wiring(settings, report)
    pipeline = ReloadPipeline(hub, watcher, report, steps=pairing.steps, site=pairing.site)
    counting = _counting(settings, guard, report)
    pairing.refuse_own_address(reach.hosts, settings.port if settings.strict_port else 0)
    with contextlib.ExitStack() as closing:
        sockets = _opened(reach.listen(settings.port, near=not settings.strict_port), closing)
        port = sockets[0].getsockname()[1]
        url, lan = reach.url(port), reach.lan_urls(port)
        if settings.livereload_port:
            sockets += _opened(reach.listen(settings.livereload_port), closing)
        pairing.refuse_own_address(reach.hosts, port)
        slow = _ScanProgressReporter(watcher, report)
        closing.callback(slow.cancel)
        serves = settings.site is not None or settings.upstream is not None
        own = AppServices(
            hub, pipeline.pages, guard, watcher, record, tagged=serves,
            counter_routes=counting.api.routes() if counting else (),
            counter_sites=counting.api.sites if counting else None,
            lan_url=f"{lan[0]}/" if lan else None,
        )  # fmt: skip
        async with watcher, _app(settings, pairing, own) as app:
            slow.cancel()
            if settings.livereload_port:
                app = PortSwitch(app, settings.livereload_port, watch_app(own))
            script = f"{url}{RELOAD_SCRIPT}"
            ready = Ready(
                url, script, os.getpid(), watcher.roots, watcher.files, serves, lan,
                keys=_hears_keys(settings, closing, Shortcuts(url, pipeline, report)), qr=settings.qr,
            )  # fmt: skip
            begun = asyncio.Event()
            works = [pipeline.run()]
            if pairing.target:
                works.append(pairing.check_upstream(begun))
            if pairing.command:
                works.append(pairing.command.run())
            if counting:
                works.append(counting.counter.run())
            await serve_beside(
                app,
                sockets,
                run_together(*works),
                partial(_ready, settings, reach, ready, report, begun),
                proxied=pairing.target is not None,
                entrance=counting.entrance if counting else None,
                full=unexpected.full,
                tls=reach.tls,
            )


def _opened(sockets: list[socket.socket], closing: contextlib.ExitStack) -> list[socket.socket]:
    """``sockets``, which are closed with ``closing``."""
    for listener in sockets:
        closing.callback(listener.close)
    return sockets


class _ScanProgressReporter:
    """Says how far the reading of the folders is, where it takes long."""

    def __init__(self, watcher: Watcher, report: Reporter) -> None:
        self._watcher, self._report = watcher, report
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(SLOW_SECONDS, self._say)

    def cancel(self) -> None:
        """They are read."""
        self._timer.cancel()

    def _say(self) -> None:
        self._report(ScanProgress(self._watcher.roots, self._watcher.files))
        self._timer = self._loop.call_later(PROGRESS_SECONDS, self._say)


def _hears_keys(settings: Settings, closing: contextlib.ExitStack, keys: Shortcuts) -> bool:
    """Listen to the keyboard until ``closing``, unless it is COMMAND's or we talk to a program."""
    if settings.keys == "off" or settings.output == "json":
        return False
    return closing.enter_context(keyboard(keys.typed, back=keys.back))


def _ready(
    settings: Settings, reach: Endpoint, ready: Ready, report: Reporter, begun: asyncio.Event | None = None
) -> None:
    report(ready)
    if begun:
        begun.set()
    for told in reach.told:
        report(told)
    if settings.open_browser:
        open_browser(ready.url, report)


def _counting(settings: Settings, guard: Guard, report: Reporter) -> CounterService | None:
    if settings.counter is None:
        return None
    from livereload_loc.server.counter_service import CounterService

    return CounterService(settings.counter, guard, report, alone=False)


@contextlib.asynccontextmanager
async def _app(settings: Settings, pairing: Wiring, own: AppServices) -> AsyncIterator[ASGIApp]:
    if settings.site is not None:
        from livereload_loc.site.static import StaticSite

        yield site_app(own, StaticSite(settings.site, spa=settings.spa, secret=settings.key))
    elif pairing.target:
        async with pairing.proxy(pairing.target) as upstream:
            yield proxy_app(own, upstream)
    else:
        yield watch_app(own)
