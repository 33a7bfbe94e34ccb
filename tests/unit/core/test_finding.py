from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.core.digest import Digest
from supplychain.core.finding import (
    FINGERPRINT_DIGITS,
    Location,
    Severity,
    findings_of,
    fingerprint,
)
from supplychain.core.subject import Subject, SubjectKind
from tests.unit.core.samples import WEB, finding, hit


def test_severities_sort_worst_first_and_unknown_before_medium() -> None:
    assert [one.value for one in sorted(Severity, key=lambda one: one.rank)] == [
        "critical",
        "high",
        "unknown",
        "medium",
        "low",
        "info",
    ]


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location(), ""),
        (Location(path="a"), "a"),
        (Location(path="a", line=3), "a:3"),
        (Location(path="a", line=3, column=7), "a:3:7"),
        (Location(path="a", at="kv[7]"), "a kv[7]"),
        (Location(at="kv[7]"), "kv[7]"),
    ],
)
def test_a_location_is_written_as_editors_read_it(location: Location, text: str) -> None:
    assert str(location) == text


class TestFingerprint:
    BASE = fingerprint("IMG001", WEB, hit(), 0)

    def test_survives_moved_lines_other_words_and_other_bytes(self) -> None:
        moved = replace(hit(line=99), message="other", hint="other")
        changed = replace(WEB, digest=Digest.of(b"other"))
        assert fingerprint("IMG001", changed, moved, 0) == self.BASE
        assert len(self.BASE) == FINGERPRINT_DIGITS

    @pytest.mark.parametrize("path", ["./web/Dockerfile", "/src/web/Dockerfile", "Dockerfile"])
    def test_survives_another_spelling_of_the_path(self, path: str) -> None:
        spelt = replace(WEB, path=path)
        assert fingerprint("IMG001", spelt, hit(path=path), 0) == self.BASE

    def test_tells_apart_what_differs(self) -> None:
        others = [
            fingerprint("IMG002", WEB, hit(), 0),
            fingerprint("IMG001", replace(WEB, ref="api/Dockerfile"), hit(), 0),
            fingerprint("IMG001", replace(WEB, kind=SubjectKind.COMPOSE), hit(), 0),
            fingerprint("IMG001", WEB, hit("other"), 0),
            fingerprint("IMG001", WEB, hit(path="web/.dockerignore"), 0),
            fingerprint("IMG001", WEB, hit(), 1),
        ]
        assert len({self.BASE, *others}) == len(others) + 1

    def test_cannot_be_forged_by_moving_text_between_its_parts(self) -> None:
        one = Subject(kind=SubjectKind.IMAGE, ref="a\0b")
        two = Subject(kind=SubjectKind.IMAGE, ref="a")
        assert fingerprint("IMG001", one, hit("c", path=None), 0) != fingerprint(
            "IMG001", two, hit("b\0c", path=None), 0
        )

    def test_takes_names_that_are_no_unicode(self) -> None:
        odd = replace(WEB, ref="a\udcff")
        assert fingerprint("IMG001", odd, hit("\udcff"), 0) != self.BASE


def test_equal_hits_are_told_apart_by_their_order() -> None:
    def found(*lines: int) -> list[str]:
        hits = [hit(line=line) for line in lines]
        made = findings_of("IMG001", "image-not-pinned", Severity.HIGH, WEB, hits)
        return [one.fingerprint for one in made]

    assert len(set(found(1, 2, 3))) == 3
    assert found(1, 2) == found(5, 9)
    assert found(1) == found(1, 2)[:1]


def test_a_hit_may_have_a_severity_of_its_own() -> None:
    made = findings_of(
        "IMG001", "image-not-pinned", Severity.HIGH, WEB, [replace(hit(), severity=Severity.LOW)]
    )
    assert [one.severity for one in made] == [Severity.LOW]
    assert finding().severity is Severity.HIGH
