"""Entity tags."""

import pytest

from livereload_loc.httputil.etags import is_known, split_etags


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (None, False),
        (b"", False),
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", "a"', True),
        (b'"b","c"', False),
        (b'"a,b"', False),
        (b"a", False),
        (b"*", True),
    ],
)
def test_a_client_knows_an_answer_by_its_tag(known: bytes | None, expected: bool) -> None:
    assert is_known(b'"a"', known) is expected
    assert is_known(b'W/"a"', known) is expected


def test_a_tag_may_hold_a_comma() -> None:
    assert split_etags(b'"a,b", W/"c"') == [b'"a,b"', b'W/"c"']
