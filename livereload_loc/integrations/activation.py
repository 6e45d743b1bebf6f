"""Middlewares while they are off: their options, and when to be on.

That is in debug only, so that production neither pays for a middleware nor exposes anything by it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import FrameType
from typing import Generic, TypeVar

from livereload_loc.httputil.log import logger
from livereload_loc.protocol import InPlace

_WORKERS = re.compile(r"(--workers|-w)=?(?P<count>\d*)")

# The attribute in which a server keeps its settings, by the module that runs a worker.
_SETTINGS = {"uvicorn.server": "config", "gunicorn.arbiter": "cfg"}

App = TypeVar("App")


@dataclass(frozen=True, slots=True)
class MiddlewareOptions:
    """What to watch, and who may connect beyond this machine, as :class:`OptionalMiddleware` describes it."""

    watch: Sequence[str | os.PathLike[str]]
    ignore: Sequence[str] = ()
    allow_hosts: Sequence[str] = ()
    allow_origins: Sequence[str] = ()
    in_place: InPlace = "on"


class OptionalMiddleware(Generic[App]):
    """A middleware around ``app`` that may be off."""

    def __init__(
        self,
        app: App,
        *,
        watch: Sequence[str | os.PathLike[str]] = (".",),
        enabled: bool | None = None,
        ignore: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
        in_place: InPlace = "on",
    ) -> None:
        """Wrap ``app``, whose pages update when files below ``watch`` change.

        ``watch``: paths of folders and files, relative to the working folder. Python files are ignored: pages
        update once the app has restarted with them. ``enabled``: whether to be on; None means when the
        framework's debug flag is set or the environment has ``LOC_DEV=1``, but not with several workers, each
        of which would watch by itself and reach its own pages only. A line in the log says that it is off.
        ``ignore``: patterns as in .gitignore. ``allow_hosts``: host names, and ``allow_origins``: origins
        such as ``https://dev.example``, to allow besides those of this machine. ``in_place``: "on" changes
        pages without scripts in place instead of reloading them, and those with ``data-loc-in-place`` on
        ``<html>``; "always" all of them, "off" none.

        Where a path does not exist, the log says so, and pages do not reload. The first request raises
        :class:`ValueError` where one of ``allow_origins`` is no origin.
        """
        self._app = app
        self._options = MiddlewareOptions(watch, ignore, allow_hosts, allow_origins, in_place)
        self._enabled = enabled
        self._prepare()

    def _prepare(self) -> None:
        """Do what has to be done before the first request."""

    def _decide(self, framework: object) -> None:
        """Decide whether to be on, where it is open; ``framework`` may have a debug flag."""
        if self._enabled is None:
            self._enabled = decide_activation(debug=bool(getattr(framework, "debug", False)))


def decide_activation(*, debug: bool) -> bool:
    """Decide whether to be on where the app leaves it open, and log why it is off.

    It is on in ``debug``, or by ``LOC_DEV=1``. Each of several workers would watch by itself and reach its
    own pages only, so with them it is off.
    """
    if os.environ.get("LOC_DEV", "") in ("", "1") and (
        asks_for_workers(sys.argv, os.environ) or _workers_in_settings() > 1
    ):
        logger.warning("LiveReloadMiddleware is off: it works with one worker only.")
        return False
    if is_requested() or (debug and os.environ.get("LOC_DEV") != "0"):
        return True
    logger.warning("LiveReloadMiddleware is off: the app's debug flag is not set, and LOC_DEV is not 1.")
    return False


def is_requested() -> bool:
    """Return whether ``LOC_DEV=1`` asks for it, whatever the app's debug flag is."""
    return os.environ.get("LOC_DEV") == "1"


def asks_for_workers(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Return whether a command line or the environment asks for more than one worker, as uvicorn, hypercorn
    and gunicorn read them."""
    if environment.get("WEB_CONCURRENCY", "1") not in ("", "1"):
        return True
    for argument, following in pairwise([*environment.get("GUNICORN_CMD_ARGS", "").split(), *arguments, ""]):
        found = _WORKERS.fullmatch(argument)
        if found:
            return (found["count"] or following) not in ("", "1")
    return False


def _workers_in_settings() -> int:
    """Return the number of workers in the settings of the server among our callers; 1 where there is none.

    Code or a file may have set it, which only the server itself knows.
    """
    frame: FrameType | None = sys._getframe()
    while frame:
        settings = _SETTINGS.get(frame.f_globals.get("__name__", ""))
        if settings and "self" in frame.f_locals:
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                return int(getattr(frame.f_locals["self"], settings).workers or 1)
        frame = frame.f_back
    return 1
