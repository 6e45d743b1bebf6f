"""Where a WSGI app stands under the reloader of its server.

Pages of the run before wait for the socket of the process that serves, and come to it by no request; so there
it is opened with the app. The reloader's own process, which may load the app too, must not take the port.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

_LOOK = 0.02
"""Seconds between two looks at where the main thread is."""


def serves() -> bool:
    """Whether this process, which is making its app, serves it: under the reloader of Werkzeug, Django,
    Bottle or hupper (Pyramid), or as a worker of gunicorn. False where nothing tells."""
    if _is_werkzeugs() or os.environ.get("RUN_MAIN") == "true" or os.environ.get("BOTTLE_CHILD"):
        return True
    is_active: Callable[[], bool] | None = getattr(sys.modules.get("hupper"), "is_active", None)
    if is_active and is_active():
        return True
    return any(module.startswith("gunicorn.workers.") for module in _modules(sys._getframe()))


def once_run(then: Callable[[], None]) -> None:
    """Call ``then`` from a thread once Werkzeug's reloader runs the app that is being made, in the process
    that serves; elsewhere never. ``app.run(debug=True)`` sets the debug flag as late as that.
    """
    if _is_werkzeugs():
        threading.Thread(target=_wait, args=(then,), name="loc-dev wait", daemon=True).start()


def _wait(then: Callable[[], None]) -> None:
    main = threading.main_thread()
    while main.is_alive():
        if "werkzeug._reloader" in _modules(sys._current_frames().get(main.ident or 0)):
            then()
            return
        time.sleep(_LOOK)


def _is_werkzeugs() -> bool:
    return os.environ.get("WERKZEUG_RUN_MAIN") == "true"


def _modules(frame: FrameType | None) -> Iterator[str]:
    """The names of the modules whose code runs in ``frame`` and calls it."""
    while frame:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back
