from __future__ import annotations

from collections.abc import Iterator

import pytest

from supplychain.core.check import Check, LockMoment, check, checks_in
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Hit, Severity
from tests.unit.core.samples import NOW, TOOL, WEB, hit


@check("IMG900", "made-for-a-test", on=Evidence, severity=Severity.LOW)
def sample(evidence: Evidence) -> Iterator[Hit]:
    """Say one thing.

    ## What it does
    Nothing.
        indented
    """
    yield hit(evidence.subject.ref)


def test_a_decorated_function_is_a_check() -> None:
    assert isinstance(sample, Check)
    assert (sample.id, sample.name, sample.family) == ("IMG900", "made-for-a-test", "IMG")
    assert (sample.severity, sample.needs, sample.since) == (Severity.LOW, (), "0.1.0")
    evidence = Evidence(subject=WEB, producer=TOOL, observed_at=NOW)
    assert [one.key for one in sample.run(evidence)] == ["web/Dockerfile"]


def test_its_docstring_is_its_documentation() -> None:
    assert sample.summary == "Say one thing."
    assert sample.documentation == ("Say one thing.\n\n## What it does\nNothing.\n    indented")


def test_one_without_docstring_has_none() -> None:
    @check("IMG901", "has-no-words", on=Evidence, severity=Severity.LOW)
    def silent(evidence: Evidence) -> Iterator[Hit]:
        yield hit(evidence.subject.ref)

    assert (silent.summary, silent.documentation) == ("", "")


@pytest.mark.parametrize(
    ("check_id", "name"),
    [
        ("IMG1", "has-dashes"),
        ("IMG0001", "has-dashes"),
        ("img001", "has-dashes"),
        ("XYZ001", "has-dashes"),
        ("IMG001", "nodashes"),
        ("IMG001", "Has-Dashes"),
        ("IMG001", "has--dashes"),
        ("IMG001", "has-dashes-"),
        ("IMG001\n", "has-dashes"),
    ],
)
def test_id_and_name_have_one_shape(check_id: str, name: str) -> None:
    with pytest.raises(ValueError, match="an id is IMG001, a name has-dashes"):
        check(check_id, name, on=Evidence, severity=Severity.LOW)


def test_the_lock_is_judged_only_by_checks_that_say_so() -> None:
    declare = check(
        "IMG902", "judges-the-lock", on=Evidence, severity=Severity.LOW, lock=[LockMoment.CHECK]
    )
    assert declare(sample.run).judges_lock == {LockMoment.CHECK}
    assert sample.judges_lock == frozenset()


def test_a_modules_checks_are_found_by_id() -> None:
    other = check("BLD900", "made-as-well", on=Evidence, severity=Severity.LOW)(sample.run)
    assert checks_in({"a": sample, "b": other, "c": 1}) == [other, sample]
