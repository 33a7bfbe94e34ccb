from __future__ import annotations

import re
from dataclasses import replace

import pytest

from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding, Location, Severity
from supplychain.core.run import LeftOut, Run
from supplychain.report.text import MAX_LINES, render
from tests.unit.report import samples

SGR = re.compile(r"\x1b\[[0-9;]*m")


def last_line(report: str) -> str:
    return report.splitlines()[-1]


def distinct_hints(count: int) -> Run:
    findings = [
        found for line in range(1, count + 1) for found in samples.pinnable(samples.COMPOSE, line)
    ]
    return samples.run(samples.verdict(samples.COMPOSE, findings))


def distinct_ids(count: int) -> Run:
    gaps = [
        Gap(id=f"gap-{number}", wanted="a file", reason="is gone", hint="bring it back")
        for number in range(count)
    ]
    return samples.run(samples.verdict(samples.COMPOSE, [], gaps))


def test_last_line_tells_decision_counts_and_next_command() -> None:
    assert last_line(render(samples.FAILING)) == (
        "fail · 4 blocking, 1 warning, 2 gaps, 1 info in 4 subjects"
        " · 1 info is hidden: --all shows them · next: supplychain explain IMG001"
    )


def test_next_step_of_a_gap_that_may_pass_is_to_run_again() -> None:
    assert last_line(render(samples.INCONCLUSIVE)).endswith(" · next: run again")


def test_next_step_of_a_gap_that_stays_is_what_mends_it() -> None:
    gap = Gap(
        id="unresolved-variable", wanted="an image", reason="TAG has no value", hint="set TAG"
    )
    report = render(samples.run(samples.verdict(samples.WEB, [], [gap])))
    assert last_line(report) == "inconclusive · 1 gap in 1 subject · next: set TAG, then run again"


def test_next_step_of_a_warning_explains_it() -> None:
    assert last_line(render(samples.WAIVED)).endswith(" · next: supplychain explain IMG004")


def test_clean_pass_is_short_and_says_what_was_judged_and_left_out() -> None:
    assert render(samples.CLEAN).splitlines() == [
        "judged: 1 image, 1 Dockerfile, 1 compose file, under policy default",
        "left out: 1,412 files (third-party code), 1 file (broken on purpose: test data)",
        "pass · no findings in 3 subjects",
    ]


def test_reasons_for_leaving_out_are_counted_together_beyond_the_fourth() -> None:
    left_out = tuple(LeftOut(reason=f"reason {number}", count=number) for number in range(1, 7))
    report = render(samples.run(samples.verdict(samples.API, []), left_out=left_out))
    assert "4 files (reason 4), 11 files for other reasons\n" in report
    assert "reason 5" not in report


def test_blocking_comes_before_gaps_before_warnings_before_infos() -> None:
    report = render(samples.FAILING, all_lines=True)
    titles = [line.split()[0] for line in report.splitlines() if line[:1].isalpha()]
    assert titles[:4] == ["fail", "gap", "warn", "info"]


def test_what_is_only_for_information_is_counted_but_shown_only_when_asked_for() -> None:
    findings = [
        replace(found, id="LCK018", severity=Severity.INFO, message=f"wheel {number}")
        for number, found in enumerate(samples.pinnable(samples.WEB, 1) * 12)
    ]
    run = samples.run(samples.verdict(samples.WEB, findings))
    assert render(run).splitlines() == [
        "judged: 1 Dockerfile, under policy default",
        "pass · 12 infos in 1 subject · 12 infos are hidden: --all shows them",
    ]
    whole = render(run, all_lines=True)
    assert whole.count("LCK018") == 1
    assert whole.count("wheel ") == 12
    assert last_line(whole) == "pass · 12 infos in 1 subject"


def test_what_is_hidden_is_told_once() -> None:
    assert render(samples.MANY).count("--all shows them") == 1


def test_what_reads_the_same_is_one_line_and_is_counted_once() -> None:
    findings = samples.unpinned(samples.WEB, *[(1, 6, "node:22")] * 2, (2, 6, "node:22"))
    run = samples.run(samples.verdict(samples.WEB, findings))
    report = render(run)
    assert report.count('image "node:22" has no digest') == 2
    assert last_line(report).startswith("fail · 2 blocking in 1 subject")


def test_a_place_that_is_its_own_subject_is_told_once() -> None:
    name = "hf.co/acme/tiny"
    gap = Gap(id="a-gap", wanted="x", reason="y", location=Location(path=name, at=name))
    report = render(samples.run(samples.verdict(samples.IMAGE, [], [gap])))
    assert f"     {name}  x\n" in report


def test_what_one_action_mends_is_one_group_with_one_hint() -> None:
    report = render(samples.FAILING)
    assert report.count(samples.PIN) == 1
    assert report.count("image-not-pinned") == 1


def test_groups_of_one_check_share_their_title() -> None:
    report = render(samples.LOCKED)
    assert report.count("IMG001 image-not-pinned") == 1
    assert report.count("hint: write acme/app-") == 3


def test_reason_that_all_gaps_of_a_group_share_is_told_once() -> None:
    assert render(samples.FAILING).count("503") == 1


def test_reasons_that_differ_are_told_with_each_gap() -> None:
    gaps = [
        Gap(id="image-digest", wanted="the digest", reason=reason, hint="try again")
        for reason in ("answered 503", "answered 401")
    ]
    report = render(samples.run(samples.verdict(samples.COMPOSE, [], gaps)))
    assert "the digest: answered 503\n" in report
    assert "the digest: answered 401\n" in report


def test_gap_that_is_not_required_says_so_and_does_not_count_as_blocking() -> None:
    gap = samples.unreachable(3, "redis:7", required=False)
    report = render(samples.run(samples.verdict(samples.COMPOSE, [], [gap])))
    assert "not required" in report
    assert last_line(report).startswith("pass · 1 gap in 1 subject")


def test_finding_without_a_file_names_its_subject() -> None:
    report = render(samples.run(samples.verdict(samples.IMAGE, samples.old_base(samples.IMAGE))))
    assert "\n     ghcr.io/acme/api:2.4.1 config.created  " in report


@pytest.mark.parametrize("run", [samples.MANY, distinct_hints(90), distinct_ids(90)])
def test_report_keeps_to_one_screen_and_says_how_much_is_hidden(run: Run) -> None:
    lines = render(run).splitlines()
    assert len(lines) <= MAX_LINES
    note = re.fullmatch(r"([\d,]+) of ([\d,]+) are hidden: --all shows them", hidden_note(lines))
    assert note is not None
    hidden, total = (int(number.replace(",", "")) for number in note.groups())
    shown = sum(is_entry(line) for line in lines)
    assert hidden + shown == total
    assert hidden_note(render(run, all_lines=True).splitlines()) == ""


def hidden_note(lines: list[str]) -> str:
    return next((line for line in lines if "are hidden" in line), "")


def is_entry(line: str) -> bool:
    return line.startswith("     ") and not line.startswith(("     hint: ", "     … "))


@pytest.mark.parametrize("count", range(1, 45))
def test_nothing_is_hidden_where_everything_fits_and_everything_is_counted(count: int) -> None:
    places = [(line, 6, f"base-{line}:1") for line in range(1, count + 1)]
    run = samples.run(samples.verdict(samples.WEB, samples.unpinned(samples.WEB, *places)))
    lines = render(run).splitlines()
    shown = sum(is_entry(line) for line in lines)
    more = [line for line in lines if "… and" in line]
    assert len(lines) <= MAX_LINES
    assert shown + (int(more[0].split()[2]) if more else 0) == count
    assert bool(hidden_note(lines)) == bool(more)


def test_all_lines_show_every_entry_and_what_was_waived() -> None:
    report = render(samples.WAIVED, all_lines=True)
    assert (
        "web/Dockerfile:1:6  IMG001 accepted by platform@acme.example until 2027-01-31: "
        "the base is rebuilt nightly in this repository\n"
    ) in report
    assert render(samples.MANY, all_lines=True).count("has no digest") == 60


def test_waived_findings_are_counted_where_they_are_not_shown() -> None:
    assert last_line(render(samples.WAIVED)).startswith("pass · 1 warning, 2 waived in 2 subjects")


@pytest.mark.parametrize("run", samples.SAMPLES.values(), ids=samples.SAMPLES)
def test_colour_adds_nothing_but_escape_codes(run: Run) -> None:
    assert SGR.sub("", render(run, colour=True)) == render(run)


@pytest.mark.parametrize("run", samples.SAMPLES.values(), ids=samples.SAMPLES)
def test_no_line_ends_in_a_blank(run: Run) -> None:
    assert [line for line in render(run).splitlines() if line != line.rstrip()] == []


def test_severity_that_differs_within_a_group_is_the_worst() -> None:
    def finding(line: int, severity: Severity) -> Finding:
        (found,) = samples.floating_tag(samples.WEB, line, "node", severity=severity)
        return found

    findings = [finding(1, Severity.LOW), finding(2, Severity.UNKNOWN)]
    report = render(samples.run(samples.verdict(samples.WEB, findings)))
    assert "warn IMG004 image-tag-floating · unknown\n" in report
