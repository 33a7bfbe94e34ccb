from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.core.finding import Location
from supplychain.core.run import Run
from supplychain.report.github import ANNOTATIONS_SHOWN, render
from tests.unit.report import samples
from tests.unit.report.runner import Command, commands_in


def at(location: Location) -> Command:
    finding = replace(samples.hostile_finding("x"), location=location)
    run = samples.run(samples.verdict(samples.COMPOSE, [finding]))
    (command,) = commands_in(render(run))
    return command


def test_clean_run_says_nothing() -> None:
    assert render(samples.CLEAN) == ""


def test_finding_is_an_annotation_at_its_place() -> None:
    assert commands_in(render(samples.FAILING))[0] == Command(
        name="error",
        properties={
            "file": "web/Dockerfile",
            "line": "1",
            "endLine": "1",
            "col": "6",
            "endColumn": "17",
            "title": "IMG001 image-not-pinned",
        },
        data=f'image "node:latest" has no digest\nhint: {samples.PIN}',
    )


def test_blocking_and_required_gaps_are_errors_before_warnings_before_notices() -> None:
    commands = commands_in(render(samples.FAILING))
    assert [command.name for command in commands] == ["error"] * 6 + ["warning", "notice"]
    assert [command.properties["title"] for command in commands[3:5]] == [
        "IMG001 image-not-pinned",
        "image-digest gap",
    ]


def test_gap_that_is_not_required_is_a_warning() -> None:
    gap = samples.unreachable(3, "redis:7", required=False)
    run = samples.run(samples.verdict(samples.COMPOSE, [], [gap]))
    assert [command.name for command in commands_in(render(run))] == ["warning"]


def test_what_github_does_not_show_is_counted_in_a_last_notice() -> None:
    commands = commands_in(render(samples.MANY))
    assert commands[-1].data == (
        "59 more errors, 19 more warnings not shown here"
        " · fail · 60 blocking, 29 warnings, 9 gaps, 1 info in 3 subjects"
    )


def test_notices_are_few_enough_for_the_last_one_to_be_shown() -> None:
    notes = [found for line in range(1, 30) for found in samples.note(samples.WEB, line)]
    run = samples.run(samples.verdict(samples.WEB, notes))
    commands = commands_in(render(run))
    assert [command.name for command in commands] == ["notice"] * ANNOTATIONS_SHOWN
    assert commands[-1].data.startswith("20 more notices not shown here · pass")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (Location(path="a"), {}),
        (Location(path="a", line=4), {"line": "4", "endLine": "4"}),
        (Location(path="a", line=4, end_line=2), {"line": "4", "endLine": "4"}),
        (Location(path="a", column=3), {}),
        (Location(path="a", line=4, column=3, end_line=6), {"line": "4", "endLine": "6"}),
        (
            Location(path="a", line=4, column=3, end_column=2),
            {"line": "4", "endLine": "4", "col": "3"},
        ),
    ],
)
def test_only_what_the_runner_accepts_is_given(
    location: Location, expected: dict[str, str]
) -> None:
    properties = at(location).properties
    assert {key: properties[key] for key in properties if key not in {"file", "title"}} == expected


def test_place_without_lines_leads_the_message() -> None:
    assert (
        at(Location(path="model.gguf", at="kv[7].key")).data == "model.gguf kv[7].key: x\nhint: x"
    )


def test_finding_of_a_subject_without_a_file_has_no_file() -> None:
    run = samples.run(samples.verdict(samples.IMAGE, samples.old_base(samples.IMAGE)))
    (command,) = commands_in(render(run))
    assert "file" not in command.properties
    assert command.data.startswith("ghcr.io/acme/api:2.4.1 config.created: was built")


@pytest.mark.parametrize("run", [samples.HOSTILE, samples.hostile_run("a,b:c%0Ad%,line=9")])
def test_hostile_text_stays_where_it_was_put(run: Run) -> None:
    commands = commands_in(render(run))
    assert [command.name for command in commands] == ["error", "error"]
    assert commands[0].properties["title"] == "IMG001 image-not-pinned"
    assert commands[0].properties["line"] == "1"


def test_text_is_read_back_as_it_was() -> None:
    text = "100% of a, b: c%0Ad%25"
    command = commands_in(render(samples.hostile_run(text)))[0]
    assert command.properties["file"] == text
    assert command.data == f"{text}:1:1: {text}\nhint: {text}"
