"""The scripts as they are served."""

import posixpath
import re
from collections import Counter
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.web.scripts import (
    CORE,
    JOINED,
    PARTS,
    join_core,
    join_part,
    lighten,
    modules,
    script,
    source,
)

IMPORT = re.compile(r'import \{ (\w+(?:, \w+)*) \} from "([./\w]+\.js)";')
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
SCRIPTS = pytest.mark.parametrize("name", [CORE, *PARTS])


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


@SCRIPTS
def test_the_script_keeps_the_rules_that_make_it_safe_to_lighten(name: str) -> None:
    body = script(name).body.decode()
    assert body.isascii()
    assert all(line.count("`") % 2 == 0 for line in body.splitlines())


def test_a_type_within_a_line_goes() -> None:
    assert lighten("f(/** @type {any} */ (x), (/** @type {{a: b}} */ y) => y);") == "f((x), (y) => y);\n"


def test_modules_become_one_script() -> None:
    first = "// A module.\n\nexport const one = 1;\n\n/** Doc. */\nconst two = 2;\n"
    second = 'import { one } from "./first.js";\n\nexport async function three() {\n  await import(one);\n}\n'
    body = "const one = 1;\nconst two = 2;\nshared = () => ({ one, two });\n"
    main = "async function three() {\nawait import(one);\n}\n"
    assert join_core([first, second], ["one", "two"]) == f'(() => {{\n"use strict";\n{body}{main}}})();\n'


def test_modules_become_a_part_that_the_core_is_handed_to() -> None:
    first = (
        'import { b, a } from "../reload/x.js";\nimport { c } from "../reload/y.js";\nexport const one = a;\n'
    )
    second = 'import { one } from "./first.js";\nconst two = 2;\nexport async function three() {}\n'
    body = "const one = a;\nconst two = 2;\nasync function three() {}\nreturn { one, three };\n"
    assert join_part([first, second]) == f"export const link = ({{ a, b, c }}) => {{\n{body}}};\n"
    alone = 'import { a } from "./reload/x.js";\nexport const one = a;\n'
    assert join_part([alone]) == "export const link = ({ a }) => {\nconst one = a;\nreturn { one };\n};\n"


@pytest.mark.parametrize("name", JOINED)
def test_no_module_of_a_folder_is_left_out(name: str) -> None:
    folder = resources.files("livereload_loc").joinpath("web/client", name.removesuffix(".js"))
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"{module}.js" for module in JOINED[name])


@SCRIPTS
def test_each_module_imports_what_the_core_or_a_module_before_it_exports(name: str) -> None:
    exported = {} if name == CORE else {file: set(EXPORTED.findall(source(file))) for file in modules(CORE)}
    for file in modules(name):
        text = source(file)
        for line in re.findall(r"^import\b.*", text, re.MULTILINE):
            found = IMPORT.fullmatch(line)
            assert found, f"{file}: {line}"
            names, other = found.groups()
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file), other))
            assert set(names.split(", ")) <= exported[path], f"{file}: {line}"
        exported[file] = set(EXPORTED.findall(text))
        assert len(re.findall(r"^export\b", text, re.MULTILINE)) == len(exported[file])


@SCRIPTS
def test_no_two_modules_declare_one_name(name: str) -> None:
    texts = [source(file) for file in modules(name)]
    names = Counter(name for text in texts for name in DECLARED.findall(text))
    # A part has the names that it imports of the core, too.
    core = {name for text in texts for found in IMPORT.findall(text) for name in found[0].split(", ")}
    declared = {other for text in texts for other in EXPORTED.findall(text)}
    names.update(core - declared)
    assert not [name for name, times in names.items() if times > 1]


def test_parts_import_no_variable_of_the_core_that_changes_later() -> None:
    variables = {
        name for file in modules(CORE) for name in re.findall(r"^export let (\w+)", source(file), re.M)
    }
    # These are set before a part can be loaded.
    variables -= {"tag", "visit"}
    imported = {
        name
        for part in PARTS
        for file in modules(part)
        for found in IMPORT.findall(source(file))
        for name in found[0].split(", ")
    }
    assert not variables & imported


# What listens at the top level of a module; this changes nothing in the page.
LISTENING = {
    "apply/refetching.js": [
        'on(doc, "load", ({ target }) => adopt(target));',
        'on(doc, "securitypolicyviolation", onViolation);',
    ],
    "keep/editing.js": ['on(doc, "beforeinput", onBeforeInput);'],
    "panel.js": ['on(window, "keydown", ({ key }) => key === "Escape" && show());'],
}


@SCRIPTS
def test_only_the_last_module_of_the_core_acts_at_its_top_level(name: str) -> None:
    declarations = re.compile(r"(import|export|async|function|class|const|let)\b")
    for file in modules(name):
        statements = re.findall(r"^\w+.*", source(file), re.MULTILINE)
        acts = [line for line in statements if not declarations.match(line)]
        assert acts == (["guarded(start)();"] if file == "reload/main.js" else LISTENING.get(file, []))


def test_the_core_has_no_imports_and_exports_left() -> None:
    body = script(CORE).body.decode()
    assert body.startswith('(() => {\n"use strict";\n')
    assert body.endswith("\n})();\n")
    assert not re.search(r"^(import|export)\b(?!\()", body, re.MULTILINE)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_a_module_with_one_export_and_no_import(name: str) -> None:
    body = script(name).body.decode()
    assert re.findall(r"^(?:import|export)\b.*?\(", body, re.MULTILINE) == ["export const link = ("]
    assert body.endswith("\n};\n")
