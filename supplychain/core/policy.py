"""What is allowed: thresholds, required evidence, allow lists. Read by ``fleet.policy_file``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from supplychain.core.digest import Digest
from supplychain.core.finding import Finding, Severity
from supplychain.core.reference import ImageReference
from supplychain.core.scan_rules import ScanRules
from supplychain.core.waiver import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPolicy:
    """What may be mirrored. An empty tuple, or ``None``, sets no rule.

    ``publishers`` and ``licences`` are shell patterns, letter case aside; ``formats`` are those of
    weights, gguf and safetensors; ``max_size`` is in bytes.
    """

    publishers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    max_size: int | None = None
    max_files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPolicy:
    """What is accepted in lock files.

    ``allowed_hosts`` are the hosts that locks of an ecosystem may fetch from; ``algorithms`` those
    of hashes that count, by default pip's (``STRONG_HASHES``).
    """

    allowed_hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    algorithms: tuple[str, ...] = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one run.

    ``thresholds`` maps a check id or a family to the least severity that blocks; others use
    ``block_at``. An unknown severity blocks only with ``block_unknown``. A gap whose id is in
    ``optional_evidence`` does not make a subject inconclusive.
    """

    name: str
    digest: Digest
    files: tuple[str, ...] = ()
    block_at: Severity = Severity.HIGH
    block_unknown: bool = False
    thresholds: Mapping[str, Severity] = field(default_factory=dict)
    optional_evidence: frozenset[str] = frozenset()
    allowed_registries: tuple[str, ...] = ()
    insecure_registries: frozenset[str] = frozenset()
    lockfiles: LockPolicy = field(default_factory=LockPolicy)
    models: ModelPolicy = field(default_factory=ModelPolicy)
    scans: ScanRules = field(default_factory=ScanRules)
    waivers: tuple[Waiver, ...] = ()

    def blocks(self, finding: Finding) -> bool:
        """Say whether a finding, if nobody waived it, rejects its subject."""
        if finding.severity is Severity.UNKNOWN:
            return self.block_unknown
        family = finding.id[:3]
        threshold = self.thresholds.get(finding.id, self.thresholds.get(family, self.block_at))
        return finding.severity.rank <= threshold.rank

    def allows(self, reference: ImageReference) -> bool:
        """Say whether an image may come from where a reference points."""
        return reference.is_below(*self.allowed_registries)

    def requires(self, gap_id: str) -> bool:
        """Say whether the evidence behind this gap is needed for a decision."""
        return gap_id not in self.optional_evidence
