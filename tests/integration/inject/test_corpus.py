"""A manual of many hundred pages: each is served with one piece put in and no other byte changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.support.asgi_apps import running
from tests.support.loc_dev import LocDev
from tests.support.paths import ROOT

CORPUS = ROOT / ".cache/corpus"
FEWEST = 500
PARTS = 6
TAG = re.compile(rb'<script src="/_loc/reload.js" async( data-(run|id)="[\w-]+")*></script>')
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def every_page() -> list[str]:
    """The paths of all pages below the corpus."""
    found = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*.html") if path.is_file())
    if len(found) < FEWEST:
        pytest.fail(f"There are {len(found)} pages in .cache/corpus: run tests/run, which fetches them.")
    return found


@pytest.fixture(params=range(PARTS))
def pages(every_page: list[str], request: pytest.FixtureRequest) -> list[str]:
    """A part of them, so that no test takes long on a slow machine."""
    return every_page[request.param :: PARTS]


@pytest.fixture(scope="module")
def served(every_page: list[str]) -> Iterator[httpx2.Client]:
    with (
        LocDev("serve", CORPUS, "--port", "0", "--no-gitignore") as dev,
        httpx2.Client(base_url=dev.url, headers=NAVIGATION) as client,
    ):
        yield client
        assert dev.errors == ""


@pytest.fixture(scope="module")
def wrapped(every_page: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Starlette's own StaticFiles, with the middleware around them."""
    app = Starlette(routes=[Mount("/", StaticFiles(directory=CORPUS, html=True))])
    app.add_middleware(LiveReloadMiddleware, watch=[tmp_path_factory.mktemp("watched")], enabled=True)
    with running(app) as url, httpx2.Client(base_url=url, headers=NAVIGATION) as client:
        yield client


def is_tagged_once(response: httpx2.Response, page: str) -> bool:
    original, found = (CORPUS / page).read_bytes(), TAG.search(response.content)
    return (
        found is not None
        and re.search(rb"<head[^>]*>\Z", response.content[: found.start()]) is not None
        and response.content[: found.start()] + response.content[found.end() :] == original
        and response.headers["content-length"] == str(len(response.content))
    )


def test_each_page_is_served_with_one_piece_put_in(served: httpx2.Client, pages: list[str]) -> None:
    assert [page for page in pages if not is_tagged_once(served.get(page), page)] == []


def test_each_page_is_kept_and_known_again(served: httpx2.Client, pages: list[str]) -> None:
    for page in pages[: FEWEST // PARTS]:
        first, second = served.get(page), served.get(page)
        assert second.content == first.content
        assert served.get(page, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_head_request_agrees(served: httpx2.Client, pages: list[str]) -> None:
    for page in pages:
        head, whole = served.head(page), served.get(page)
        for response in (head, whole):
            response.headers.pop("date", None)
        assert head.headers == whole.headers
        assert head.content == b""


def test_the_middleware_over_static_files_gives_the_same(
    served: httpx2.Client, wrapped: httpx2.Client, pages: list[str]
) -> None:
    different = []
    for page in pages:
        response = wrapped.get(page)
        places = [TAG.search(each.content) for each in (response, served.get(page))]
        starts = {place.start() if place else None for place in places}
        if len(starts) != 1 or not is_tagged_once(response, page):
            different.append(page)
    assert different == []


def test_the_bare_files_are_what_others_than_people_get(served: httpx2.Client, pages: list[str]) -> None:
    for page in pages[: FEWEST // PARTS]:
        bare = served.get(page, headers={"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"})
        assert bare.content == (CORPUS / page).read_bytes()
