"""Runs a command in one event loop: listens, watches, serves, and ends when the user says so."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from livereload_loc.access import Guard
from livereload_loc.events import Ready, Reporter, ScanProgress, fan_out
from livereload_loc.httputil.tasks import background, run_together
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.process.keyboard import keyboard
from livereload_loc.server.endpoint import Endpoint
from livereload_loc.server.loop_errors import LoopErrorReporter
from livereload_loc.server.sockets import allow_files, close_all, listen
from livereload_loc.server.uvicorn_server import serve_while
from livereload_loc.server.wiring import Wiring
from livereload_loc.settings import Settings
from livereload_loc.terminal.open_browser import open_browser
from livereload_loc.terminal.shortcuts import Shortcuts
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.app import AppServices, build_app
from livereload_loc.web.scripts import WIDGET
from livereload_loc.web.status.record import EventRecord
from livereload_loc.web.status.state import ServerStatus

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from livereload_loc.server.counter_service import CounterService
    from livereload_loc.terminal.printer import TerminalPrinter

# Reading the folders in silence for longer than SLOW_SECONDS would look like a hang.
SLOW_SECONDS, PROGRESS_SECONDS = 1.0, 0.2


def serve(settings: Settings, report: Reporter, terminal: TerminalPrinter | None = None) -> None:
    """Run a command until the user stops it: Ctrl+C, SIGTERM and SIGHUP end it in good order.

    Raises:
        LocError: what the user can mend; nothing is left running then.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run((_watch if settings.paths else _count)(settings, report, terminal))


async def _count(settings: Settings, report: Reporter, terminal: TerminalPrinter | None) -> None:
    """Run ``loc-dev count``."""
    from livereload_loc.server.counter_app import count_app
    from livereload_loc.server.counter_service import CounterService

    endpoint = Endpoint.from_settings(settings, public=True)
    errors = LoopErrorReporter(report)
    assert settings.counter
    service = CounterService(settings.counter, endpoint.guard, report, alone=True)
    allow_files()
    with contextlib.ExitStack() as closing:
        sockets = listen(endpoint.hosts, settings.port)
        closing.callback(close_all, sockets)
        port = sockets[0].getsockname()[1]
        url = endpoint.url(port)
        has_keys = _listen_to_keys(settings, closing, url, None, terminal, report)
        ready = Ready(
            url, f"{url}{PREFIX}/{WIDGET}", os.getpid(), (), 0,
            lan=endpoint.lan_urls(port), keys=has_keys, qr=settings.qr,
        )  # fmt: skip
        started = asyncio.Event()
        await serve_while(
            count_app(service, endpoint.guard),
            sockets,
            run_together(_announce(settings, endpoint, ready, report, started), service.counter.run()),
            started,
            raw_route=service.raw_route,
            on_full=errors.full,
            tls=endpoint.tls,
        )


async def _watch(settings: Settings, report: Reporter, terminal: TerminalPrinter | None) -> None:
    """Run ``loc-dev watch``, ``serve`` or ``proxy``."""
    record = EventRecord()
    report = fan_out(record, report)
    errors = LoopErrorReporter(report)
    endpoint = Endpoint.from_settings(settings)
    hub = Hub(exact=settings.site is not None, in_place=settings.in_place)
    watcher = _watcher(settings, hub)
    wiring = Wiring(settings, report)
    pipeline = ReloadPipeline(
        hub, watcher, report, steps=wiring.steps, site=wiring.site, requested=wiring.requested
    )
    service = _counter(settings, endpoint.guard, report)
    wiring.refuse_own_address(endpoint.hosts, settings.port if settings.strict_port else 0)
    async with contextlib.AsyncExitStack() as closing:
        # Listen first: a port that is taken needs no watch.
        sockets = listen(endpoint.hosts, settings.port, near=not settings.strict_port)
        closing.callback(close_all, sockets)
        port = sockets[0].getsockname()[1]
        url, lan = endpoint.url(port), endpoint.lan_urls(port)
        if settings.livereload_port:
            sockets += listen(endpoint.hosts, settings.livereload_port)
        wiring.refuse_own_address(endpoint.hosts, port)

        # Watch next: a page must not be served before a save would reach it.
        async with background(_report_progress(watcher, report)):
            await closing.enter_async_context(watcher)

        # Then serve.
        serves = settings.site is not None or wiring.target is not None
        status = ServerStatus(
            hub, endpoint.guard, watcher, record, tagged=serves,
            sites=service.api.sites if service else None, lan_url=f"{lan[0]}/" if lan else None,
        )  # fmt: skip
        services = AppServices(
            status, pipeline.pages, service.api.routes() if service else (), settings.livereload_port
        )
        site = await _site(settings, wiring, closing)
        has_keys = _listen_to_keys(settings, closing, url, pipeline, terminal, report)
        ready = Ready(
            url, f"{url}{RELOAD_SCRIPT}", os.getpid(), watcher.roots, watcher.files, serves, lan,
            keys=has_keys, qr=settings.qr,
        )  # fmt: skip
        started = asyncio.Event()
        works = [_announce(settings, endpoint, ready, report, started), pipeline.run()]
        works += [wiring.check_upstream(started), wiring.contents.read_all()]
        if wiring.command:
            works.append(wiring.command.run())
        if service:
            works.append(service.counter.run())
        await serve_while(
            build_app(services, site, proxied=wiring.target is not None),
            sockets,
            run_together(*works),
            started,
            proxied=wiring.target is not None,
            raw_route=service.raw_route if service else None,
            on_full=errors.full,
            tls=endpoint.tls,
        )


def _watcher(settings: Settings, hub: Hub) -> Watcher:
    return Watcher(
        settings.paths,
        ignore=settings.ignore,
        gitignore=not settings.no_gitignore,
        poll_ms=settings.poll_ms,
        attended=lambda: hub.subscribers > 0,
    )


async def _announce(
    settings: Settings, endpoint: Endpoint, ready: Ready, report: Reporter, started: asyncio.Event
) -> None:
    """Say that the server has started, and open the browser if the user wants it."""
    await started.wait()
    report(ready)
    if endpoint.advice:
        report(endpoint.advice)
    if settings.open_browser:
        open_browser(ready.url, report)


async def _report_progress(watcher: Watcher, report: Reporter) -> None:
    """Report how many files are read by now, where it takes long."""
    await asyncio.sleep(SLOW_SECONDS)
    while True:
        report(ScanProgress(watcher.roots, watcher.files))
        await asyncio.sleep(PROGRESS_SECONDS)


async def _site(settings: Settings, wiring: Wiring, closing: contextlib.AsyncExitStack) -> ASGIApp | None:
    """Return the folder that is served or the server that is proxied; None beside another server."""
    if settings.site is not None:
        from livereload_loc.site.static import StaticSite

        return StaticSite(
            settings.site,
            spa=settings.spa,
            secret=settings.key,
            requested=wiring.requested,
            in_place=settings.in_place != "off",
        )
    return await closing.enter_async_context(wiring.proxy(wiring.target)) if wiring.target else None


def _listen_to_keys(
    settings: Settings,
    closing: contextlib.ExitStack | contextlib.AsyncExitStack,
    url: str,
    pipeline: ReloadPipeline | None,
    terminal: TerminalPrinter | None,
    report: Reporter,
) -> bool:
    """Listen to the keyboard, unless it is COMMAND's or a program reads the output; return whether."""
    if settings.keys == "off" or terminal is None:
        return False
    shortcuts = Shortcuts(url, pipeline, terminal, report)
    return closing.enter_context(keyboard(shortcuts.typed, back=lambda: terminal.screen.draw()))


def _counter(settings: Settings, guard: Guard, report: Reporter) -> CounterService | None:
    if settings.counter is None:
        return None
    from livereload_loc.server.counter_service import CounterService

    return CounterService(settings.counter, guard, report, alone=False)
