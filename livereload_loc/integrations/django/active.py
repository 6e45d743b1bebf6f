"""The Django middleware while it is on; one that is off imports nothing of this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.autoreload import reset_loaders

from livereload_loc.httputil.headers import Headers
from livereload_loc.inject.page import TaggedPage, tag_response
from livereload_loc.inject.stream import PageStream
from livereload_loc.inject.tag import ScriptTag
from livereload_loc.integrations.activation import MiddlewareOptions
from livereload_loc.integrations.cgi_requests import CgiRequests
from livereload_loc.integrations.side_server import SideServer

if TYPE_CHECKING:
    from livereload_loc.changes import Batch
    from livereload_loc.pipeline.steps.queue import StepQueue


class ActiveDjangoMiddleware:
    """Responds with the tag in the app's pages, and with the scripts at our addresses.

    Raises:
        LocError: no port is free for the socket.
        ValueError: one of ``allow_origins`` is no origin.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any], options: MiddlewareOptions) -> None:
        self._get_response = get_response
        side = SideServer(options, steps=(_TemplateResetStep(),))
        self._requests = CgiRequests(side, "set LOC_DEV = {{'allow_hosts': {}}}")

    def respond(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response of a sync app."""
        own = self._own_response(request)
        if own:
            return own
        tag = self._take_tag(request)
        return self._edit(tag, self._get_response(request))

    async def respond_async(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response of an async app."""
        own = self._own_response(request)
        if own:
            return own
        tag = self._take_tag(request)
        response = await self._get_response(request)
        if not getattr(response, "is_async", False):
            return self._edit(tag, response)
        page = _page(tag, response)
        if page:
            pieces = _edited_async(page, response.streaming_content)
            first = await anext(pieces, b"")
            response.streaming_content = _chain_async(first, pieces)
            self._finish(page, response)
        return response

    def _own_response(self, request: HttpRequest) -> HttpResponse | None:
        own = self._requests.own_response(request.META)
        return own and HttpResponse(own.body, status=own.status, headers=own.headers)

    def _take_tag(self, request: HttpRequest) -> ScriptTag | None:
        tag = self._requests.take_tag(request.META, request.scheme or "http")
        request.__dict__.pop("headers", None)  # a cached property, to be made of META anew
        return tag

    def _edit(self, tag: ScriptTag | None, response: Any) -> HttpResponseBase:
        page = _page(tag, response)
        if page and response.streaming:
            # Django itself, with a warning of its own, gathers an async body under a sync server.
            pieces = _edited(page, iter(response))
            first = next(pieces, b"")  # the headers go out before the body, and depend on it
            response.streaming_content = chain([first], pieces)
            response.file_to_stream = None  # the server would send the file past us
        elif page:
            response.content = b"".join(page.feed(response.content, ended=True))
        if page:
            self._finish(page, response)
        return response

    def _finish(self, page: PageStream, response: Any) -> None:
        self._requests.warn(page.skip_reason)
        _set_headers(response, page.headers or ())


class _TemplateResetStep:
    """Has Django forget templates before pages reload; its own loop may be up to a second late."""

    problem = None

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        reset_loaders()
        return batch


def _page(tag: ScriptTag | None, response: Any) -> PageStream | None:
    """Return the page that ``response`` is; any other response gets edited headers, if it needs them."""
    if tag is None:
        return None
    pairs = [
        (key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in response.headers.items()
    ]
    result = tag_response(tag, response.status_code, pairs)
    if isinstance(result, TaggedPage):
        return PageStream(result)
    _set_headers(response, result)
    return None


def _edited(page: PageStream, body: Iterable[bytes]) -> Iterator[bytes]:
    for data in body:
        yield from page.feed(data)
    yield from page.feed(b"", ended=True)


async def _edited_async(page: PageStream, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for data in body:
        for piece in page.feed(data):
            yield piece
    for piece in page.feed(b"", ended=True):
        yield piece


async def _chain_async(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _set_headers(response: Any, headers: Headers) -> None:
    """Give ``response`` these headers and no others."""
    wanted = {key.decode("latin-1"): value.decode("latin-1") for key, value in headers}
    for name in list(response.headers):
        if name.lower() not in wanted:
            del response.headers[name]
    for name, value in wanted.items():
        if response.headers.get(name) != value:
            response.headers[name.title()] = value
