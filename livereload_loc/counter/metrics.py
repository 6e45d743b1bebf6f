"""The counter's figures in the text format that Prometheus reads, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from livereload_loc.counter.counter import Counter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """One metric: its values by their labels; what only grows is a counter."""

    name: str
    help: str
    values: Mapping[Labels, float] = field(default_factory=dict)
    grows: bool = False


def exposition(families: Iterable[MetricFamily]) -> str:
    """All ``families`` as one text."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {family.help}")
        lines.append(f"# TYPE {family.name} {'counter' if family.grows else 'gauge'}")
        for labels, value in family.values.items():
            listed = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
            braces = f"{{{listed}}}" if listed else ""
            lines.append(f"{family.name}{braces} {value:.17g}")
    return "\n".join(lines) + "\n"


def families(counter: Counter) -> Iterator[MetricFamily]:
    """What the counter and its process are at."""
    rooms = counter.rooms()
    yield MetricFamily("loc_visitors", "Open sockets of this node.", {(): counter.visitors})
    yield MetricFamily("loc_sites", "Sites that this node keeps.", {(): len(rooms)})
    yield MetricFamily("loc_joins_total", "Visitors let in.", {(): counter.joined}, grows=True)
    refusals: dict[Labels, float] = {(("option", option),): n for option, n in counter.refusals.items()}
    yield MetricFamily("loc_refusals_total", "Visitors kept out, by the option for it.", refusals, grows=True)
    codes: dict[Labels, float] = {(("code", str(code)),): n for code, n in counter.shown_out.items()}
    yield MetricFamily("loc_shown_out_total", "Sockets closed for what came, by code.", codes, grows=True)
    yield MetricFamily("loc_totals_sent_total", "Totals sent.", {(): counter.sent}, grows=True)
    live = float(counter.store.state == "live")
    yield MetricFamily("loc_store_live", "Whether the other nodes are heard.", {(): live})
    totals: dict[Labels, float] = {(("site", site),): n for site, n in sorted(counter.store.totals().items())}
    yield MetricFamily("loc_site_visitors", "Visitors of a site on all nodes.", totals)
    yield from _process()


def _process() -> Iterator[MetricFamily]:
    times = os.times()
    seconds = times.user + times.system
    yield MetricFamily("process_cpu_seconds_total", "CPU time in seconds.", {(): seconds}, grows=True)
    try:
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
        open_files = len(os.listdir("/proc/self/fd")) - 1
    except OSError:
        return  # no Linux, or no file descriptor left
    memory = pages * os.sysconf("SC_PAGESIZE")
    yield MetricFamily("process_resident_memory_bytes", "Memory in bytes.", {(): memory})
    yield MetricFamily("process_open_fds", "Open file descriptors.", {(): open_files})


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
