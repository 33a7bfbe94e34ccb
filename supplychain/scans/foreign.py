"""Documents that people take for a report of Trivy or Grype, told apart by name.

Reading one of them as an empty report would be a silent pass, so each is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from supplychain.errors import UsageError
from supplychain.formats.text import printable

MAX_SHOWN_KEYS = 5  # keys of an unknown document that its error names
MAX_SHOWN_VALUE = 400  # bytes of a value in which a kind's own name is looked for

Keys = Mapping[str, msgspec.Raw]
_HINTS = {
    "k8s": "scan the images one by one with `trivy image --format json`",
    "Harbor": "scan the image with `trivy image --format json`, or export the scanner's raw report",
    "trivy-operator": "scan the image with `trivy image --format json`",
    "SBOM": "give an SBOM with --sbom, beside the report",
}
_HINT = "write the report with `--format json` (Trivy) or `--output json` (Grype)"


def refusal(keys: Keys) -> UsageError | None:
    """Return the error that names a document's kind, ``None`` where the kind is not known."""
    for name, is_kind in _KINDS:
        if is_kind(keys):
            hint = next((hint for word, hint in _HINTS.items() if word in name), _HINT)
            return UsageError(f"is {name}, no report of Trivy or Grype", hint)
    return None


def unknown(keys: Keys) -> UsageError:
    """Return the error for a document of a kind that nobody here knows."""
    shown = ", ".join(f"'{printable(key, 40)}'" for key in list(keys)[:MAX_SHOWN_KEYS])
    return UsageError(f"is no report of Trivy or Grype: it has the keys {shown}", _HINT)


def markup() -> UsageError:
    """Return the error for XML and HTML."""
    return UsageError("is XML or HTML (JUnit, a template), no report of Trivy or Grype", _HINT)


def _has(*names: str) -> Callable[[Keys], bool]:
    return lambda keys: all(name in keys for name in names)


def _says(name: str, *words: str) -> Callable[[Keys], bool]:
    """Look for words near the beginning of a key's value, as it is written."""

    def says(keys: Keys) -> bool:
        value = bytes(keys.get(name, b""))[:MAX_SHOWN_VALUE].lower()
        return any(word.encode() in value for word in words)

    return says


def _is_harbor(keys: Keys) -> bool:
    types = ("application/vnd.security.vulnerability.report", "application/vnd.scanner.adapter")
    named = any(key.startswith(types) for key in keys)
    return named or {"generated_at", "artifact", "scanner"} <= keys.keys()


_KINDS: tuple[tuple[str, Callable[[Keys], bool]], ...] = (
    ("SARIF", _has("runs")),
    ("SARIF", _says("$schema", "sarif")),
    ("a CycloneDX SBOM", _has("bomFormat")),
    ("a CycloneDX SBOM", _says("$schema", "cyclonedx")),
    ("an SPDX SBOM", _has("spdxVersion")),
    ("an SPDX SBOM", _has("SPDXID")),
    ("an SPDX SBOM", _says("@context", "spdx")),
    ("an OpenVEX document", _says("@context", "openvex")),
    ("a Syft SBOM", _has("artifacts", "artifactRelationships")),
    ("a Kubernetes (k8s) report of Trivy", _has("ClusterName")),
    ("a Kubernetes (k8s) report of Trivy", _has("Resources")),
    ("a resource of trivy-operator", _says("apiVersion", "aquasecurity.github.io")),
    ("a list of trivy-operator's resources", _says("items", "aquasecurity.github.io")),
    ("a Kubernetes (k8s) resource", _has("apiVersion", "kind")),
    ("a Harbor report", _is_harbor),
    ("an in-toto attestation", _has("predicateType")),
    ("a signed DSSE envelope", _has("payloadType", "payload")),
    ("a cosign vulnerability predicate", _has("scanner", "invocation")),
    ("what `trivy version` prints", _has("Version", "VulnerabilityDB")),
    ("a CSAF advisory", _says("document", "csaf")),
    ("a GitHub dependency snapshot", _has("detector", "manifests")),
    ("an AWS Security Hub document", _has("Findings")),
    ("a GitLab report", _has("scan", "vulnerabilities")),
    ("a report of npm audit", _has("auditReportVersion")),
    ("a report of pip-audit", _has("dependencies", "fixes")),
    ("a report of Clair", _has("manifest_hash")),
    ("a report of Snyk", _has("vulnerabilities", "packageManager")),
)
