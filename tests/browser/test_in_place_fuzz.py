"""Random pages that are shown in place: each equals a fresh load afterwards, or reloads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from livereload_loc.web.scripts import join_part, script, source
from tests.support.web_servers import Site

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
  FUZZ
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
# As many as a browser runs at once: one by WebDriver gives a script some seconds only.
AT_ONCE = 5

Run = Callable[..., tuple[Counter[str], list[dict[str, Any]]]]


@pytest.fixture
def fuzz(context: BrowserContext, plain_site: Site) -> Run:
    """Run the rounds of some seeds: how often each way was taken, and what went wrong."""
    # Documents in frames are of the same origin only where there is one.
    plain_site.save("index.html", "<!doctype html><body>")
    page = context.new_page()
    page.goto(f"{plain_site.url}/index.html")
    part = script("inplace.js").body.decode()
    rounds = ROUNDS.replace("LINK", f"({LINK})").replace("FUZZ", FUZZ)

    def run(**options: bool) -> tuple[Counter[str], list[dict[str, Any]]]:
        ways: Counter[str] = Counter()
        failures: list[dict[str, Any]] = []
        for start in range(0, len(SEEDS), AT_ONCE):
            seeds = list(SEEDS[start : start + AT_ONCE])
            taken, failed = page.evaluate(rounds, [seeds, options, CORE, part])
            ways.update(taken)
            failures += failed
        print(ways)
        return ways, failures[:3]

    return run


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
