"""From a save to what the page shows, in Chromium, everybody in turn in one run."""

from __future__ import annotations

import asyncio
import random
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.chromium import PARAGRAPHS, Took, chromium, opened, reach, seen, table
from tests.benchmarks.contestants import COMMAND
from tests.benchmarks.folders import scratch
from tests.benchmarks.peers import name_and_version, node, npm_modules
from tests.benchmarks.processes import started
from tests.benchmarks.report import Goal, Section, middle
from tests.support.ports import free_port

ROUNDS, WARM_UP = 20, 2
PACKAGES = ("vite@8", "live-server@1", "browser-sync@3")
LOOKS = {
    "html": 'document.getElementById("shown")?.textContent',
    "css": 'getComputedStyle(document.getElementById("shown")).order',
    "script": "document.documentElement.dataset.script",
    "image": "document.images[0]?.complete && document.images[0].naturalWidth",
}


@dataclass(frozen=True)
class Tool:
    """A tool of the field; ``command`` makes its command line of a folder and a port."""

    name: str
    command: Callable[[Path, int], list[str]]


LOC_DEV = Tool(
    "loc-dev serve",
    lambda folder, port: [str(COMMAND), "serve", str(folder), f"--port={port}", "--quiet", "--in-place=on"],
)


def peers() -> list[Tool]:
    modules = npm_modules(*PACKAGES)
    if modules is None:
        return []
    scripts = {
        "vite": ("bin/vite.js", "FOLDER", "--port=PORT", "--strictPort"),
        "live-server": ("live-server.js", "FOLDER", "--port=PORT", "--no-browser"),
        "browser-sync": (
            *("dist/bin.js", "start", "--server", "FOLDER", "--port=PORT", "--files", "FOLDER"),
            *("--no-open", "--no-ui", "--no-notify"),
        ),
    }
    return [
        Tool(name_and_version(modules, package), node(modules / package / script, *words))
        for package, (script, *words) in scripts.items()
    ]


def page(number: int) -> str:
    return (
        "<!doctype html><html><head><title>seen</title><link rel=stylesheet href=site.css></head>"
        f"<body><p id=shown>{number}</p><img src=image.png alt=''>{PARAGRAPHS}</body></html>"
    )


def app(number: int) -> str:
    return page(number).replace("</head>", "<script type=module src=main.js></script></head>")


def style(number: int) -> str:
    return f"#shown {{ order: {number} }}"


def script(number: int) -> str:
    return f"document.documentElement.dataset.script = {number}"


def image(number: int) -> bytes:
    """A PNG of that width."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress(b"\0" + b"\0" * number)
    header = struct.pack(">IIBBBBB", number, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


# What is saved, into which file, in which page that is seen.
KINDS: dict[str, tuple[str, Callable[[int], str | bytes], str]] = {
    "html": ("index.html", page, "index.html"),
    "css": ("site.css", style, "index.html"),
    "script": ("main.js", script, "app.html"),
    "image": ("image.png", image, "index.html"),
}
# Our time to the best peer's, at most; a style sheet to Vite's.
LIMITS = {"html": 0.35, "css": 1.0, "script": 0.75, "image": 0.25}


def save(folder: Path, name: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)


async def measure() -> Section:
    took: dict[tuple[str, str], list[float]] = {}
    tools = [LOC_DEV, *peers()]
    with ExitStack() as stack:
        parent = stack.enter_context(scratch())
        urls: dict[str, str] = {}
        folders: dict[str, Path] = {}
        for number, tool in enumerate(tools):
            folder = folders[tool.name] = parent / f"site{number}"
            folder.mkdir()
            for name, make in (
                ("index.html", page),
                ("app.html", app),
                *((n, m) for n, m, _ in KINDS.values()),
            ):
                save(folder, name, make(1))
            port = free_port()
            stack.enter_context(started(tool.command(folder, port)))
            urls[tool.name] = f"http://localhost:{port}"
            await reach(urls[tool.name])
        async with chromium() as browser:
            for kind, (name, make, where) in KINDS.items():
                pages = {
                    tool.name: await opened(browser, f"{urls[tool.name]}/{where}", LOOKS) for tool in tools
                }
                for number in range(2, 2 + WARM_UP + ROUNDS):
                    for its in random.sample(list(pages), len(pages)):
                        await asyncio.sleep(random.uniform(0.3, 0.4))  # until the last one is over
                        content = make(number)
                        began = time.time()
                        save(folders[its], name, content)
                        seconds = await seen(pages[its], f"{kind} {number}", began)
                        if number >= 2 + WARM_UP and seconds is not None:
                            took.setdefault((its, kind), []).append(seconds)
                for open_page in pages.values():
                    await open_page.context.close()
    return section([tool.name for tool in tools], took)


def section(names: list[str], took: Took) -> Section:
    result = table(f"A save until the page shows it ({ROUNDS} of each)", names, KINDS, took)
    for kind, limit in LIMITS.items():
        others = [name for name in names[1:] if (name, kind) in took and (kind != "css" or "vite" in name)]
        if others:
            best = min(middle(took[name, kind]) for name in others)
            ratio = middle(took.get((names[0], kind), [])) / best
            result.goals.append(Goal(f"{kind} seen, to the best peer's", ratio, limit))
    return result
