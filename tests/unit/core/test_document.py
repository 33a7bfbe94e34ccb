from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from supplychain.core.digest import Digest
from supplychain.core.document import text, timestamp, verdict_document
from supplychain.core.evidence import Evidence
from supplychain.core.finding import Location
from supplychain.core.text import visible
from supplychain.core.verdict import decide
from tests.unit.core.samples import NOW, POLICY, TOOL, WEB, finding, gap, waiver


def test_a_verdict_as_a_document() -> None:
    subject = replace(WEB, digest=Digest.of(b"web"))
    found = replace(
        finding(),
        properties={"b": 1, "a": "", "c": math.inf, "d": 0.5},
        hint="",
        confidence=finding().confidence,
    )
    seen = Evidence(subject=subject, producer=TOOL, observed_at=NOW, digest=Digest.of(b"a"))
    place = Location(path="web/Dockerfile", line=1)
    policy = replace(POLICY, waivers=(waiver("waived"), waiver("IMG002", expires=date(2027, 1, 2))))
    verdict = decide(
        [found, finding(check="IMG002")],
        [replace(gap(), location=place), gap("waived")],
        policy,
        NOW,
        subject=subject,
        evidence=[seen],
    )
    document = verdict_document(verdict)
    assert {key: document[key] for key in ("kind", "ref", "digest", "path", "decision")} == {
        "kind": "dockerfile",
        "ref": "web/Dockerfile",
        "digest": str(Digest.of(b"web")),
        "path": "web/Dockerfile",
        "decision": "fail",
    }
    blocking, waived = document["findings"]
    assert (blocking["blocking"], blocking["waiver"], blocking["hint"]) == (True, None, None)
    assert list(blocking["properties"].items()) == [("a", None), ("b", 1), ("c", None), ("d", 0.5)]
    assert blocking["location"] == {
        "path": "web/Dockerfile",
        "line": 1,
        "column": None,
        "end_line": None,
        "end_column": None,
        "at": None,
    }
    assert waived["blocking"] is False
    assert waived["waiver"] == {"reason": "r", "owner": "o", "expires": "2027-01-02"}
    assert [(one["id"], one["waiver"] is None) for one in document["gaps"]] == [
        ("image-unresolved", True),
        ("waived", False),
    ]
    assert document["gaps"][0]["location"]["line"] == 1
    assert document["gaps"][1]["location"] is None
    assert document["evidence"] == [
        {
            "kind": "Evidence",
            "producer": {"name": "supplychain", "version": "1"},
            "digest": str(Digest.of(b"a")),
            "observed_at": "2026-11-25T10:00:00Z",
        }
    ]


def test_a_verdict_on_nothing_has_no_subject() -> None:
    document = verdict_document(decide([], [], POLICY, NOW))
    assert {document[key] for key in ("kind", "ref", "digest", "path")} == {None}
    assert document["decision"] == "pass"


def test_a_place_that_says_nothing_is_left_out() -> None:
    found = replace(finding(), location=Location())
    (told,) = verdict_document(decide([found], [], POLICY, NOW))["findings"]
    assert told["location"] is None


def test_times_are_written_in_utc_and_whole_seconds() -> None:
    east = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 1, 1, 1, 2, 3, 999, tzinfo=east)) == "2025-12-31T23:02:03Z"
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


def test_hostile_text_is_made_visible() -> None:
    shown = {
        "plain": "plain",
        "": "",
        "größe 你好 🦀": "größe 你好 🦀",
        "a\x1b[2Jb": r"a\x1b[2Jb",
        "a\nb\r\tc": r"a\nb\r\tc",
        "\u202eevil": r"\u202eevil",
        "\udcff": r"\udcff",
        "\u2028": r"\u2028",
        "\0": r"\x00",
    }
    assert {one: visible(one) for one in shown} == shown
    assert text(None) is None
    assert text("") is None
    assert text("\x07") == r"\x07"
