"""Real folders, as the recipes see them."""

from __future__ import annotations

import os
from pathlib import Path

from livereload_loc.detect.scan import MAX_TEXT, look


def test_files_and_the_texts_that_matter(tmp_path: Path) -> None:
    for name in ("app.py", "odd.txt", "shop/main.py", "shop/odd.py", "src/shop/main.py", "public/index.php",
                 "venv/app.py", "node_modules/app.py", ".hidden/app.py", "tests/app.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    view = look(str(tmp_path))
    assert set(view.files) == {"app.py", "odd.txt", "shop/main.py", "src/shop/main.py", "public/index.php"}
    assert dict(view.texts) == {name: name for name in ("app.py", "shop/main.py", "src/shop/main.py")}


def test_whatever_lies_there_is_survived(tmp_path: Path) -> None:
    (tmp_path / "app.py").symlink_to(tmp_path / "app.py")
    (tmp_path / "main.py").mkdir()
    (tmp_path / "api.py").write_bytes(b"x" * (MAX_TEXT + 1))
    (tmp_path / "wsgi.py").write_bytes(b"\xef\xbb\xbf\xff\x00")
    os.mkfifo(tmp_path / "asgi.py")
    (tmp_path / "manage.py").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / os.fsdecode(b"gr\xfcn.py")).write_text("")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").symlink_to("../shop/__init__.py")
    view = look(str(tmp_path))
    assert view.text("wsgi.py") == "\ufffd\0"
    assert not view.text("api.py")
    assert {"app.py", "main.py", "asgi.py", "manage.py", "shop/__init__.py"}.isdisjoint(view.files)


def test_so_many_modules_are_read_that_it_takes_no_time(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"a{number}.py").write_text("#" * MAX_TEXT)
    (tmp_path / "wsgi.py").write_text("app")
    view = look(str(tmp_path))
    assert view.text("wsgi.py") == "app"
    assert sum(map(len, view.texts.values())) <= 2 * 1024 * 1024


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert not look(str(tmp_path / "nothing")).files
