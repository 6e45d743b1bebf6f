"""A site that a program builds as a whole: what it writes unchanged reloads nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.loc_dev import LocDev
from tests.support.reload_sockets import opened, told

PAGES = [f"posts/{number}.html" for number in range(40)]


def in_place(site: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(text)


def by_renaming(site: Path, files: dict[str, str]) -> None:
    in_place(site.parent, {"new": ""})
    for name, text in files.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site.parent / "new").write_text(text)
        os.replace(site.parent / "new", site / name)


def emptying_first(site: Path, files: dict[str, str]) -> None:
    for each in site.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    in_place(site, files)


def content(order: int) -> dict[str, str]:
    return {**{page: f"<p>{page}" for page in PAGES}, "site.css": f"p {{ order: {order} }}"}


@pytest.mark.parametrize("command", ["serve", "watch"])
@pytest.mark.parametrize("write", [in_place, by_renaming, emptying_first])
def test_a_new_sheet_in_a_site_built_as_a_whole_is_swapped(
    tmp_path: Path, command: str, write: Callable[[Path, dict[str, str]], None]
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    in_place(site, content(1))
    with LocDev(command, site, "--port", "0") as dev, opened(dev) as page:
        in_place(site, content(2))  # from then on it is known what they hold
        dev.wait_for("change", lambda event: "site.css" in event["paths"])
        for order in (3, 4, 5):
            since = dev.mark()
            write(site, content(order))
            change = dev.wait_for("change", lambda event: "site.css" in event["paths"], since=since)
            # A writer that was halted after its first pages made a save of them, whose content is read later.
            if len(change["paths"]) == 1:
                break
        assert (change["paths"], change["action"]) == (["site.css"], "css")
        update = told(page, "update")
        while update["paths"] != ["site.css"]:
            update = told(page, "update")
