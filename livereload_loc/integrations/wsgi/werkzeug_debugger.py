"""Error pages of Werkzeug's debugger with the tag: it wraps Flask's app, and so it wraps us, too.

Without the tag such a page would never reload, even after the error is fixed.
"""

from __future__ import annotations

import sys
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PACKAGE = __name__.partition(".")[0]

# A function to which the app gives what the debugger's console needs: the append of a list of one request.
_CONTEXTS = "werkzeug.debug.preserve_context"


def error_page(error: Exception, environ: WSGIEnvironment) -> WSGIApplication | None:
    """Return an app that responds, and logs, as the debugger around us would when it gets ``error``.

    None where there is no debugger, or where another middleware between it and us may handle the error. Call
    it in the function whose caller would get the error, with the environment that it was given.
    """
    debugger = _debugger_of(environ)
    if debugger is None:
        return None
    _ = debugger.pin  # derived from the app when it is read first
    contexts = getattr(environ.get(_CONTEXTS), "__self__", ())

    def fail(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        __traceback_hide__ = True  # read by the debugger
        for context in contexts:
            environ[_CONTEXTS](context)
        raise error

    ours = copy(debugger)  # it shares the frames that the console asks the debugger itself for
    ours.app = fail
    page: WSGIApplication = ours.debug_application
    return page


def _debugger_of(environ: WSGIEnvironment) -> Any:
    """Return the debugger that called us, with nothing but Flask's app in between."""
    frame: FrameType | None = sys._getframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
    if frame and _location(frame) == ("flask.app", "__call__"):
        frame = frame.f_back
    if frame and _location(frame) == ("werkzeug.debug", "debug_application"):
        arguments = frame.f_locals
        return arguments["self"] if arguments["environ"] is environ else None
    return None


def _location(frame: FrameType) -> tuple[str, str]:
    return frame.f_globals.get("__name__", ""), frame.f_code.co_name
