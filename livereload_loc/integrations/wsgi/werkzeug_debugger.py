"""Werkzeug's debugger, whose pages have no tag of ours: it stands around Flask's app, and so around us too.

A page that it shows for an error would never reload, also once the error is mended.
"""

from __future__ import annotations

import sys
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PACKAGE = __name__.partition(".")[0]

_CONTEXTS = "werkzeug.debug.preserve_context"
"""Where the app leaves what its console needs; the debugger appends it to a list of one request."""


def page_of(error: Exception, environ: WSGIEnvironment) -> WSGIApplication | None:
    """The app that answers, and logs, as the debugger would that is about to get ``error``. None where there
    is none, or where somebody else stands between it and us, who may make something of the error.

    Called below the call that the error came out of, with the environment of that.
    """
    debugger = _debugger_of(environ)
    if debugger is None:
        return None
    _ = debugger.pin  # made of the app when it is asked for first
    contexts = getattr(environ.get(_CONTEXTS), "__self__", ())

    def fail(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        __traceback_hide__ = True  # read by the debugger
        for context in contexts:
            environ[_CONTEXTS](context)
        raise error

    ours = copy(debugger)  # its frames, which the console asks the debugger itself for, are the same
    ours.app = fail
    page: WSGIApplication = ours.debug_application
    return page


def _debugger_of(environ: WSGIEnvironment) -> Any:
    """The debugger that called us, by way of nobody but Flask's app."""
    frame: FrameType | None = sys._getframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
    if frame and _where(frame) == ("flask.app", "__call__"):
        frame = frame.f_back
    if frame and _where(frame) == ("werkzeug.debug", "debug_application"):
        passed = frame.f_locals
        return passed["self"] if passed["environ"] is environ else None
    return None


def _where(frame: FrameType) -> tuple[str, str]:
    return frame.f_globals.get("__name__", ""), frame.f_code.co_name
