"""Random pages that are shown in place: each equals a fresh load afterwards, or reloads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from livereload_loc.web.scripts import join_part, script, source

FUZZ = Path(__file__).with_name("in_place_fuzz.js").read_text()
# What the part takes from the core.
CORE = join_part([source(f"reload/{name}.js") for name in ("native", "helpers", "page")])
LINK = """
(view) => {
  const run = (text) => new view.Function(`${text.replace("export ", "")}; return link`)();
  return run(PART)(run(CORE)({}));
}
"""
ROUNDS = """
async ([seeds, options, CORE, PART]) => {
  const ways = [], failures = [];
  for (const seed of seeds) {
    const result = await round(seed, { ...options, link: LINK });
    ways.push(...result.ways);
    failures.push(...result.failures);
    if (failures.length > 2) break;
  }
  return [ways, failures];
}
"""


# A document with these reloads, whatever the edit is.
ODD = ("<noscript>", "a form", "a script differs", "what has a script")
SEEDS = range(30)

Run = Callable[..., tuple[Counter[str], list[dict[str, Any]]]]


@pytest.fixture
def fuzz(browser: Browser) -> Iterator[Run]:
    """Run the rounds of some seeds: how often each way was taken, and what went wrong."""
    page = browser.new_page()
    # Documents in frames are of the same origin only where there is one.
    page.route("http://localhost/", lambda route: route.fulfill(body="<!doctype html><body>"))
    page.goto("http://localhost/")
    page.add_script_tag(content=FUZZ)
    part = script("inplace.js").body.decode()

    def run(**options: bool) -> tuple[Counter[str], list[dict[str, Any]]]:
        ways, failures = page.evaluate(
            ROUNDS.replace("LINK", f"({LINK})"), [list(SEEDS), options, CORE, part]
        )
        print(Counter(ways))
        return Counter(ways), failures

    yield run
    page.close()


def test_a_page_equals_a_fresh_load_after_small_edits(fuzz: Run) -> None:
    ways, failures = fuzz()
    assert not failures, json.dumps(failures, indent=1)
    plain = Counter({way: count for way, count in ways.items() if not way.startswith(ODD)})
    assert plain["in place"] + plain["same"] >= 0.97 * plain.total()
    assert ways["in place"] >= 0.5 * ways.total()


def test_a_page_equals_a_fresh_load_after_edits_that_leave_tags_open(fuzz: Run) -> None:
    ways, failures = fuzz(wild=True)
    assert not failures, json.dumps(failures, indent=1)
    assert ways["in place"] >= 0.3 * ways.total()


def test_what_a_script_changed_stays(fuzz: Run) -> None:
    ways, failures = fuzz(scripted=True)
    assert not failures, json.dumps(failures, indent=1)
    assert ways["in place"] >= 0.3 * ways.total()


def test_a_page_that_is_known_by_its_text_equals_a_fresh_load(fuzz: Run) -> None:
    ways, failures = fuzz(cached=True)
    assert not failures, json.dumps(failures, indent=1)
    plain = Counter({way: count for way, count in ways.items() if not way.startswith(ODD)})
    assert plain["in place"] + plain["same"] >= 0.9 * plain.total()


def test_what_a_script_changed_stays_in_a_page_that_is_known_by_its_text(fuzz: Run) -> None:
    ways, failures = fuzz(scripted=True, cached=True)
    assert not failures, json.dumps(failures, indent=1)
    assert ways["in place"] >= 0.3 * ways.total()
