"""From a save of a template, and of a Python file, to what the page shows, everybody in turn in one run."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.async_api import Page

from tests.benchmarks.chromium import Took, chromium, opened, reach, seen, table
from tests.benchmarks.folders import scratch
from tests.benchmarks.peers import python_packages
from tests.benchmarks.processes import started
from tests.benchmarks.projects import AREL, BARE_DJANGO, DJANGO, DJANGO_PEER, PROJECTS, UVICORN, Project
from tests.benchmarks.report import Goal, Section, middle
from tests.support.ports import free_port

ROUNDS, WARM_UP = 10, 1
PACKAGES = ("arel", "django-browser-reload")
LOOKS = {
    "template": 'document.getElementById("template")?.textContent',
    "code": 'document.getElementById("code")?.textContent',
}
TEMPLATE_MS = 250
"""In which a template under bare loc-dev with Django is to show."""


def projects(peers: Path | None) -> list[Project]:
    """Return all, or those without PyPI's tools where these cannot be installed."""
    return [project for project in PROJECTS if peers or project not in (AREL, DJANGO_PEER)]


async def measure() -> Section:
    took: Took = {}
    peers = python_packages(*PACKAGES)
    running = projects(peers)
    with ExitStack() as stack:
        parent = stack.enter_context(scratch())
        urls: dict[Project, str] = {}
        folders: dict[Project, Path] = {}
        for number, project in enumerate(running):
            folder = folders[project] = parent / f"project{number}"
            (folder / "templates").mkdir(parents=True)
            project.make(folder)
            project.save_template(folder, 1)
            port = free_port()
            stack.enter_context(started(project.command(port), cwd=folder, PYTHONPATH=str(peers or "")))
            urls[project] = f"http://localhost:{port}"
            await reach(urls[project])
        async with chromium() as browser:
            pages = {project: await opened(browser, urls[project], LOOKS) for project in running}
            for number in range(2, 2 + WARM_UP + ROUNDS):
                for project in random.sample(running, len(running)):
                    for kind, seconds in await saved(project, folders[project], number, pages[project]):
                        if number >= 2 + WARM_UP and seconds is not None:
                            took.setdefault((project.name, kind), []).append(seconds)
    return section([project.name for project in running], took)


async def saved(project: Project, folder: Path, number: int, page: Page) -> list[tuple[str, float | None]]:
    """Save both, one after the other, and return how long each took to be seen."""
    found = []
    for kind, save in (("template", project.save_template), ("code", project.save_code)):
        # Until the last one is over; some reloaders look once a second, at whatever moment.
        await asyncio.sleep(random.uniform(1.0, 2.0))
        began = time.time()
        save(folder, number)
        found.append((kind, await seen(page, f"{kind} {number}", began)))
    return found


def section(names: list[str], took: Took) -> Section:
    title = f"A save of a template and of code until the page shows it ({ROUNDS} of each)"
    result = table(title, names, LOOKS, took)
    for ours, peer in ((UVICORN, AREL), (DJANGO, DJANGO_PEER)):
        if peer.name in names:
            ratio = middle(took.get((ours.name, "code"), [])) / middle(took.get((peer.name, "code"), []))
            result.goals.append(Goal(f"code, {ours.name}, to {peer.name}", ratio, 1.0))
    shown = middle(took.get((BARE_DJANGO.name, "template"), [])) * 1000
    result.goals.append(Goal("a template under bare loc-dev with Django", shown, TEMPLATE_MS, "ms"))
    return result
