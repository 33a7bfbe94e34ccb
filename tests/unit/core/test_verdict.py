from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations_with_replacement, permutations, product

import pytest

from supplychain.core.digest import Digest
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Finding, Severity
from supplychain.core.policy import Policy
from supplychain.core.verdict import Decision, Verdict, decide, overall
from tests.unit.core.samples import NOW, POLICY, TOOL, WEB, finding, gap, waiver

NONE: tuple[()] = ()
FINDINGS = [
    NONE,
    *combinations_with_replacement(Severity, 1),
    *combinations_with_replacement(Severity, 2),
]
GAPS = [
    NONE,
    (gap("a"),),
    (gap("b"),),
    (gap("a", required=False),),
    (gap("a"), gap("b")),
    (gap("a", required=False), gap("b")),
]
LEVELS = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)


def made(severities: tuple[Severity, ...]) -> list[Finding]:
    return [finding(severity, key=str(n)) for n, severity in enumerate(severities)]


@pytest.mark.parametrize("block_unknown", [False, True])
@pytest.mark.parametrize("block_at", LEVELS)
@pytest.mark.parametrize("is_waived", [False, True])
def test_truth_table(block_at: Severity, *, block_unknown: bool, is_waived: bool) -> None:
    """Findings block from the threshold on, unknown ones as told; then gaps; nothing else."""
    policy = Policy(
        name="p",
        digest=Digest.of(b"p"),
        block_at=block_at,
        block_unknown=block_unknown,
        optional_evidence=frozenset({"b"}),
        waivers=(waiver("IMG001"),) if is_waived else (),
    )
    for severities, gaps in product(FINDINGS, GAPS):
        verdict = decide(made(severities), gaps, policy, NOW, subject=WEB)
        known = [one for one in severities if one is not Severity.UNKNOWN]
        blocks = any(LEVELS.index(one) <= LEVELS.index(block_at) for one in known)
        blocks = blocks or (block_unknown and len(known) < len(severities))
        open_gap = any(one.required and one.id != "b" for one in gaps)
        expected = (
            Decision.FAIL
            if blocks and not is_waived
            else Decision.INCONCLUSIVE
            if open_gap
            else Decision.PASS
        )
        assert verdict.decision is expected, (severities, gaps)
        assert len(verdict.findings) + len(verdict.waived) == len(severities)
        assert len(verdict.gaps) == len(gaps)
        assert all(one in verdict.findings for one in verdict.blocking)
        assert bool(verdict.blocking) is (expected is Decision.FAIL)


@pytest.mark.parametrize(
    ("thresholds", "severity", "decision"),
    [
        ({}, Severity.HIGH, Decision.FAIL),
        ({"IMG": Severity.CRITICAL}, Severity.HIGH, Decision.PASS),
        ({"IMG001": Severity.CRITICAL}, Severity.HIGH, Decision.PASS),
        ({"IMG001": Severity.LOW}, Severity.LOW, Decision.FAIL),
        ({"IMG": Severity.CRITICAL, "IMG001": Severity.LOW}, Severity.LOW, Decision.FAIL),
        ({"IMG": Severity.LOW, "IMG001": Severity.CRITICAL}, Severity.HIGH, Decision.PASS),
        ({"IMG002": Severity.CRITICAL, "BLD": Severity.CRITICAL}, Severity.HIGH, Decision.FAIL),
        ({"IMG": Severity.INFO}, Severity.INFO, Decision.FAIL),
        ({"IMG": Severity.INFO}, Severity.UNKNOWN, Decision.PASS),
    ],
)
def test_the_nearest_threshold_counts(
    thresholds: dict[str, Severity], severity: Severity, decision: Decision
) -> None:
    policy = replace(POLICY, thresholds=thresholds)
    assert decide([finding(severity)], [], policy, NOW).decision is decision


@pytest.mark.parametrize(
    ("check", "subject", "expires", "covers"),
    [
        ("IMG001", "*", date(2026, 11, 25), True),
        ("image-not-pinned", "*", date(2026, 11, 25), True),
        (finding().fingerprint, "*", date(2026, 11, 25), True),
        ("IMG001", "web/*", date(2026, 11, 25), True),
        ("IMG001", "web/Dockerfile", date(2026, 11, 25), True),
        ("IMG001", "*", date(2026, 11, 24), False),
        ("IMG001", "api/*", date(2026, 11, 25), False),
        ("IMG001", "WEB/*", date(2026, 11, 25), False),
        ("IMG00", "*", date(2026, 11, 25), False),
        ("img001", "*", date(2026, 11, 25), False),
        ("*", "*", date(2026, 11, 25), False),
    ],
)
def test_a_waiver_covers_what_it_names_until_its_day(
    check: str, subject: str, expires: date, *, covers: bool
) -> None:
    accepted = waiver(check, subject=subject, expires=expires)
    verdict = decide([finding()], [], replace(POLICY, waivers=(accepted,)), NOW)
    assert verdict.decision is (Decision.PASS if covers else Decision.FAIL)
    assert [one.waiver for one in verdict.waived] == ([accepted] if covers else [])


def test_a_waiver_covers_a_gap_by_its_id() -> None:
    policy = replace(POLICY, waivers=(waiver("image-unresolved"),))
    verdict = decide([], [gap(), gap("file-unreadable")], policy, NOW, subject=WEB)
    assert verdict.decision is Decision.INCONCLUSIVE
    assert [one.gap.id for one in verdict.waived_gaps] == ["image-unresolved"]
    assert [one.id for one in verdict.gaps] == ["file-unreadable"]


def test_an_expired_waiver_does_not_hide_a_current_one() -> None:
    old, new = waiver("IMG001", expires=date(2026, 1, 1)), waiver("IMG001")
    verdict = decide([finding()], [], replace(POLICY, waivers=(old, new)), NOW)
    assert [one.waiver for one in verdict.waived] == [new]


def test_one_waiver_leaves_other_findings_standing() -> None:
    first, second = finding(key="a"), finding(key="b")
    policy = replace(POLICY, waivers=(waiver(first.fingerprint),))
    verdict = decide([first, second], [], policy, NOW)
    assert verdict.decision is Decision.FAIL
    assert verdict.findings == verdict.blocking == (second,)


def test_a_gap_that_the_policy_does_not_need_is_kept_and_told() -> None:
    policy = replace(POLICY, optional_evidence=frozenset({"image-unresolved"}))
    verdict = decide([], [gap()], policy, NOW, subject=WEB)
    assert verdict.decision is Decision.PASS
    assert [(one.id, one.required) for one in verdict.gaps] == [("image-unresolved", False)]


def test_the_order_of_what_was_found_does_not_matter() -> None:
    found = [
        finding(Severity.LOW, key="a"),
        finding(Severity.UNKNOWN, key="b"),
        finding(Severity.CRITICAL, check="IMG002"),
        finding(Severity.HIGH, key="c"),
    ]
    gaps = [gap("b"), gap("a"), Gap(id="a", wanted="v", reason="r")]
    verdict = decide(found, gaps, POLICY, NOW, subject=WEB)
    for some, others in product(permutations(found), permutations(gaps)):
        assert decide(some, others, POLICY, NOW, subject=WEB) == verdict
    order = [Severity.CRITICAL, Severity.HIGH, Severity.UNKNOWN, Severity.LOW]
    assert [one.severity for one in verdict.findings] == order
    assert [(one.id, one.wanted) for one in verdict.gaps] == [("a", "v"), ("a", "w"), ("b", "w")]


def test_the_subject_defaults_to_that_of_the_first_finding() -> None:
    assert decide([finding()], [], POLICY, NOW).subject == WEB
    assert decide([], [], POLICY, NOW).subject is None


def test_a_verdict_tells_what_it_rests_on() -> None:
    seen = Evidence(subject=WEB, producer=TOOL, observed_at=NOW, digest=Digest.of(b"a"))
    other = replace(seen, digest=None)
    verdict = decide([], [], POLICY, NOW, subject=WEB, evidence=[seen, other, seen])
    assert [(one.kind, one.digest) for one in verdict.evidence] == [
        ("Evidence", None),
        ("Evidence", str(Digest.of(b"a"))),
    ]
    assert (verdict.policy_name, verdict.policy_digest) == ("test", str(POLICY.digest))
    assert verdict.at == NOW
    assert pickle.loads(pickle.dumps(verdict)) == verdict  # noqa: S301 -- our own bytes


def decided(decision: Decision) -> Verdict:
    return replace(decide([], [], POLICY, NOW, subject=WEB), decision=decision)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_run_fails_with_any_subject_then_lacks_with_any(count: int) -> None:
    for decisions in product(Decision, repeat=count):
        worst = next(
            one for one in (Decision.FAIL, Decision.INCONCLUSIVE, Decision.PASS) if one in decisions
        )
        assert overall([decided(one) for one in decisions]) is worst


def test_a_run_without_subjects_has_no_decision() -> None:
    with pytest.raises(ValueError, match="has no decision"):
        overall([])


def test_a_waiver_counts_to_the_end_of_its_day() -> None:
    accepted = waiver("IMG001", expires=NOW.date())
    end = NOW.replace(hour=23, minute=59, second=59)
    assert accepted.is_current(end)
    assert not accepted.is_current(end + timedelta(seconds=1))
