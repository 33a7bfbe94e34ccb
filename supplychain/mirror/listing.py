"""Snapshots and plans as documents: ``supplychain.models/1`` and ``supplychain.plan/1``."""

from __future__ import annotations

from supplychain.core.document import Document, text, timestamp, verdict_document
from supplychain.core.verdict import Verdict
from supplychain.mirror.plan import PullPlan
from supplychain.mirror.snapshot import Snapshot


def model_item(snapshot: Snapshot) -> Document:
    """Return a snapshot as an item of ``models[]``."""
    return {
        "ref": text(str(snapshot.reference)),
        "source": text(snapshot.source),
        "revision": snapshot.revision,
        "digest": str(snapshot.digest),
        "files": [
            {"path": text(file.name), "sha256": file.sha256.hex, "size": file.size}
            for file in snapshot.files
        ],
        "size": snapshot.size,
        "licences": list(snapshot.hub.licences),
        "state": snapshot.state.value,
        "admitted_at": timestamp(snapshot.admitted_at),
        "policy": {"name": text(snapshot.policy_name), "digest": snapshot.policy_digest},
        "decision": snapshot.decision,
    }


def plan_item(plan: PullPlan | None, verdict: Verdict) -> Document:
    """Return a plan as an item of ``plans[]``; without a plan only why there is none."""
    subject = verdict_document(verdict)
    if plan is None:
        return {"ref": subject["ref"], "decision": verdict.decision.value, "subject": subject}
    hub = plan.hub
    return {
        "ref": text(str(plan.reference)),
        "revision": hub.commit,
        "decision": verdict.decision.value,
        "files": [
            {
                "path": text(one.file.name),
                "size": one.file.size,
                "sha256": one.file.sha256.hex if one.file.sha256 else None,
                "stored": one.stored is not None,
            }
            for one in plan.files
        ],
        "size": plan.size,
        "missing_size": plan.missing_size,
        "free": plan.free,
        "licences": list(hub.licences),
        "gated": hub.gated,
        "scan": {
            "done": hub.scanned,
            "issues": [{"path": text(name), "level": text(level)} for name, level in hub.issues],
        },
        "subject": subject,
    }
