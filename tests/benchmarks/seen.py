"""From a save to what the page shows, in Chromium, everybody in turn in one run."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.async_api import BrowserContext, Page, async_playwright

from tests.benchmarks.contestants import COMMAND, PATIENCE
from tests.benchmarks.folders import scratch
from tests.benchmarks.processes import started
from tests.benchmarks.report import Goal, Section, middle, ms
from tests.support.paths import ROOT
from tests.support.ports import free_port

ROUNDS, WARM_UP, LONGEST = 20, 2, 5.0
PEERS = ROOT / ".cache/peers"
PACKAGES = ("vite@8", "live-server@1", "browser-sync@3")
PARAGRAPHS = "<p>so many words of a page that somebody reads</p>" * 120

# Runs in each document before all else, notes when the page first shows what is wanted, and draws nothing.
LOOK = """
const looks = {
  html: () => document.getElementById("shown")?.textContent,
  css: () => getComputedStyle(document.getElementById("shown")).order,
  script: () => document.documentElement.dataset.script,
  image: () => document.images[0]?.complete && document.images[0].naturalWidth,
};
setInterval(() => {
  for (const [kind, look] of Object.entries(looks)) {
    let shows;
    try { shows = look(); } catch {}
    const key = `${kind} ${shows}`;
    if (shows && !localStorage.getItem(key)) localStorage.setItem(key, Date.now());
  }
}, 1);
"""


@dataclass(frozen=True)
class Tool:
    """A tool of the field; ``command`` makes its command line of a folder and a port."""

    name: str
    command: Callable[[Path, int], list[str]]


LOC_DEV = Tool(
    "loc-dev serve", lambda folder, port: [str(COMMAND), "serve", str(folder), f"--port={port}", "--quiet"]
)


def peers() -> list[Tool]:
    """npm's tools, put into .cache when they are not there; none, said on stderr, where that fails."""
    modules = PEERS / "node_modules"
    if not all((modules / package.partition("@")[0]).is_dir() for package in PACKAGES):
        npm = shutil.which("npm")
        install = [npm or "npm", "install", "--prefix", str(PEERS), "--no-audit", "--no-fund", *PACKAGES]
        if not npm or subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode:
            print("no peers: npm could not install them", file=sys.stderr)
            return []

    def version(package: str) -> str:
        return f"{package} {json.loads((modules / package / 'package.json').read_text())['version']}"

    return [
        Tool(
            version("vite"),
            lambda folder, port: [
                *("node", f"{modules}/vite/bin/vite.js", str(folder), f"--port={port}", "--strictPort")
            ],
        ),
        Tool(
            version("live-server"),
            lambda folder, port: [
                *(
                    "node",
                    f"{modules}/live-server/live-server.js",
                    str(folder),
                    f"--port={port}",
                    "--no-browser",
                )
            ],
        ),
        Tool(
            version("browser-sync"),
            lambda folder, port: [
                *(
                    "node",
                    f"{modules}/browser-sync/dist/bin.js",
                    "start",
                    "--server",
                    str(folder),
                    f"--port={port}",
                ),
                *("--files", str(folder), "--no-open", "--no-ui", "--no-notify"),
            ],
        ),
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
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
            )
            for kind, (name, make, where) in KINDS.items():
                contexts = {tool.name: await browser.new_context() for tool in tools}
                pages = {
                    tool: await opened(context, f"{urls[tool]}/{where}") for tool, context in contexts.items()
                }
                for number in range(2, 2 + WARM_UP + ROUNDS):
                    for tool in random.sample(list(pages), len(pages)):
                        await asyncio.sleep(random.uniform(0.3, 0.4))  # until the last one is over
                        content = make(number)
                        began = time.time()
                        save(folders[tool], name, content)
                        seconds = await seen(pages[tool], f"{kind} {number}", began)
                        if number >= 2 + WARM_UP and seconds is not None:
                            took.setdefault((tool, kind), []).append(seconds)
                for context in contexts.values():
                    await context.close()
            await browser.close()
    return section([tool.name for tool in tools], took)


async def reach(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await asyncio.to_thread(lambda: urlopen(url, timeout=5).close())
            return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


async def opened(context: BrowserContext, url: str) -> Page:
    await context.add_init_script(LOOK)
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_timeout(1500)  # its socket is open, and what it fetches when idle is there
    return page


async def seen(page: Page, key: str, began: float) -> float | None:
    """Seconds from ``began`` until the page showed it, by its own clock; None when it did not in time."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            if at := await page.evaluate("(key) => localStorage.getItem(key)", key):
                return float(at) / 1000 - began
        except Exception:  # between two documents
            pass
        await asyncio.sleep(0.02)
    return None


def section(names: list[str], took: dict[tuple[str, str], list[float]]) -> Section:
    result = Section(
        f"A save until the page shows it ({ROUNDS} of each), median, ms",
        ("", *KINDS),
        note=f"A page of 120 paragraphs in Chromium. never: not in {LONGEST:g} s.",
    )
    for name in names:
        cells = [ms(middle(took[name, kind])) if (name, kind) in took else "never" for kind in KINDS]
        result.rows.append([name, *cells])
    for kind, limit in LIMITS.items():
        others = [name for name in names[1:] if (name, kind) in took and (kind != "css" or "vite" in name)]
        if others:
            best = min(middle(took[name, kind]) for name in others)
            ratio = middle(took.get((names[0], kind), [])) / best
            result.goals.append(Goal(f"{kind} seen, to the best peer's", ratio, limit))
    return result
