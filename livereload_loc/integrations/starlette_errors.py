"""The error pages of Starlette, which it makes around all that is added to an app: they bear the tag, too.

Without it the page of an error that was mended would never reload. The error itself goes its way past us, to
whoever stands around the middleware and wants to see it.
"""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.inject.asgi import InjectionApp
from livereload_loc.inject.page import ScriptLocation
from livereload_loc.urls import ROOT_PATH


def tag_error_pages(framework: object, script: ScriptLocation) -> None:
    """Have the outermost middleware of a Starlette app tag the pages that it makes of errors: its own in
    debug, and those of a handler that the app has for them. What is no page stays as it is."""
    outermost = getattr(framework, "middleware_stack", None)
    if not isinstance(outermost, ServerErrorMiddleware):
        return
    make, handler = outermost.debug_response, outermost.handler

    def debug_response(request: Request, error: Exception) -> ASGIApp:
        return _tagged(make(request, error), script)

    async def handled(request: Request, error: Exception) -> ASGIApp:
        return _tagged(await _called(handler, request, error), script)

    outermost.debug_response = debug_response  # type: ignore[method-assign, assignment]
    if handler:
        outermost.handler = handled  # type: ignore[assignment]


async def _called(handler: Any, request: Request, error: Exception) -> ASGIApp:
    """What a handler answers: a coroutine function, or a plain one for a thread, as Starlette has it."""
    function = handler
    while isinstance(function, partial):
        function = function.func
    if iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        answer: Response = await handler(request, error)
    else:
        answer = await run_in_threadpool(handler, request, error)
    return answer


def _tagged(answer: ASGIApp, script: ScriptLocation) -> ASGIApp:
    async def tagged(scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get(ROOT_PATH, scope.get("root_path", ""))
        await InjectionApp(answer, script)({**scope, "root_path": root}, receive, send)

    return tagged
