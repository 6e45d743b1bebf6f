"""When a middleware is on, and what it costs while it is off."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from livereload_loc.integrations.activation import asks_for_workers

OFF = """
import asyncio, sys
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
import livereload_loc.django, livereload_loc.wsgi

settings.configure()

async def app(scope, receive, send):
    pass

asyncio.run(livereload_loc.LiveReloadMiddleware(app)({"type": "http"}, None, None))
livereload_loc.wsgi.LiveReloadMiddleware(lambda environ, start: [])({}, None)
try:
    livereload_loc.django.LiveReloadMiddleware(lambda request: None)
except MiddlewareNotUsed:
    print(*sys.modules)
"""


def test_off_it_imports_nothing_of_what_it_would_run() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "LOC_DEV"}
    ended = subprocess.run(
        [sys.executable, "-c", OFF], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(ended.stdout.split())
    assert "livereload_loc.integrations.django.middleware" in loaded
    running = {f"livereload_loc.{part}" for part in ("inject", "pipeline", "server", "watcher", "web")}
    assert loaded & {"starlette", "uvicorn", *running} == set()


@pytest.mark.parametrize(
    ("environment", "arguments", "several"),
    [
        ({}, "uvicorn app:app", False),
        ({}, "uvicorn app:app --workers 1", False),
        ({}, "uvicorn app:app --workers 2", True),
        ({}, "uvicorn app:app --workers=2", True),
        ({}, "hypercorn -w 2 app:app", True),
        ({}, "gunicorn -w2 app:app", True),
        ({}, "gunicorn -w1 app:app", False),
        ({"GUNICORN_CMD_ARGS": "--bind=0.0.0.0 --workers=4"}, "gunicorn app:app", True),
        ({"WEB_CONCURRENCY": "3"}, "gunicorn app:app", True),
    ],
)
def test_several_workers_are_noticed(environment: dict[str, str], arguments: str, several: bool) -> None:
    assert asks_for_workers(arguments.split(), environment) is several
