"""Any text is a compose file or malformed, and so are its variables and its ``.env``."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from supplychain.formats import compose, dotenv
from supplychain.formats.compose import ComposeFile
from supplychain.formats.interpolation import Interpolator, InvalidTemplateError
from supplychain.formats.text import MalformedError

LINES = st.sampled_from(
    [
        "services:",
        "x-a: &a {image: nginx, build: {args: {A: 1.10}}}",
        "x-b: &b [A=1, $B]",
        "jobs: {j: {image: $A}}",
        "include: [a, {path: [b, $C]}]",
        "name: ${N:-n}",
        "  web:",
        "  db: *a",
        "  api: {<<: *a, image: '${A:-${B}}'}",
        "    image: nginx:${TAG:?no}",
        "    image: !reset x",
        "    <<: *a",
        "    build: ./x",
        "    build: {args: *b, target: $T, platforms: [p]}",
        "    build:",
        "      dockerfile_inline: |",
        "        FROM ${B:-x}",
        "      additional_contexts: [a=b]",
        "    extends: {service: s, file: f}",
        "    profiles: [a, $P]",
        "    volumes: [{type: image, source: i}]",
        "    pre_start: [{image: i}]",
        "---",
        "  \t",
    ]
)
FILES = st.one_of(st.text(max_size=200), st.lists(LINES, max_size=15).map("\n".join))
NAMES = st.sampled_from(["A", "B", "TAG", "_x", "n1"])
VALUES = st.text(max_size=8)
ENVIRONMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
TEMPLATES = st.lists(
    st.one_of(
        st.sampled_from(["$", "{", "}", "${", ":-", "-", ":+", ":?", "?", "\n"]), NAMES, VALUES
    ),
    max_size=14,
).map("".join)
DOTENVS = st.lists(
    st.one_of(
        st.sampled_from(["=", ":", "\n", "'", '"', "\\", " #", "$", "export ", "${A:-b}"]),
        NAMES,
        VALUES,
    ),
    max_size=14,
).map("".join)


def references(file: ComposeFile) -> list[str | None]:
    return [one.image.text for one in (*file.services, *file.jobs) if one.image is not None]


@given(FILES, ENVIRONMENTS)
def test_any_text_is_a_compose_file_or_malformed(text: str, environment: dict[str, str]) -> None:
    lines = text.count("\n") + 1
    try:
        found = compose.read(text, environment=environment)
    except MalformedError as error:
        assert error.line is None or 1 <= error.line <= lines  # noqa: PT017 -- either may come
        return
    for service in (*found.services, *found.jobs):
        assert 1 <= service.line <= lines
        assert f"{service.name}" in text
        if service.image is not None:
            assert (service.image.text is None) == (service.image.error is not None)


@given(st.dictionaries(st.text(alphabet="ab-_.1", min_size=1, max_size=5), st.text(), max_size=4))
def test_images_are_read_as_they_are_written(images: dict[str, str]) -> None:
    services = {name: {"image": image.replace("$", "$$")} for name, image in images.items()}
    text = json.dumps({"services": services})
    try:
        found = compose.read(text, environment={"COMPOSE_PROJECT_NAME": "x"})
    except MalformedError as error:
        refusal: str | None = error.reason
    else:
        refusal = None
        assert references(found) == list(images.values())
    assert refusal is None or "not YAML" in refusal


@given(st.text(), ENVIRONMENTS)
def test_doubled_dollars_protect_any_text(text: str, environment: dict[str, str]) -> None:
    assert Interpolator(environment).expand(text.replace("$", "$$")).text == text


@given(TEMPLATES, ENVIRONMENTS)
def test_any_template_expands_or_is_refused(text: str, environment: dict[str, str]) -> None:
    try:
        found = Interpolator(environment).expand(text)
    except InvalidTemplateError:
        return
    assert (found.text is None) == (found.error is not None)
    if found.error is None:
        assert not set(found.missing) & set(environment)


@given(NAMES, NAMES, st.text(alphabet="ab $.", max_size=6), ENVIRONMENTS)
def test_a_default_counts_only_where_nothing_is_set(
    name: str, other: str, word: str, environment: dict[str, str]
) -> None:
    escaped = word.replace("$", "$$")
    found = Interpolator(environment).expand(f"${{{name}:-${{{other}-{escaped}}}}}").text
    assert found == (environment.get(name) or environment.get(other, word))


@given(DOTENVS, ENVIRONMENTS)
def test_any_text_is_variables_or_malformed(text: str, environment: dict[str, str]) -> None:
    lines = text.count("\n") + 1
    try:
        found = dotenv.read(text, environment=environment)
    except MalformedError as error:
        assert error.line is not None  # noqa: PT017 -- either may come
        assert 1 <= error.line <= lines  # noqa: PT017 -- either may come
        return
    assert all(name and name in text for name in found)


@given(st.dictionaries(NAMES, st.text(), max_size=4))
def test_single_quotes_protect_any_value(values: dict[str, str]) -> None:
    def quoted(value: str) -> str:
        return "'" + value.replace("'", "\\'") + "'"

    plain = {name: value.replace("\\", "/") for name, value in values.items()}
    text = "".join(f"{name}={quoted(value)}\n" for name, value in plain.items())
    assert dotenv.read(text) == plain
