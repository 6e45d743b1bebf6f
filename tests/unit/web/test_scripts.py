"""The scripts as they are served."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.web.scripts import lighten, script


def test_the_script_is_small_and_has_a_version_of_its_text() -> None:
    served = script("reload.js")
    assert 1_000 < len(served.body) <= 12.5 * 1024
    assert len(served.version) == 16
    assert script("reload.js") is served


def test_a_script_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        script("nothing.js")


def test_comment_lines_go_and_line_numbers_stay() -> None:
    source = (
        '/**\n * A doc.\n */\nfunction f() {\n  // why\n  return "// kept"; // kept\n}\n/* one */\nf();\n'
    )
    assert lighten(source) == '\n\n\nfunction f() {\n\nreturn "// kept"; // kept\n}\n\nf();\n'


@given(st.lists(st.sampled_from(["/**", " * x", " */", "// y", "  let a = 1;", ""])))
def test_no_line_goes_and_none_is_added(lines: list[str]) -> None:
    source = "\n".join([*lines, "end();"])
    assert lighten(source).count("\n") == source.count("\n") + 1


def test_the_script_keeps_the_rules_that_make_it_safe_to_lighten() -> None:
    body = script("reload.js").body.decode()
    assert body.isascii()
    assert all(line.count("`") % 2 == 0 for line in body.splitlines())
