"""When a middleware is on: in debug only, so that production neither pays for it nor shows anything of it."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from itertools import pairwise
from types import FrameType

from livereload_loc.events import Event, ProblemFound, UpdateSummary

CODE = "*.py"
"""What takes effect with a restart only, after which the pages find another run, and reload."""

_WORKERS = re.compile(r"(--workers|-w)=?(?P<count>\d*)")

_SETTINGS = {"uvicorn.server": "config", "gunicorn.arbiter": "cfg"}
"""Where a server keeps its settings, by the module that runs a worker."""

logger = logging.getLogger("livereload_loc")


def wanted(*, debug: bool) -> bool:
    """Whether to be on where the app does not say: in ``debug``, or by ``LOC_DEV=1``, and in one worker.

    Several workers would each watch and each tell their own pages only. That it is off is said in a line.
    """
    if os.environ.get("LOC_DEV", "") in ("", "1") and several_workers():
        logger.warning("LiveReloadMiddleware is off: it works with one worker only.")
        return False
    if asked() or (debug and os.environ.get("LOC_DEV") != "0"):
        return True
    logger.warning("LiveReloadMiddleware is off: the app's debug flag is not set, and LOC_DEV is not 1.")
    return False


def asked() -> bool:
    """Whether ``LOC_DEV=1`` asks for it, whatever the app's debug flag is."""
    return os.environ.get("LOC_DEV") == "1"


def several_workers() -> bool:
    """Whether uvicorn, hypercorn or gunicorn were asked for more than one worker: by the environment, on the
    command line, or in code or a file of settings, which only the server itself knows."""
    if os.environ.get("WEB_CONCURRENCY", "1") not in ("", "1"):
        return True
    of_gunicorn = os.environ.get("GUNICORN_CMD_ARGS", "").split()
    for argument, following in pairwise([*of_gunicorn, *sys.argv, ""]):
        found = _WORKERS.fullmatch(argument)
        if found:
            return (found["count"] or following) not in ("", "1")
    return _told_to_server() > 1


def _told_to_server() -> int:
    """The number of workers in the settings of the server that runs us, found among our callers; 1 where we
    know no such server."""
    frame: FrameType | None = sys._getframe()
    while frame:
        settings = _SETTINGS.get(frame.f_globals.get("__name__", ""))
        if settings and "self" in frame.f_locals:
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                return int(getattr(frame.f_locals["self"], settings).workers or 1)
        frame = frame.f_back
    return 1


def log(report: Event) -> None:
    """Say in the app's log what a person should know.

    Where no page answered there is nobody to tell, and a log that lies in the watched folder has to stay
    silent then: a line about its own change would make the next one.
    """
    match report:
        case UpdateSummary() if report.ms:
            logger.info("%s", report.line)
        case ProblemFound():
            logger.warning("%s. %s", report.title, report.detail)
