from __future__ import annotations

import pytest

from supplychain.formats import compose, dotenv
from supplychain.formats.compose import Build, ComposeFile, Service
from supplychain.formats.compose_values import Value
from supplychain.formats.text import MalformedError
from tests.unit.formats.compose_cases import CASES, Case, Shown


def read(text: str, **environment: str) -> ComposeFile:
    return compose.read(text, environment=environment)


def service(text: str, **environment: str) -> Service:
    return read(text, **environment).services[0]


def build(text: str, **environment: str) -> Build:
    found = service(text, **environment).build
    assert found is not None
    return found


def value(text: str, raw: str, place: tuple[int, int, int, int]) -> Value:
    line, column, end_line, end_column = place
    return Value(
        text=text, raw=raw, line=line, column=column, end_line=end_line, end_column=end_column
    )


def read_case(case: Case) -> ComposeFile:
    process = dict(case.environment)
    environment = {**dotenv.read(case.dotenv or "", environment=process), **process}
    return compose.read(case.text, environment=environment, directory="proj")


def text_of(found: Value | None) -> str | None:
    return None if found is None else found.text


def shown_build(found: Build) -> Shown:
    inline, target = text_of(found.dockerfile_inline), text_of(found.target)
    shown: Shown = {
        "context": text_of(found.context) if found.context else ".",
        "dockerfile": text_of(found.dockerfile),
        "dockerfile_inline": inline,
        "args": {name: text_of(one) for name, one in found.args},
        "target": target,
        "additional_contexts": {name: one.text for name, one in found.additional_contexts},
        "platforms": [one.text for one in found.platforms],
    }
    return {key: one for key, one in shown.items() if one}


def shown_service(found: Service) -> Shown:
    shown: Shown = {
        "image": text_of(found.image),
        "platform": text_of(found.platform),
        "profiles": list(dict.fromkeys(one.text for one in found.profiles)),
        "build": shown_build(found.build) if found.build else None,
        "other_images": sorted(one.text or "" for one in found.other_images),
    }
    return {key: one for key, one in shown.items() if one}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_read_as_docker_compose_reads_it(case: Case) -> None:
    if case.services is None:
        with pytest.raises(MalformedError) as caught:
            read_case(case)
        assert caught.value.line is not None
    else:
        found = read_case(case)
        shown = {one.name: shown_service(one) for one in (*found.services, *found.jobs)}
        assert shown == case.services


def test_values_carry_their_place_and_what_is_written() -> None:
    text = """\
services:
  web:
    image: "nginx:${TAG:-1}" # quoted
    build:
      context: ${DIR:-./web}
"""
    found = service(text)
    assert (found.name, found.line, found.column) == ("web", 2, 3)
    assert found.image == value("nginx:1", "nginx:${TAG:-1}", (3, 12, 3, 29))
    assert found.build is not None
    assert (found.build.line, found.build.column) == (5, 7)
    assert found.build.context == value("./web", "${DIR:-./web}", (5, 16, 5, 29))


def test_a_merged_value_has_the_place_of_its_anchor() -> None:
    text = "x-a: &a\n  image: nginx\nservices:\n  web:\n    <<: *a\n"
    assert service(text).image == value("nginx", "nginx", (2, 10, 2, 15))


def test_an_item_of_a_list_has_a_name_and_its_whole_place() -> None:
    found = build("services:\n  a:\n    build:\n      args:\n      - V=${N:-1}\n")
    expected = value("1", "V=${N:-1}", (5, 9, 5, 18))
    assert found.args == (("V", expected),)


def test_a_short_build_stands_where_its_context_stands() -> None:
    assert build("services: {a: {build: ./dir}}\n") == Build(
        line=1, column=23, context=value("./dir", "./dir", (1, 23, 1, 28))
    )


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("|\n        FROM a\n", 5),
        ("|-\n\n        FROM a\n", 5),
        (">\n        FROM a\n", None),
        ('"FROM a"\n', None),
        ("\n        FROM a\n", None),
    ],
)
def test_the_line_of_an_inline_dockerfile_is_that_of_its_text_where_lines_are_kept(
    written: str, line: int | None
) -> None:
    found = build(f"services:\n  a:\n    build:\n      dockerfile_inline: {written}")
    assert found.inline_line == line


def test_a_build_without_an_inline_dockerfile_has_no_line_of_it() -> None:
    assert build("services: {a: {build: {target: x}}}\n").inline_line is None


def test_missing_variables_are_named() -> None:
    found = service("services: {a: {image: '${REG}/x:${TAG:-$TAG}'}}\n").image
    assert found is not None
    assert (found.text, found.missing, found.error) == ("/x:", ("REG", "TAG"), None)


def test_a_required_variable_leaves_no_text() -> None:
    found = service("services: {a: {image: 'x:${TAG:?set it in .env}'}}\n").image
    assert found is not None
    assert (found.text, found.missing) == (None, ("TAG",))
    assert found.error == "variable 'TAG' must be set: set it in .env"


def test_an_argument_whose_name_is_missing_keeps_what_is_missing() -> None:
    found = build("services: {a: {build: {args: [$X, '${Y}=1', '${Z:?no}=2', '=3']}}}\n")
    shown = [(name, one.text, one.missing) for name, one in found.args if one]
    assert shown == [("", None, ("X",)), ("", "3", ()), ("${Z:?no}", None, ("Z",))]


def test_extensions_are_no_arguments() -> None:
    found = build("services: {a: {build: {args: {A: '1', x-note: '2'}}}}\n")
    assert [name for name, _ in found.args] == ["A"]


def test_number_keeps_its_spelling_in_raw() -> None:
    found = build("services: {a: {build: {args: {V: 3.10}}}}\n")
    assert found.args == (("V", value("3.1", "3.10", (1, 34, 1, 38))),)


def test_includes_are_recorded() -> None:
    text = """\
include:
- one.yaml
- path: ${DIR:-two}/compose.yaml
  env_file: two.env
- path: [three.yaml, four.yaml]
- project_directory: five
services: {}
"""
    found = read(text).includes
    assert [one.text for one in found] == [
        "one.yaml",
        "two/compose.yaml",
        "three.yaml",
        "four.yaml",
    ]
    assert [one.line for one in found] == [2, 3, 5, 5]


def test_extends_is_recorded() -> None:
    text = """\
services:
  a: {extends: b}
  b: {extends: {service: c, file: "${DIR:-x}/c.yaml"}}
"""
    first, second = (one.extends for one in read(text).services)
    assert first is not None
    assert second is not None
    assert (first.service.text, first.file) == ("b", None)
    assert (second.service.text, text_of(second.file)) == ("c", "x/c.yaml")


def test_name_is_kept_as_written() -> None:
    found = read("name: My ${X:-Shop}\nservices: {}\n").name
    assert found == value("My Shop", "My ${X:-Shop}", (1, 7, 1, 20))


def test_project_name_needs_a_source() -> None:
    text = "services: {a: {image: $COMPOSE_PROJECT_NAME}}\n"
    bare = service(text).image
    named = compose.read(text, environment={}, directory="My_Dir").services[0].image
    assert bare is not None
    assert bare.missing == ("COMPOSE_PROJECT_NAME",)
    assert text_of(named) == "my_dir"


@pytest.mark.parametrize("text", ["x-a: 1\n", "{}\n", "x-services: {a: {image: b}}\n"])
def test_a_file_without_services_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match="has no services"):
        read(text)


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("", "is empty", 1, None),
        ("- a\n", "has a list at its top level where a mapping is expected", 1, 1),
        ("a\n", "has the string 'a' at its top level where a mapping is expected", 1, 1),
        ("services:\n", "has null at services where a mapping is expected", 1, 10),
        (
            "services:\n  a:\n    image: 1.10\n",
            "has the number '1.10' at services.a.image where a string is expected",
            3,
            12,
        ),
        (
            "services:\n  a:\n    build: [.]\n",
            "has a list at services.a.build where a mapping is expected",
            3,
            12,
        ),
        (
            "services:\n  a:\n    build: {args: [A=1, true]}\n",
            "has the boolean 'true' at services.a.build.args[1] where a string is expected",
            3,
            25,
        ),
        (
            "services:\n  a:\n    build: {args: {A: {}}}\n",
            "has a mapping at services.a.build.args.A where a string or number is expected",
            3,
            23,
        ),
        (
            "services:\n  a:\n    build: {args: ['A =1']}\n",
            "has white space after the name 'A ' at services.a.build.args[0]",
            3,
            20,
        ),
        (
            "services:\n  a:\n    build: {additional_contexts: [b]}\n",
            "has no place for 'b' at services.a.build.additional_contexts",
            3,
            34,
        ),
        (
            "services:\n  a:\n    imag: b\n",
            "has the unknown key 'imag' at services.a",
            3,
            5,
        ),
        ("web:\n  image: b\n", "has the unknown key 'web' at its top level", 1, 1),
        ("services:\n  1: {}\n", "has the key '1' at services, which is no string", 2, 3),
        ("services:\n  a b: {}\n", "has the invalid name 'a b' at services", 2, 3),
        ("services:\n  a: {extends: {}}\n", "has no service at services.a.extends", 2, 16),
        (
            "services:\n  a: {image: '${'}\n",
            "has a '${' that opens no variable (a plain dollar is '$$') at services.a.image",
            2,
            14,
        ),
        (
            "services: {}\n---\nservices: {}\n",
            "holds 2 YAML documents where one is expected",
            3,
            1,
        ),
        (
            "services:\n  a: !override\n    image: !reset b\n",
            "has '!reset' within '!override', where it has no effect",
            3,
            12,
        ),
        (
            "x-a: &a\n  image: !reset b\nservices:\n  a: !override {<<: *a}\n",
            "has '!reset' within '!override', where it has no effect",
            2,
            10,
        ),
        (
            "services:\n  a: {image: !!binary eA==}\n",
            "has the tag '!!binary', which is not read",
            2,
            14,
        ),
    ],
)
def test_what_is_malformed_is_named_with_its_place(
    text: str, reason: str, line: int, column: int | None
) -> None:
    with pytest.raises(MalformedError) as caught:
        read(text)
    assert (caught.value.reason, caught.value.line, caught.value.column) == (reason, line, column)


def test_hostile_names_are_cut_and_printable_in_messages() -> None:
    with pytest.raises(MalformedError) as caught:
        read(f'services: {{? "{"a" * 100_000}\\e" : {{}}}}\n')
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 200


def test_a_bomb_of_aliases_is_malformed() -> None:
    lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(9)]
    with pytest.raises(MalformedError, match="aliases that stand for more than"):
        read("\n".join([*lines, "services: {a: {build: {args: *a9}}}"]))


def test_a_long_text_behind_many_aliases_is_expanded_once() -> None:
    inline = "$$" * 100_000
    services = "".join(f"  s{n}: {{build: {{dockerfile_inline: *x}}}}\n" for n in range(1000))
    found = read(f'x-i: &x "{inline}"\nservices:\n{services}').services
    texts = {
        id(one.build.dockerfile_inline.text)
        for one in found
        if one.build and one.build.dockerfile_inline
    }
    assert len(found) == 1000
    assert len(texts) == 1
