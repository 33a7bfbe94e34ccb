from __future__ import annotations

from dataclasses import replace

from supplychain.core.evidence import Evidence, Producer
from supplychain.core.finding import Severity
from supplychain.core.run import Run, tools_of
from supplychain.core.verdict import Decision, decide
from tests.unit.core.samples import NOW, POLICY, TOOL, WEB, finding


def test_adds_up_what_its_subjects_have() -> None:
    high, low = finding(Severity.HIGH), finding(Severity.LOW, key="b")
    verdicts = (
        decide([low], [], POLICY, NOW, subject=WEB),
        decide([high, low], [], POLICY, NOW, subject=WEB),
    )
    run = Run(verdicts=verdicts, policy=POLICY, started_at=NOW, finished_at=NOW, tool=TOOL)
    assert run.decision is Decision.FAIL
    assert run.findings == (low, high, low)
    assert run.blocking_fingerprints == {high.fingerprint}
    assert [run.count(one) for one in Severity] == [0, 1, 0, 2, 0, 0]


def test_tells_the_scanners_that_it_rests_on() -> None:
    seen = Evidence(subject=WEB, producer=Producer(name="trivy", version="1"), observed_at=NOW)
    others = [replace(seen, producer=Producer(name=name, version="1")) for name in ("grype", "x")]
    verdict = decide([], [], POLICY, NOW, subject=WEB, evidence=[seen, *others])
    assert [one.name for one in tools_of([verdict, verdict])] == ["grype", "trivy"]
