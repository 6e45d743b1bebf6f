"""The scripts as they are served."""

import re
from collections import Counter
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.web.scripts import RELOAD_MODULES, join_modules, lighten, script, source

IMPORT = re.compile(r'import \{ (\w+(?:, \w+)*) \} from "\./(\w+)\.js";')
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def test_the_script_is_small_and_has_a_version_of_its_text() -> None:
    served = script("reload.js")
    assert 1_000 < len(served.body) <= 13_000
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


def test_modules_become_one_script() -> None:
    first = "// A module.\n\nexport const one = 1;\n\n/** Doc. */\nconst two = 2;\n"
    second = 'import { one } from "./first.js";\n\nexport async function three() {\n  await import(one);\n}\n'
    body = "const one = 1;\nconst two = 2;\nasync function three() {\nawait import(one);\n}\n"
    assert join_modules([first, second]) == f'(() => {{\n"use strict";\n{body}}})();\n'


def test_no_module_of_the_client_is_left_out() -> None:
    folder = resources.files("livereload_loc").joinpath("web/client/reload")
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"{name}.js" for name in RELOAD_MODULES)


def test_each_module_imports_what_those_before_it_export() -> None:
    exported: dict[str, set[str]] = {}
    for module in RELOAD_MODULES:
        text = source(f"reload/{module}.js")
        for line in re.findall(r"^import\b.*", text, re.MULTILINE):
            found = IMPORT.fullmatch(line)
            assert found, f"{module}: {line}"
            names, other = found.groups()
            assert set(names.split(", ")) <= exported[other], f"{module}: {line}"
        exported[module] = set(EXPORTED.findall(text))
        assert len(re.findall(r"^export\b", text, re.MULTILINE)) == len(exported[module])


def test_no_two_modules_declare_one_name() -> None:
    names = Counter(DECLARED.findall("\n".join(source(f"reload/{module}.js") for module in RELOAD_MODULES)))
    assert not [name for name, times in names.items() if times > 1]


def test_only_the_last_module_acts_at_its_top_level() -> None:
    acts = {}
    for module in RELOAD_MODULES:
        statements = re.findall(r"^\w+.*", source(f"reload/{module}.js"), re.MULTILINE)
        declarations = re.compile(r"(import|export|async|function|class|const|let)\b")
        acts[module] = [line for line in statements if not declarations.match(line)]
    assert acts.pop("main") == ["guarded(start)();"]
    # To observe what is loaded changes nothing.
    assert acts.pop("usage") == ['observer.observe({ type: "resource", buffered: true });']
    assert not any(acts.values())


def test_the_script_has_no_imports_and_exports_left() -> None:
    body = script("reload.js").body.decode()
    assert body.startswith('(() => {\n"use strict";\n')
    assert body.endswith("\n})();\n")
    assert not re.search(r"^(import|export)\b(?!\()", body, re.MULTILINE)
