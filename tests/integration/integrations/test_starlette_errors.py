"""Error pages that Starlette makes around the middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    Response,
)
from starlette.routing import Mount, Route

from tests.support.asgi_apps import PAGE, TAG, TAGGED, get, live, running

pytestmark = pytest.mark.usefixtures("known_run")


def test_the_debug_page_of_an_error_carries_the_tag(tmp_path: Path) -> None:
    """Starlette makes it around all that is added to the app; the tab has to reload once it is mended."""

    async def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    with running(live(Starlette(debug=True, routes=[Route("/", broken)]), tmp_path)) as url:
        page = get(url)
        assert (page.status_code, page.text.count(TAG)) == (500, 1)
        assert "Traceback" in page.text
        plain = httpx2.get(url, headers={"Accept": "application/json"})
        assert (plain.status_code, TAG in plain.text) == (500, False)


@pytest.mark.parametrize("waits", [True, False])
def test_an_error_page_of_the_apps_own_carries_the_tag(tmp_path: Path, waits: bool) -> None:
    calls: list[str] = []

    async def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    def sorry(request: Request, error: Exception) -> Response:
        calls.append(str(error))
        return HTMLResponse(PAGE, 500)

    async def sorry_later(request: Request, error: Exception) -> Response:
        return sorry(request, error)

    mounted = Mount("/sub", routes=[Route("/", broken)])
    app = Starlette(routes=[mounted], exception_handlers={500: sorry_later if waits else sorry})
    with running(live(app, tmp_path)) as url:
        for _ in range(2):
            page = get(url, "/sub/")
            assert (page.status_code, page.text) == (500, TAGGED)
            assert int(page.headers["content-length"]) == len(TAGGED)
    assert calls == ["boom"] * 2


def test_a_middleware_around_it_sees_an_error_as_ever(tmp_path: Path) -> None:
    app = FastAPI(debug=True)
    live(app, tmp_path)

    @app.middleware("http")
    async def excusing(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            return await call_next(request)
        except RuntimeError as error:
            return JSONResponse({"sorry": str(error)}, 503)

    @app.get("/")
    async def broken() -> None:
        raise RuntimeError("boom")

    with running(app) as url:
        response = get(url)
        assert (response.status_code, response.json()) == (503, {"sorry": "boom"})
