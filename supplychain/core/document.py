"""A verdict as a JSON document: the subject of a report, and what the ledger keeps of it.

The shape is contract ``supplychain.report/1``, ``subjects[]``. Absent values are ``None``, never an
empty string; every string is printable, so the document is valid UTF-8 whatever a file held.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding, Location, PropertyValue
from supplychain.core.text import visible
from supplychain.core.verdict import EvidenceSummary, Verdict
from supplychain.core.waiver import Waiver

Document = dict[str, Any]


def verdict_document(verdict: Verdict) -> Document:
    """Return a verdict as a document; the same verdict gives the same document."""
    subject = verdict.subject
    blocking = {finding.fingerprint for finding in verdict.blocking}
    return {
        "kind": subject.kind.value if subject else None,
        "ref": text(subject.ref) if subject else None,
        "digest": str(subject.digest) if subject and subject.digest else None,
        "path": text(subject.path) if subject else None,
        "decision": verdict.decision.value,
        "findings": [
            *(_finding(one, None, blocks=one.fingerprint in blocking) for one in verdict.findings),
            *(_finding(one.finding, one.waiver, blocks=False) for one in verdict.waived),
        ],
        "gaps": [
            *(_gap(gap, None) for gap in verdict.gaps),
            *(_gap(one.gap, one.waiver) for one in verdict.waived_gaps),
        ],
        "evidence": [_evidence(one) for one in verdict.evidence],
    }


def timestamp(moment: datetime) -> str:
    """Return a time as RFC 3339 writes it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(value: str | None) -> str | None:
    """Return text made visible, ``None`` where there is none."""
    return visible(value) if value else None


def _finding(finding: Finding, waiver: Waiver | None, *, blocks: bool) -> Document:
    return {
        "id": finding.id,
        "name": finding.name,
        "severity": finding.severity.value,
        "blocking": blocks,
        "message": text(finding.message),
        "hint": text(finding.hint),
        "fingerprint": finding.fingerprint,
        "location": _location(finding.location),
        "waiver": _waiver(waiver),
        "properties": _properties(finding.properties),
    }


def _gap(gap: Gap, waiver: Waiver | None) -> Document:
    return {
        "id": gap.id,
        "wanted": text(gap.wanted),
        "reason": text(gap.reason),
        "hint": text(gap.hint),
        "retryable": gap.retryable,
        "required": gap.required,
        "location": _location(gap.location),
        "waiver": _waiver(waiver),
    }


def _location(location: Location | None) -> Document | None:
    if location is None or location == Location():
        return None
    return {
        "path": text(location.path),
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
        "at": text(location.at),
    }


def _waiver(waiver: Waiver | None) -> Document | None:
    if waiver is None:
        return None
    return {
        "reason": text(waiver.reason),
        "owner": text(waiver.owner),
        "expires": waiver.expires.isoformat(),
    }


def _properties(properties: Mapping[str, PropertyValue]) -> Document:
    return {visible(key): _property(properties[key]) for key in sorted(properties)}


def _property(value: PropertyValue) -> PropertyValue:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _evidence(evidence: EvidenceSummary) -> Document:
    producer = evidence.producer
    return {
        "kind": evidence.kind,
        "producer": {"name": producer.name, "version": text(producer.version)},
        "digest": text(evidence.digest),
        "observed_at": timestamp(evidence.observed_at),
    }
