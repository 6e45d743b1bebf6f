"""Finds the process that serves a WSGI app under a reloader.

Pages of the process before wait for the socket of the one that serves, and send it no request; so there the
socket is opened together with the app. The reloader's own process, which may load the app too, must not take
the port.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

# Seconds between two looks at what the main thread runs.
_INTERVAL = 0.02


def is_serving_process() -> bool:
    """Return whether this process, which is making its app, serves it.

    True under the reloader of Werkzeug, Django, Bottle or hupper (Pyramid), and in a worker of gunicorn;
    False where nothing shows it.
    """
    if _is_werkzeug_child() or os.environ.get("RUN_MAIN") == "true" or os.environ.get("BOTTLE_CHILD"):
        return True
    hupper_is_active: Callable[[], bool] | None = getattr(sys.modules.get("hupper"), "is_active", None)
    if hupper_is_active and hupper_is_active():
        return True
    return any(module.startswith("gunicorn.workers.") for module in _modules(sys._getframe()))


def when_served(callback: Callable[[], None]) -> None:
    """Call ``callback`` from a thread once Werkzeug's reloader runs the app; without that reloader never.

    ``app.run(debug=True)`` sets the debug flag only then.
    """
    if _is_werkzeug_child():
        threading.Thread(target=_wait, args=(callback,), name="loc-dev wait", daemon=True).start()


def _wait(callback: Callable[[], None]) -> None:
    main = threading.main_thread()
    while main.is_alive():
        if "werkzeug._reloader" in _modules(sys._current_frames().get(main.ident or 0)):
            callback()
            return
        time.sleep(_INTERVAL)


def _is_werkzeug_child() -> bool:
    return os.environ.get("WERKZEUG_RUN_MAIN") == "true"


def _modules(frame: FrameType | None) -> Iterator[str]:
    """Yield the names of the modules whose code runs in ``frame`` and calls it."""
    while frame:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back
