"""The signals that ask us to end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def stop_signals() -> list[int]:
    """Return their numbers, without SIGHUP under nohup, whose user wants us to stay."""
    return [
        getattr(signal, name)
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        if hasattr(signal, name)
        and (name != "SIGHUP" or signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN)
    ]


@contextmanager
def on_stop_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call ``stop`` in the running event loop on each of them, as long as the block runs."""
    import asyncio

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    loop = asyncio.get_running_loop()
    numbers = stop_signals()
    for number in numbers:
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        if sys.platform != "win32":
            for number in numbers:
                loop.remove_signal_handler(number)
