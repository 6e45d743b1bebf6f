"""Listings of folders without an index."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.support.loc_dev import LocDev
from tests.support.served_sites import get, named


def test_a_listing_shows_names_as_text(server: LocDev, site: Path) -> None:
    odd = [
        "<script>alert(1)<",
        "a b.txt",
        "javascript:alert(1)",
        "ü&amp;.html",
        "100%",
        "#hash",
        'q"uote',
        "z" * 200,
    ]
    for name in odd:
        (site / "files" / name).write_text("x")
    (Path(os.fsdecode(os.fsencode(site / "files") + b"/latin\xfc.txt"))).write_text("x")
    (site / "files/.hidden").write_text("x")
    (site / "files/sub").mkdir()
    page = get(server, "/files/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;" in page
    assert ".hidden" not in page
    assert named("/files/*") in page
    links = re.findall(r'href="([^"]*)"', page)
    assert "./sub/" in links
    assert all(link.startswith(("./", "../")) for link in links)
    assert "./javascript%3Aalert%281%29" in links
    assert len(links) == len(odd) + 3  # those above, and "..", the folder, the name in Latin-1
    for link in links:
        if link.startswith("./"):
            assert get(server, f"/files/{link[2:]}", Accept="*/*").status_code == 200, link


def test_a_listing_keeps_keys_and_links_out_of_the_root_to_itself(server: LocDev, site: Path) -> None:
    (site / "files/srv-key.pem").write_text("secret")
    (site / "files/out").symlink_to(site.parent)
    (site / "files/data~1.json").write_text("x")
    page = get(server, "/files/").text
    assert "srv-key.pem" not in page
    assert "out" in page
    assert "data~1.json" in page
    assert re.findall(r'href="([^"]*)"', page) == ["../"]


def test_ten_thousand_files_in_a_folder(server: LocDev, site: Path) -> None:
    for number in range(10_000):
        (site / "files" / f"{number}.txt").touch()
    page = get(server, "/files/").text
    assert page.count("<li>") == 10_001
    assert get(server, "/files/9999.txt").status_code == 200
