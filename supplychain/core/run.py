"""One run of the gate as reports and records see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from supplychain.core.evidence import Producer
from supplychain.core.finding import Finding, Severity
from supplychain.core.policy import Policy
from supplychain.core.verdict import Decision, Verdict, overall

SCANNERS = frozenset({"trivy", "grype", "osv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Files that a run did not judge, counted by the reason given for it."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The verdicts of one run, in subject order, under one clock and one policy."""

    verdicts: tuple[Verdict, ...]
    policy: Policy
    started_at: datetime
    finished_at: datetime
    tool: Producer
    tools: tuple[Producer, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def decision(self) -> Decision:
        """The decision on the whole run."""
        return overall(self.verdicts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings that stand, in subject order."""
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)

    @property
    def blocking_fingerprints(self) -> frozenset[str]:
        """Fingerprints of the findings that reject."""
        return frozenset(
            finding.fingerprint for verdict in self.verdicts for finding in verdict.blocking
        )

    def count(self, severity: Severity) -> int:
        """Return how many findings of one severity stand."""
        return sum(finding.severity is severity for finding in self.findings)


def tools_of(verdicts: Iterable[Verdict]) -> tuple[Producer, ...]:
    """Return the outside programs whose databases or reports the verdicts rest on, by name."""
    producers = {one.producer for verdict in verdicts for one in verdict.evidence}
    return tuple(sorted((one for one in producers if one.name in SCANNERS), key=_tool_order))


def _tool_order(tool: Producer) -> tuple[str, str, str, str]:
    return tool.name, tool.version, str(tool.database_built_at), str(tool.database_digest)
