"""Error pages of Starlette with the tag: Starlette makes them around all that is added to an app.

Without the tag such a page would never reload, even after the error is fixed. The error itself passes on to
whatever is around the middleware.
"""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.inject.asgi import InjectionApp
from livereload_loc.inject.tag import ScriptLocation
from livereload_loc.urls import ROOT_PATH


def tag_error_pages(framework: object, location: ScriptLocation) -> None:
    """Have the outermost middleware of a Starlette app tag its error pages: its own in debug, and those of
    the app's handler. Responses that are no pages stay as they are."""
    outermost = getattr(framework, "middleware_stack", None)
    if not isinstance(outermost, ServerErrorMiddleware):
        return
    make_page, handler = outermost.debug_response, outermost.handler

    def debug_response(request: Request, error: Exception) -> ASGIApp:
        return _tagged(make_page(request, error), location)

    async def handle(request: Request, error: Exception) -> ASGIApp:
        return _tagged(await _call(handler, request, error), location)

    outermost.debug_response = debug_response  # type: ignore[method-assign, assignment]
    if handler:
        outermost.handler = handle  # type: ignore[assignment]


async def _call(handler: Any, request: Request, error: Exception) -> ASGIApp:
    """Call a handler as Starlette does: await a coroutine function, run any other in a thread."""
    function = handler
    while isinstance(function, partial):
        function = function.func
    if iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        response: ASGIApp = await handler(request, error)
        return response
    return await run_in_threadpool(handler, request, error)


def _tagged(response: ASGIApp, location: ScriptLocation) -> ASGIApp:
    async def tagged(scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get(ROOT_PATH, scope.get("root_path", ""))
        await InjectionApp(response, location)({**scope, "root_path": root}, receive, send)

    return tagged
