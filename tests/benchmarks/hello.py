"""The least that answers: Starlette and uvicorn. Argument: PORT."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


uvicorn.run(Starlette(routes=[Route("/", hello)]), host="localhost", port=int(sys.argv[1]), log_level="error")
