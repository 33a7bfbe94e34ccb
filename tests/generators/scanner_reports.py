"""Reports as scanners write them, small, and with everything that a gate asks of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

IMAGE_ID = "sha256:" + "a" * 64
MANIFEST = "sha256:" + "b" * 64

Document = dict[str, Any]


def stamp(*, days_ago: float = 0) -> str:
    """Return a time as Go writes it."""
    return (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%S.000000001Z")


def trivy_row(**changes: object) -> Document:
    """Return a vulnerability as Trivy reports it; ``None`` takes a field out."""
    row = {
        "VulnerabilityID": "CVE-2019-10744",
        "PkgName": "lodash",
        "PkgPath": "app/node_modules/lodash/package.json",
        "PkgIdentifier": {"PURL": "pkg:npm/lodash@4.17.4"},
        "InstalledVersion": "4.17.4",
        "FixedVersion": "4.17.12",
        "Status": "fixed",
        "Layer": {"DiffID": IMAGE_ID},
        "SeveritySource": "ghsa",
        "Severity": "CRITICAL",
    }
    return {key: value for key, value in (row | changes).items() if value is not None}


def trivy(rows: Sequence[Document] = (), **changes: object) -> Document:
    """Return a report of Trivy about an Alpine image with two packages of the system."""
    language = {
        "Target": "Node.js",
        "Class": "lang-pkgs",
        "Type": "node-pkg",
        "Packages": [{"Name": "lodash", "Version": "4.17.4"}],
        "Vulnerabilities": list(rows),
    }
    system = {
        "Target": "app:1 (alpine 3.22.1)",
        "Class": "os-pkgs",
        "Type": "alpine",
        "Packages": [{"Name": "musl", "Version": "1.2.5-r20"}, {"Name": "zlib", "Version": "1"}],
    }
    report = {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.74.0"},
        "CreatedAt": stamp(),
        "ArtifactName": "app:1",
        "ArtifactType": "container_image",
        "Metadata": {"OS": {"Family": "alpine", "Name": "3.22.1"}, "ImageID": IMAGE_ID},
        "Results": [system, language],
    }
    return {key: value for key, value in (report | changes).items() if value is not None}


def grype_match(**changes: object) -> Document:
    """Return a match as Grype reports it; changes are of its ``vulnerability``."""
    advisory = {
        "id": "GHSA-jf85-cpcp-j695",
        "severity": "Critical",
        "namespace": "github:language:javascript",
        "fix": {"versions": ["4.17.12"], "state": "fixed"},
    }
    artifact = {
        "name": "lodash",
        "version": "4.17.4",
        "type": "npm",
        "purl": "pkg:npm/lodash@4.17.4",
        "locations": [{"path": "/app/node_modules/lodash/package.json"}],
    }
    return {
        "vulnerability": advisory | changes,
        "relatedVulnerabilities": [{"id": "CVE-2019-10744"}],
        "artifact": artifact,
        "matchDetails": [{"type": "exact-direct-match"}],
    }


def grype(matches: Sequence[Document] = (), **changes: object) -> Document:
    """Return a report of Grype about the same image."""
    report = {
        "matches": list(matches),
        "source": {
            "type": "image",
            "target": {"userInput": "app:1", "imageID": IMAGE_ID, "manifestDigest": MANIFEST},
        },
        "distro": {"name": "alpine", "version": "3.22.1", "idLike": []},
        "descriptor": {
            "name": "grype",
            "version": "0.121.2",
            "configuration": {"only-fixed": False, "search": {"scope": "squashed"}},
            "db": {"status": {"built": stamp(days_ago=1), "valid": True}},
            "timestamp": stamp(),
        },
    }
    return {key: value for key, value in (report | changes).items() if value is not None}


def configured(**options: object) -> Document:
    """Return Grype's descriptor with options of its configuration."""
    made: Document = grype()["descriptor"]
    return made | {"configuration": made["configuration"] | options}
