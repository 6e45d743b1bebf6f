"""The counter's figures in the text format of Prometheus, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from livereload_loc.counter.counter import Counter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """One metric: a value, or values by those of ``label``. ``grows``: it is a counter, not a gauge."""

    name: str
    help: str
    values: float | Mapping[str, float]
    label: str = ""
    grows: bool = False

    def lines(self) -> Iterator[str]:
        """Yield the lines that describe and hold the values."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {'counter' if self.grows else 'gauge'}"
        if isinstance(self.values, Mapping):
            for text, value in self.values.items():
                yield f'{self.name}{{{self.label}="{_escaped(text)}"}} {value:.17g}'
        else:
            yield f"{self.name} {self.values:.17g}"


def exposition(families: Iterable[MetricFamily]) -> str:
    """Return all ``families`` as one text."""
    return "".join(f"{line}\n" for family in families for line in family.lines())


def families(counter: Counter) -> Iterator[MetricFamily]:
    """Yield the metrics of the counter and of its process."""
    store = counter.store
    faults = {str(code): count for code, count in counter.faults.items()}
    totals = dict(sorted(store.totals().items()))
    yield MetricFamily("loc_visitors", "Open sockets of this node.", counter.visitors)
    yield MetricFamily("loc_sites", "Sites that this node keeps.", len(counter.sites))
    yield MetricFamily("loc_joins_total", "Visitors admitted.", counter.joined, grows=True)
    yield MetricFamily("loc_refusals_total", "Visitors refused, by the option that would admit them.",
                       counter.refusals, "option", grows=True)  # fmt: skip
    yield MetricFamily("loc_shown_out_total", "Sockets closed for what their pages sent, by close code.",
                       faults, "code", grows=True)  # fmt: skip
    yield MetricFamily("loc_totals_sent_total", "Totals sent.", counter.broadcast.sent, grows=True)
    yield MetricFamily("loc_store_live", "Whether the other nodes are reachable.", store.state == "live")
    yield MetricFamily("loc_site_visitors", "Visitors of a site on all nodes.", totals, "site")
    yield from _process()


def _process() -> Iterator[MetricFamily]:
    times = os.times()
    seconds = times.user + times.system
    yield MetricFamily("process_cpu_seconds_total", "CPU time in seconds.", seconds, grows=True)
    try:
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
        open_files = len(os.listdir("/proc/self/fd")) - 1
    except OSError:
        return  # not on Linux, or no file descriptor is left
    memory = pages * os.sysconf("SC_PAGESIZE")
    yield MetricFamily("process_resident_memory_bytes", "Memory in bytes.", memory)
    yield MetricFamily("process_open_fds", "Open file descriptors.", open_files)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
