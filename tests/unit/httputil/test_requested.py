"""Who asked a served folder for which file."""

from __future__ import annotations

import pytest

from livereload_loc.changes import Decision
from livereload_loc.httputil.requested import MAX_ASKERS, MAX_MISSED, RequestedFiles

HOST = "http://localhost:8080"


@pytest.fixture
def requested() -> RequestedFiles:
    requested = RequestedFiles()
    requested.add("/about/", None, b"document")
    requested.add("/worker.js", f"{HOST}/about/", b"worker")
    requested.add("/lib/a%20b.js", f"{HOST}/worker.js?v=1", b"script")
    return requested


def test_a_file_is_traced_to_the_page(requested: RequestedFiles) -> None:
    update = Decision("reload", ("about/index.html", "worker.js"))
    assert requested.askers(["lib/a b.js"]) == (update, False)
    assert requested.askers(["other.js"]) is None


def test_an_asker_without_a_name_means_all_pages(requested: RequestedFiles) -> None:
    requested.add("/frame.css", None, b"style")
    assert requested.askers(["frame.css"]) == (Decision("reload", ()), True)


@pytest.mark.parametrize("destination", [b"audioworklet", b"paintworklet", b"image"])
def test_what_a_page_does_not_list_is_recorded(destination: bytes) -> None:
    requested = RequestedFiles()
    requested.add("/x.js", f"{HOST}/about/", destination)
    assert requested.askers(["x.js"]) == (Decision("reload", ("about/index.html",)), False)


def test_what_a_worker_reads_is_recorded(requested: RequestedFiles) -> None:
    requested.add("/texture.png", f"{HOST}/worker.js", b"empty")
    update = Decision("reload", ("about/index.html", "worker.js"))
    assert requested.askers(["texture.png"]) == (update, False)


def test_a_request_that_names_no_destination_is_for_what_its_name_says() -> None:
    """Browsers name none to an address of this machine in the network, by http."""
    requested = RequestedFiles()
    requested.add("/lib.js", "http://192.168.0.2:8080/worker.js", None)
    requested.add("/about.html", "http://192.168.0.2:8080/", None)
    requested.add("/tool.js", None, None)
    assert requested.askers(["lib.js"]) == (Decision("reload", ("worker.js",)), False)
    assert requested.askers(["about.html"]) is None
    assert requested.askers(["tool.js"]) is None


def test_who_is_loaded_anew_asks_anew(requested: RequestedFiles) -> None:
    requested.add("/worker.js", f"{HOST}/about/", b"empty")
    assert requested.askers(["lib/a b.js"]) is not None, "a script has only read it"
    requested.add("/worker.js", f"{HOST}/about/", b"worker")
    assert requested.askers(["lib/a b.js"]) is None


@pytest.mark.parametrize("destination", [b"document", b"iframe", b"empty", None])
def test_what_pages_see_themselves_is_not_recorded(destination: bytes | None) -> None:
    requested = RequestedFiles()
    requested.add("/x.html", f"{HOST}/", destination)
    assert requested.askers(["x.html"]) is None


def test_scripts_that_import_one_another_end_somewhere() -> None:
    requested = RequestedFiles()
    requested.add("/a.js", f"{HOST}/b.js", b"script")
    requested.add("/b.js", f"{HOST}/a.js", b"script")
    requested.add("/a.js", f"{HOST}/b.js", b"script")
    assert requested.askers(["a.js"]) == (Decision("reload", ("b.js",)), False)


def test_missing_files_and_folders(requested: RequestedFiles) -> None:
    requested.add_missing("/posts", 5.0)
    requested.add_missing("/caf%C3%A9.css", 5.0)
    assert requested.was_missed("posts/index.html", 4.0)
    assert requested.was_missed("café.css", 5.0)
    assert not requested.was_missed("café.css", 6.0)
    assert not requested.was_missed("other.css", 0.0)


def test_only_so_much_is_remembered(requested: RequestedFiles) -> None:
    for number in range(max(MAX_ASKERS, MAX_MISSED) + 1):
        requested.add("/x.js", f"{HOST}/{number}", b"script")
        requested.add_missing(f"/{number}", 1.0)
    assert requested.askers(["lib/a b.js"]) is None
    assert not requested.was_missed("0", 0.0)
