"""What is seen in a scanner's report, as a ``supplychain.inspect/1`` item. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from supplychain.core.scan_rules import ScanRules
from supplychain.core.text import visible
from supplychain.scans.model import ScanReport
from supplychain.scans.trust import Context, doubts_of, is_end_of_life

Item = Mapping[str, Any]


def report_item(report: ScanReport, rules: ScanRules, now: datetime) -> Item:
    """Return what a report says, counted over its distinct vulnerabilities.

    ``trust`` says why it may not count by these rules today, on its own: with others beside it a
    gate may come to believe it.
    """
    artifact, os, distinct = report.artifact, report.os, report.vulnerabilities
    return {
        "tool": report.tool.value,
        "envelope": report.envelope.value,
        "tool_version": _shown(report.tool_version),
        "artifact": {
            "type": _shown(artifact.type),
            "name": _shown(artifact.name),
            "digest": str(artifact.digest) if artifact.digest else None,
        },
        "os": {
            "family": _shown(os.family),
            "name": _shown(os.name),
            "end_of_life": is_end_of_life(os, rules, now),
        }
        if os is not None
        else None,
        "packages": report.packages.total if report.packages is not None else None,
        "rows": report.rows,
        "distinct": len(distinct),
        "by_severity": {tier.value: count for tier, count in report.by_tier.items()},
        "with_fix": sum(one.fixed is not None for one in distinct),
        "known_exploited": sum(one.known_exploited for one in distinct),
        "suppressed": report.suppressed_rows,
        "secrets": len(report.secrets),
        "misconfigurations": len(report.misconfigurations),
        "trust": [
            {"code": doubt.code, "message": doubt.message}
            for doubt in doubts_of(report, Context(rules=rules, now=now))
        ],
    }


def _shown(text: str | None) -> str | None:
    return visible(text) if text else None
