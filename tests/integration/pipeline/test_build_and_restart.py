"""``--exec`` and ``--restart`` on the command line: what is done before pages are told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import connect

from tests.support.loc_dev import LocDev
from tests.support.reload_sockets import opened, told, told_nothing
from tests.support.waiting import DEADLINE, until

BUILD = """
import pathlib, sys
source = pathlib.Path("src/site.scss").read_text()
if "oops" in source:
    print("\\033[31msite.scss:1\\033[0m <b>oops</b>")
    sys.exit(65)
pathlib.Path("out/site.css").write_text(source.replace("$", ""))
print("built")
"""


@contextmanager
def building(site: Path, *arguments: object) -> Iterator[LocDev]:
    """loc-dev, which runs ``build.py`` of SITE."""
    build = ("--exec", f"{sys.executable} build.py")
    with LocDev(*arguments, "--port", "0", *build, cwd=site) as dev:  # type: ignore[arg-type]
        yield dev


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("src", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "build.py").write_text(BUILD)
    (tmp_path / "src/site.scss").write_text("a { $order: 1 }")
    (tmp_path / "out/index.html").write_text("<!doctype html><p>page")
    return tmp_path


def test_a_build_is_told_by_its_output_and_a_failure_in_every_page(site: Path) -> None:
    with building(site, "watch", "src", "out") as dev, opened(dev) as page:
        (site / "src/site.scss").write_text("a { $order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"]) == (["site.css"], "css")
        assert (site / "out/site.css").read_text() == "a { order: 2 }"
        assert "built" in dev.errors
        since = dev.mark()
        (site / "src/site.scss").write_text("oops")
        problem = told(page, "problem")
        assert problem["title"] == f"Build failed: {sys.executable} build.py"
        assert problem["detail"] == "It ended with exit code 65.\nsite.scss:1 <b>oops</b>"
        dev.wait_for("problem", lambda event: event["title"] == problem["title"], since=since)
        with connect(dev.socket_url) as late:
            told(late, "hello")
            assert told(late, "problem") == problem
        (site / "src/site.scss").write_text("a { $order: 3 }")
        assert told(page, "solved")
        assert told(page, "update")["paths"] == ["site.css"]
        told_nothing(page)
    assert dev.errors.count("built") <= 4, "it builds what it has built"


def test_a_served_folder_is_built_of_what_is_watched_beside_it(site: Path) -> None:
    with building(site, "serve", "out", "--watch", "src") as dev, opened(dev) as page:
        (site / "src/site.scss").write_text("a { $order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update.get("all")) == (["site.css"], "css", None)
        assert httpx2.get(f"{dev.url}/site.css", timeout=DEADLINE).text == "a { order: 2 }"
        told_nothing(page)


def test_what_is_watched_beside_a_served_folder_concerns_every_page(site: Path) -> None:
    (site / "out/site.css").write_text("a { order: 1 }")
    arguments = ["serve", "out", "--watch", ".", "--port", "0"]
    with LocDev(*arguments, cwd=site) as dev, opened(dev) as page:
        (site / "src/site.css").write_text("a { order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update["all"]) == (["src/site.css"], "reload", True)
        (site / "out/site.css").write_text("a { order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update.get("all")) == (["site.css"], "css", None)


def test_saves_while_it_builds_are_built_once_more(site: Path) -> None:
    (site / "build.py").write_text(
        "import pathlib, time; print('begun', flush=True)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.01)"
    )
    with building(site, "watch", "src") as dev:
        (site / "src/site.scss").write_text("1")
        until(lambda: "begun" in dev.errors)
        for name in ("a", "b", "c"):
            (site / f"src/{name}.scss").write_text("2")
            time.sleep(0.05)
        time.sleep(1)  # until they are seen
        (site / "go").touch()
        dev.wait_for("change", lambda event: event["paths"] == ["a.scss", "b.scss", "c.scss"])
        assert dev.errors.count("begun") == 2


def test_a_page_that_is_saved_in_each_run_of_a_slow_build_is_built(site: Path) -> None:
    (site / "build.py").write_text(
        "import time; from pathlib import Path; text = Path('src/a.md').read_text()\n"
        "print('begun', flush=True); time.sleep(0.4); Path('src/a.html').write_text(text)\n"
    )
    with building(site, "watch", "src") as dev:
        page = site / "src/a.html"
        for number, word in enumerate(("one", "two", "three", "four")):
            until(lambda number=number: dev.errors.count("begun") >= number)  # type: ignore[misc]
            (site / "src/a.md").write_text(word)
        until(lambda: page.exists() and page.read_text() == "four")


def test_a_page_that_is_saved_while_it_is_built_is_told_when_that_is_built(site: Path) -> None:
    """Its output is not watched; a server reads it, say."""
    (site / "build.py").write_text(
        "import time; from pathlib import Path; text = Path('src/a.html').read_text()\n"
        "print('begun', flush=True); time.sleep(0.6); Path('out/a.html').write_text(text)\n"
    )
    with building(site, "watch", "src") as dev, opened(dev) as page:
        (site / "src/a.html").write_text("one")
        until(lambda: "begun" in dev.errors)
        (site / "src/a.html").write_text("two")
        for text in ("one", "two"):
            assert told(page, "update")["paths"] == ["a.html"]
            assert (site / "out/a.html").read_text() == text
        told_nothing(page)


def test_a_site_that_is_written_again_is_told_once_and_then_by_what_differs(site: Path) -> None:
    (site / "build.py").write_text(
        "from pathlib import Path\n"
        "for name in 'ab':\n"
        "    source = Path(f'src/{name}.scss')\n"
        "    Path(f'out/{name}.css').write_text(source.read_text() if source.exists() else '')\n"
    )
    with building(site, "watch", "src", "out") as dev, opened(dev) as page:
        for name, paths in (("a", ["a.css", "b.css"]), ("b", ["b.css"])):
            (site / f"src/{name}.scss").write_text("a {}")
            assert told(page, "update")["paths"] == paths
            told_nothing(page, 1.5)


def test_a_build_that_is_polled_for_ends(site: Path) -> None:
    (site / "build.py").write_text("print('begun', flush=True); open('src/site.css', 'w').write('a {}')")
    with building(site, "watch", "src", "--poll", "600") as dev:
        (site / "src/site.scss").write_text("1")
        dev.wait_for("change", lambda event: event["paths"] == ["site.css"])
        time.sleep(4)
        assert dev.errors.count("begun") <= 3


def test_a_build_is_ended_with_the_tool(site: Path) -> None:
    (site / "build.py").write_text("import time; print('begun', flush=True); time.sleep(3600)")
    with building(site, "watch", "src") as dev:
        (site / "src/site.scss").write_text("1")
        until(lambda: "begun" in dev.errors)
        assert dev.stop() == 0
