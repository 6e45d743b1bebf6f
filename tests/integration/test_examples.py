"""The examples in the docstrings of the public names are run."""

from __future__ import annotations

import doctest
import sys

import pytest

import livereload_loc


@pytest.mark.parametrize("name", ["Counter", "Hub", "Injector", "watch"])
def test_the_example_of_a_public_name_runs(name: str) -> None:
    part = getattr(livereload_loc, name)
    module = sys.modules[part.__module__]
    examples = [
        found
        for found in doctest.DocTestFinder(recurse=False).find(part, name, module=module)
        if found.examples
    ]
    assert examples, f"{name} has none"
    for example in examples:
        result = doctest.DocTestRunner().run(example)
        assert result.attempted
        assert not result.failed
