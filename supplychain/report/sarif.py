"""A run as SARIF 2.1.0, for code scanning and result viewers.

Findings are results; gaps are notifications of the tool, because they say what could not be
looked at (section 3.58.1). A required gap is an ``error``, which by section 3.20.21 and appendix I
tells a reader that the results may be incomplete. ``executionSuccessful`` is false only when the
whole run is inconclusive: GitHub refuses the results of an unsuccessful execution, so that alerts
are not closed because a registry was down (codeql-action #1316, #1393), and a run that found
something must be shown in spite of its gaps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from supplychain.core.check import Check
from supplychain.core.document import Document
from supplychain.core.evidence import Gap
from supplychain.core.finding import Finding, Location, Severity
from supplychain.core.run import Run
from supplychain.core.subject import Subject
from supplychain.core.text import visible
from supplychain.core.verdict import Decision, Verdict
from supplychain.core.waiver import Waiver
from supplychain.report.escape import document

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "supplychain/v1"
SOURCE_ROOT = "%SRCROOT%"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "warning",
    Severity.UNKNOWN: "warning",
    Severity.INFO: "note",
}
# GitHub's bands: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
_ARGUMENT = re.compile(r"\{(\d+)\}")
_HERE = re.compile(rb"^(?:\./+)+")
_MARKDOWN_MARK = re.compile(r"^```.*\n?|^#{1,6} +|`", re.MULTILINE)


def render(run: Run, checks: Sequence[Check]) -> str:
    """Return the log. ``checks`` are described as its rules, in the order of their ids."""
    rules = _rules(run, checks)
    rule_index = _positions([rule["id"] for rule in rules])
    gap_ids = sorted({gap.id for _, gap, _ in _gaps(run)})
    driver = {
        "name": run.tool.name,
        "version": run.tool.version,
        "rules": rules,
        "notifications": [{"id": gap_id} for gap_id in gap_ids],
    }
    result = {
        "tool": {"driver": driver},
        "invocations": [_invocation(run, _positions(gap_ids), rule_index)],
        "originalUriBaseIds": {
            SOURCE_ROOT: {"description": {"text": "the folder in which the run was started"}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            found for verdict in run.verdicts for found in _results_of(verdict, rule_index)
        ],
        "properties": {
            "decision": run.decision.value,
            "policy": run.policy.name,
            "policyDigest": str(run.policy.digest),
        },
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [result]})


def _rules(run: Run, checks: Sequence[Check]) -> list[Document]:
    """Return a rule for every check, and a bare one for a finding whose check was not given."""
    rules = {check.id: _rule(check) for check in checks}
    waived = [one.finding for verdict in run.verdicts for one in verdict.waived]
    for finding in (*run.findings, *waived):
        rules.setdefault(finding.id, {"id": finding.id, "name": finding.name})
    return [rules[rule_id] for rule_id in sorted(rules)]


def _rule(check: Check) -> Document:
    properties: Document = {"tags": ["security", "supply-chain"]}
    if check.severity in _SECURITY_SEVERITY:
        properties["security-severity"] = _SECURITY_SEVERITY[check.severity]
    return {
        "id": check.id,
        "name": check.name,
        "shortDescription": {"text": check.summary},
        "fullDescription": {"text": check.summary},
        "help": {
            "text": _MARKDOWN_MARK.sub("", check.documentation),
            "markdown": check.documentation,
        },
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": properties,
    }


def _positions(names: Sequence[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _invocation(run: Run, gap_index: Mapping[str, int], rule_index: Mapping[str, int]) -> Document:
    notifications = [
        _notification(subject, gap, waiver, gap_index[gap.id], rule_index)
        for subject, gap, waiver in _gaps(run)
    ]
    return {
        "executionSuccessful": run.decision is not Decision.INCONCLUSIVE,
        "toolExecutionNotifications": notifications,
    }


def _gaps(run: Run) -> list[tuple[Subject | None, Gap, Waiver | None]]:
    found: list[tuple[Subject | None, Gap, Waiver | None]] = []
    for verdict in run.verdicts:
        found += [(verdict.subject, gap, None) for gap in verdict.gaps]
        found += [(verdict.subject, one.gap, one.waiver) for one in verdict.waived_gaps]
    return found


def _notification(
    subject: Subject | None,
    gap: Gap,
    waiver: Waiver | None,
    index: int,
    rule_index: Mapping[str, int],
) -> Document:
    level = "error" if gap.required else "warning"
    text = f"{gap.wanted}: {gap.reason}"
    if waiver:
        level = "note"
        text = f"{text}; accepted by {waiver.owner} until {waiver.expires}: {waiver.reason}"
    notification: Document = {
        "descriptor": {"id": gap.id, "index": index},
        "level": level,
        "message": _message(text, gap.hint),
        "locations": [_location(gap.location or Location(), subject)],
        "properties": {"retryable": gap.retryable, "required": gap.required},
    }
    if gap.id in rule_index:
        notification["associatedRule"] = {"id": gap.id, "index": rule_index[gap.id]}
    return notification


def _results_of(verdict: Verdict, rule_index: Mapping[str, int]) -> list[Document]:
    blocking = {finding.fingerprint for finding in verdict.blocking}
    distinct: dict[tuple[str, Location, str], Finding] = {}
    for finding in verdict.findings:
        distinct.setdefault((finding.id, finding.location, finding.message), finding)
    results = [
        _result(finding, rule_index, blocks=finding.fingerprint in blocking)
        for finding in distinct.values()
    ]
    for waived in verdict.waived:
        result = _result(waived.finding, rule_index, blocks=False)
        results.append({**result, "suppressions": [_suppression(waived.waiver)]})
    return results


def _result(finding: Finding, rule_index: Mapping[str, int], *, blocks: bool) -> Document:
    informs = finding.severity is Severity.INFO
    return {
        "ruleId": finding.id,
        "ruleIndex": rule_index[finding.id],
        "level": "error" if blocks else "note" if informs else "warning",
        "message": _message(finding.message, finding.hint),
        "locations": [_location(finding.location, finding.subject)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "subject": visible(finding.subject.ref),
        },
    }


def _suppression(waiver: Waiver) -> Document:
    justification = f"{waiver.reason} ({waiver.owner}, until {waiver.expires})"
    return {"kind": "external", "status": "accepted", "justification": visible(justification)}


def _message(text: str, hint: str | None) -> Document:
    """Return a plain message that refers to no argument and holds no link (section 3.11.5, 6).

    Only the braces of ``{0}`` are doubled, though the specification asks it of every brace: no
    viewer replaces anything else, and GitHub would show ``${TAG}`` as ``${{TAG}}``.
    """
    whole = f"{visible(text)}\nhint: {visible(hint)}" if hint else visible(text)
    return {"text": _ARGUMENT.sub(r"{{\1}}", whole).replace("](", r"\](")}


def _location(location: Location, subject: Subject | None) -> Document:
    """Return a location; code scanning needs a file, so a subject without one lends its name."""
    path = location.path or (subject.path or subject.ref if subject else None)
    artifact = {"artifactLocation": _artifact(path or "unknown")}
    region = _region(location) if location.path else {}
    found: Document = {"physicalLocation": {**artifact, **region}}
    if location.at:
        found["logicalLocations"] = [{"fullyQualifiedName": visible(location.at)}]
    return found


def _artifact(path: str) -> Document:
    """Return a percent-encoded URI; bytes of a file name that are not UTF-8 survive in it."""
    try:
        encoded = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        encoded = path.encode("utf-8", "surrogatepass")
    if path.startswith("/"):
        return {"uri": f"file://{quote(encoded, safe='/')}"}
    relative = _HERE.sub(b"", encoded) or b"."
    return {"uri": quote(relative, safe="/"), "uriBaseId": SOURCE_ROOT}


def _region(location: Location) -> Document:
    """Return the region of a location that has a line; an end before its start is left out."""
    if not location.line or location.line < 1:
        return {}
    region = {"startLine": location.line}
    if location.column and location.column >= 1:
        region["startColumn"] = location.column
    start = (location.line, location.column or 1)
    end_line = location.end_line or location.line
    if location.end_column and (end_line, location.end_column) >= start:
        region |= {"endLine": end_line, "endColumn": location.end_column}
    elif end_line > location.line:
        region["endLine"] = end_line
    return {"region": region}
