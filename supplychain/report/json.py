"""A run as data for machines: the report ``supplychain.report/1``.

Its schema is ``supplychain/schemas/report.json``. Every key is always there; what is absent is
``null``, never an empty string. Two runs over the same input differ only in their times.
"""

from __future__ import annotations

from collections.abc import Sequence

from supplychain.core.check import Check
from supplychain.core.document import Document, text, timestamp, verdict_document
from supplychain.core.evidence import Producer
from supplychain.core.finding import Severity
from supplychain.core.policy import Policy
from supplychain.core.run import Run
from supplychain.core.text import visible
from supplychain.report.escape import document
from supplychain.report.tally import tally_of

REPORT_SCHEMA = "supplychain.report/1"
CHECKS_SCHEMA = "supplychain.checks/1"


def render(run: Run) -> str:
    """Return the report as one document."""
    subjects = [verdict_document(verdict) for verdict in run.verdicts]
    return document({**_head(run), "subjects": subjects})


def render_lines(run: Run) -> str:
    """Return the report as JSON Lines: its head without subjects, then one subject a line."""
    lines = [_head(run), *map(verdict_document, run.verdicts)]
    return "".join(document(line, indent=None) for line in lines)


def render_checks(checks: Sequence[Check]) -> str:
    """Return the list of all checks, ``supplychain.checks/1``, by id."""
    listed = [
        {
            "id": check.id,
            "name": check.name,
            "severity": check.severity.value,
            "on": check.on.__name__,
            "summary": text(check.summary),
            "since": check.since,
        }
        for check in sorted(checks, key=lambda check: check.id)
    ]
    return document({"schema": CHECKS_SCHEMA, "checks": listed})


def _head(run: Run) -> Document:
    tally = tally_of(run)
    return {
        "schema": REPORT_SCHEMA,
        "tool": {"name": run.tool.name, "version": run.tool.version},
        "started_at": timestamp(run.started_at),
        "finished_at": timestamp(run.finished_at),
        "policy": _policy(run.policy),
        "decision": tally.decision.value,
        "summary": {
            "subjects": tally.subjects,
            "findings": {severity.value: tally.severities[severity] for severity in Severity},
            "waived": tally.waived,
            "gaps": tally.gaps,
        },
        "tools": [_tool(tool) for tool in run.tools],
        "left_out": [{"reason": text(one.reason), "count": one.count} for one in run.left_out],
    }


def _policy(policy: Policy) -> Document:
    return {
        "name": text(policy.name),
        "digest": str(policy.digest),
        "files": [visible(file) for file in policy.files if file],
    }


def _tool(tool: Producer) -> Document:
    built_at, digest = tool.database_built_at, tool.database_digest
    database = {
        "built_at": timestamp(built_at) if built_at else None,
        "digest": str(digest) if digest else None,
    }
    return {
        "name": tool.name,
        "version": text(tool.version),
        "sha256": tool.sha256.hex if tool.sha256 else None,
        "database": database if built_at or digest else None,
    }
