"""Which process under a reloader serves the app."""

from __future__ import annotations

import sys
import threading
import types

import pytest

from livereload_loc.integrations.wsgi import reloaders
from tests.support.waiting import DEADLINE


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WERKZEUG_RUN_MAIN", "RUN_MAIN", "BOTTLE_CHILD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "hupper", raising=False)


def under(module: str) -> bool:
    """What code learns that the module ``module`` calls."""
    caller = types.ModuleType(module)
    vars(caller)["serves"] = reloaders.is_serving_process
    exec("def call(): return serves()", vars(caller))
    return bool(vars(caller)["call"]())


def test_by_default_a_process_does_not_serve() -> None:
    assert not reloaders.is_serving_process()


@pytest.mark.parametrize("name", ["WERKZEUG_RUN_MAIN", "RUN_MAIN", "BOTTLE_CHILD"])
def test_the_child_of_a_reloader_has_it_in_its_environment(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "true")
    assert reloaders.is_serving_process()


@pytest.mark.parametrize("active", [False, True])
def test_hupper_knows_its_worker(monkeypatch: pytest.MonkeyPatch, active: bool) -> None:
    hupper = types.ModuleType("hupper")
    vars(hupper)["is_active"] = lambda: active
    monkeypatch.setitem(sys.modules, "hupper", hupper)
    assert reloaders.is_serving_process() is active


@pytest.mark.parametrize(("module", "serves"), [("gunicorn.workers.base", True), ("gunicorn.arbiter", False)])
def test_a_worker_of_gunicorn_loads_the_app_itself(module: str, serves: bool) -> None:
    assert under(module) is serves


def test_outside_werkzeugs_child_nobody_waits() -> None:
    reloaders.when_served(lambda: None)
    assert "loc-dev wait" not in [thread.name for thread in threading.enumerate()]


def test_in_werkzeugs_child_the_reloader_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    called = threading.Event()
    reloaders.when_served(called.set)
    assert not called.is_set()
    reloader = types.ModuleType("werkzeug._reloader")
    exec("def run(wait, seconds): return wait(seconds)", vars(reloader))
    assert vars(reloader)["run"](called.wait, DEADLINE)
