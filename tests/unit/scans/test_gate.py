"""Reports through the real entry point: each row of the contract's table, and the waivers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli import run
from tests.generators.scanner_reports import (
    IMAGE_ID,
    MANIFEST,
    configured,
    grype,
    grype_match,
    stamp,
    trivy,
    trivy_row,
)
from tests.simulators.images import image
from tests.simulators.registry import RegistrySimulator

Gate = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gate:
    """Run ``gate`` in a folder of its own; documents become files, given with ``--report``."""
    monkeypatch.chdir(tmp_path)

    def gated(*given: object, sboms: tuple[object, ...] = ()) -> tuple[int, dict[str, Any]]:
        arguments = ["gate", "--output", "json"]
        for number, one in enumerate(given):
            if isinstance(one, str):
                arguments.append(one)
                continue
            data = one if isinstance(one, bytes) else json.dumps(one).encode()
            Path(f"{number}.json").write_bytes(data)
            arguments += ["--report", f"{number}.json"]
        for number, sbom in enumerate(sboms):
            Path(f"sbom{number}.json").write_text(json.dumps(sbom))
            arguments += ["--sbom", f"sbom{number}.json"]
        capsys.readouterr()
        code = run(arguments)
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else {"error": told.err}

    return gated


def gaps(report: dict[str, Any]) -> list[str]:
    return [gap["id"] for subject in report["subjects"] for gap in subject["gaps"]]


def found(report: dict[str, Any]) -> list[str]:
    return [one["id"] for subject in report["subjects"] for one in subject["findings"]]


def test_a_clean_bound_report_passes_under_the_digest_that_it_claims(gate: Gate) -> None:
    code, report = gate(trivy())
    assert code == 0
    (subject,) = report["subjects"]
    assert (subject["kind"], subject["ref"], subject["path"]) == ("image", "app:1", "0.json")
    assert subject["digest"] == IMAGE_ID
    assert [one["kind"] for one in subject["evidence"]] == ["ScanFile", "ScannedImage"]
    assert [one["name"] for one in report["tools"]] == ["trivy"]


@pytest.mark.parametrize(
    ("severity", "policy", "code", "blocking"),
    [
        ("CRITICAL", "default", 1, True),
        ("HIGH", "default", 0, False),
        ("MEDIUM", "default", 0, False),
        ("UNKNOWN", "default", 0, False),
        ("HIGH", "strict", 1, True),
        ("UNKNOWN", "strict", 1, True),
        ("MEDIUM", "strict", 0, False),
    ],
)
def test_a_vulnerability_blocks_by_its_rating_and_the_policy(
    gate: Gate,
    severity: str,
    policy: str,
    code: int,
    blocking: bool,  # noqa: FBT001 -- a parameter
) -> None:
    ended, report = gate(trivy([trivy_row(Severity=severity)]), f"--policy={policy}")
    assert (ended, found(report)) == (code, ["VUL002"])
    (finding,) = report["subjects"][0]["findings"]
    assert finding["blocking"] is blocking
    assert finding["severity"] == severity.lower()
    told = finding["properties"]
    assert told["vulnerability"] == "CVE-2019-10744"
    assert (told["package"], told["installed"], told["fixed"]) == ("lodash", "4.17.4", "4.17.12")


def test_a_known_exploited_vulnerability_blocks_whatever_its_rating(gate: Gate) -> None:
    match = grype_match(severity="Medium", knownExploited=[{"cve": "CVE-2019-10744"}])
    code, report = gate(grype([match]))
    assert (code, found(report)) == (1, ["VUL001"])


def test_a_secret_that_is_rated_high_blocks(gate: Gate) -> None:
    secrets = [{"RuleID": "github-pat", "Severity": "HIGH", "Title": "GitHub PAT", "StartLine": 1}]
    results = [*trivy()["Results"], {"Target": "app:1", "Class": "secret", "Secrets": secrets}]
    code, report = gate(trivy(Results=results))
    assert (code, found(report)) == (1, ["VUL003"])


def test_an_image_past_its_end_of_life_is_refused(gate: Gate) -> None:
    metadata = trivy()["Metadata"] | {"OS": {"Family": "alpine", "Name": "3.18.1"}}
    code, report = gate(trivy(Metadata=metadata))
    assert (code, found(report), gaps(report)) == (1, ["SCN001"], [])


def test_a_report_of_a_malicious_scanner_is_refused(gate: Gate) -> None:
    code, report = gate(trivy(Trivy={"Version": "0.69.4"}))
    assert (code, found(report)) == (1, ["SCN002"])


@pytest.mark.parametrize(
    ("document", "gap"),
    [
        (json.dumps(trivy([trivy_row()])).encode()[:-50], "scan-unread"),
        (b"", "scan-unread"),
        (b"{}", "scan-unread"),
        (b"not a report", "scan-unread"),
        (trivy(Results=[]), "scan-nothing-scanned"),
        (None, "scan-not-bound"),
        ([], "scan-not-bound"),
        ([{"Target": "a", "Vulnerabilities": [trivy_row(Severity="LOW")]}], "scan-not-bound"),
        (trivy(Metadata={"OS": {"Family": "alpine", "Name": "3.22.1"}}), "scan-not-bound"),
        (trivy(ArtifactType="filesystem"), "scan-not-bound"),
        (trivy(CreatedAt=stamp(days_ago=30)), "scan-too-old"),
        (grype(), "scan-nothing-scanned"),
        (
            grype([grype_match(severity="Low")], descriptor=configured(exclude=["x"])),
            "scan-filtered",
        ),
        ({"results": []}, "scan-not-bound"),
    ],
)
def test_a_report_that_proves_nothing_is_inconclusive(
    gate: Gate, document: object, gap: str
) -> None:
    code, report = gate(document)
    assert code == 3
    assert gap in gaps(report)


def test_a_report_over_the_limit_is_inconclusive(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplychain.scans.collect.files.MAX_REPORT", 100)
    code, report = gate(trivy())
    assert (code, gaps(report)) == (3, ["scan-unread"])


def test_a_blocking_finding_and_a_gap_together_fail(gate: Gate) -> None:
    code, report = gate(trivy([trivy_row()], CreatedAt=stamp(days_ago=30)))
    assert (code, gaps(report), found(report)) == (1, ["scan-too-old"], ["VUL002"])


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"$schema": "sarif-2.1.0.json", "runs": []}, "SARIF"),
        ({"ClusterName": "prod", "Resources": []}, "k8s"),
        ({"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "x"}, "trivy-operator"),
        ({"application/vnd.security.vulnerability.report; version=1.1": {}}, "Harbor"),
        ({"bomFormat": "CycloneDX"}, "CycloneDX"),
    ],
)
def test_a_foreign_kind_ends_with_2_before_anything_is_judged(
    gate: Gate, document: object, kind: str
) -> None:
    code, told = gate(trivy([trivy_row()]), document)
    assert code == 2
    assert told["error"].startswith("error: report '1.json' is ")
    assert kind in told["error"]


def test_a_missing_report_ends_with_2(gate: Gate) -> None:
    code, told = gate("--report=absent.json")
    assert code == 2
    assert "report 'absent.json' does not exist" in told["error"]


def test_an_image_without_a_report_is_inconclusive(gate: Gate) -> None:
    code, report = gate("--image=app:1", "--offline")
    assert (code, gaps(report)) == (3, ["scan-missing"])


@pytest.mark.parametrize("ref", [IMAGE_ID, f"app:1@{IMAGE_ID}", f"ghcr.io/a/app@{IMAGE_ID}"])
def test_a_report_about_the_image_asked_about_counts(gate: Gate, ref: str) -> None:
    code, report = gate(trivy(), f"--image={ref}", "--offline")
    assert code == 0
    (subject,) = report["subjects"]
    assert (subject["ref"], subject["digest"], subject["path"]) == (ref, IMAGE_ID, None)


def test_a_report_about_another_image_does_not_count_whatever_it_says(gate: Gate) -> None:
    for rows in ([], [trivy_row()]):
        code, report = gate(trivy(rows), f"--image=app:1@{MANIFEST}", "--offline")
        assert (code, gaps(report), found(report)) == (3, ["scan-not-bound"], [])


def test_a_report_beside_its_image_and_a_stray_one_are_two_subjects(gate: Gate) -> None:
    other = trivy(Metadata=trivy()["Metadata"] | {"ImageID": MANIFEST})
    code, report = gate(trivy(), other, f"--image={IMAGE_ID}", "--offline")
    assert (code, len(report["subjects"])) == (3, 2)
    assert gaps(report) == ["scan-not-bound"]


def test_an_invalid_image_ends_with_2(gate: Gate) -> None:
    code, told = gate("--image=UPPER/Case:1")
    assert code == 2
    assert "UPPER/Case:1" in told["error"]


def test_a_tag_is_asked_of_its_registry_down_to_the_configuration(gate: Gate) -> None:
    made = image("team/app", "1")
    config = made.platforms["linux/amd64"].config.digest
    document = trivy(Metadata=trivy()["Metadata"] | {"ImageID": config})
    with RegistrySimulator([made]) as registry:
        ref = f"{registry.host}/team/app:1"
        code, report = gate(document, f"--image={ref}")
        assert (code, report["subjects"][0]["digest"]) == (0, made.digest)
        code, report = gate(trivy(), f"--image={ref}")
        assert (code, gaps(report)) == (3, ["scan-not-bound"])
        code, report = gate(document, f"--image={registry.host}/team/absent:1")
        assert (code, gaps(report)) == (3, ["scan-not-bound"])
    code, report = gate(document, f"--image={ref}", "--offline")
    assert code == 3
    assert "cannot be told" in report["subjects"][0]["gaps"][0]["reason"]


def test_a_tag_in_the_lock_means_what_the_lock_says(gate: Gate) -> None:
    Path("supplychain.toml").write_text("version = 1\n")
    Path("Dockerfile").write_text("FROM team/app:1\n")
    made = image("team/app", "1")
    with RegistrySimulator([made]) as registry:
        ref = f"{registry.host}/team/app:1"
        Path("Dockerfile").write_text(f"FROM {ref}\n")
        assert run(["lock"]) == 0
    own = made.platforms["linux/amd64"].digest
    metadata = {**trivy()["Metadata"], "ImageID": None, "RepoDigests": [f"app@{own}"]}
    code, report = gate(trivy(Metadata=metadata), f"--image={ref}", "--offline")
    assert (code, report["subjects"][0]["digest"]) == (0, made.digest)


def test_an_image_on_a_registry_that_is_not_allowed_is_not_asked(gate: Gate) -> None:
    code, report = gate(trivy(), "--image=registry.example/app:1")
    assert (code, gaps(report)) == (3, ["scan-not-bound"])
    assert "not on the allow list" in report["subjects"][0]["gaps"][0]["reason"]


def test_reports_are_joined_by_any_digest_that_two_of_them_share(gate: Gate) -> None:
    other = MANIFEST[:-1] + "d"
    by_id = trivy()
    by_manifest = trivy(Metadata={**trivy()["Metadata"], "ImageID": other})
    both = grype(source={"type": "image", "target": {"imageID": other, "repoDigests": [IMAGE_ID]}})
    for given in ((by_id, by_manifest, both), (both, by_id, by_manifest)):
        code, report = gate(*given)
        assert (code, len(report["subjects"])) == (0, 1)
        assert len(report["subjects"][0]["evidence"]) == 4


def test_grype_without_matches_counts_beside_a_trivy_report_of_the_same_image(gate: Gate) -> None:
    code, report = gate(grype(), trivy())
    assert (code, len(report["subjects"])) == (0, 1)
    assert {one["name"] for one in report["tools"]} == {"grype", "trivy"}


def syft(count: int = 2) -> dict[str, object]:
    artifacts = [{"type": "apk", "name": f"p{number}"} for number in range(count)]
    source = {"type": "image", "metadata": {"imageID": IMAGE_ID}}
    return {"artifacts": artifacts, "artifactRelationships": [], "source": source}


def cyclonedx() -> dict[str, Any]:
    claimed = {"name": "aquasecurity:trivy:ImageID", "value": IMAGE_ID}
    return {
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"type": "container", "properties": [claimed]}},
        "components": [{"purl": "pkg:apk/alpine/musl@1.2.5?distro=alpine-3.22"}],
    }


def test_grype_without_matches_counts_beside_the_sbom_of_the_image(gate: Gate) -> None:
    for sbom in (syft(), cyclonedx()):
        code, report = gate(grype(), sboms=(sbom,))
        assert (code, gaps(report)) == (0, [])


def test_grype_on_an_sbom_is_bound_by_that_sbom_alone(gate: Gate) -> None:
    scanned = grype(source={"type": "sbom-file", "target": "/tmp/x/sbom0.json"})  # noqa: S108
    code, report = gate(scanned, sboms=(cyclonedx(),))
    assert (code, report["subjects"][0]["digest"]) == (0, IMAGE_ID)
    code, report = gate(scanned)
    assert (code, "scan-not-bound" in gaps(report)) == (3, True)


def test_grype_loses_packages_of_an_sbom_that_names_no_distribution_for_them(gate: Gate) -> None:
    reference = "d8e3bfa5-a2a4-4114-ad09-402541e27dec"
    sbom = cyclonedx() | {"components": [{"purl": "pkg:apk/alpine/musl@1.2.5?distro=3.22.1"}]}
    sbom["metadata"]["component"]["bom-ref"] = reference
    target = {"userInput": "app.tar", "imageID": reference, "manifestDigest": ""}
    scanned = grype(source={"type": "image", "target": target})
    code, report = gate(scanned, sboms=(sbom,))
    assert (code, gaps(report)) == (3, ["scan-sbom-without-distribution"])
    assert report["subjects"][0]["digest"] == IMAGE_ID


def test_an_sbom_that_names_no_image_belongs_to_the_only_one(gate: Gate) -> None:
    nameless = cyclonedx() | {"metadata": {}}
    assert gate(grype(), sboms=(nameless,))[0] == 0
    target = {"userInput": "b:1", "imageID": MANIFEST[:-1] + "c"}
    code, report = gate(
        grype(), grype(source={"type": "image", "target": target}), sboms=(nameless,)
    )
    assert (code, gaps(report)) == (3, ["scan-nothing-scanned", "scan-nothing-scanned"])


def test_an_sbom_that_counts_nothing_proves_nothing(gate: Gate) -> None:
    code, report = gate(grype(), sboms=(syft(0),))
    assert (code, gaps(report)) == (3, ["scan-nothing-scanned"])
    other = syft() | {"source": {"type": "image", "metadata": {"imageID": MANIFEST[:-1] + "c"}}}
    code, report = gate(grype(), sboms=(other,))
    assert (code, gaps(report)) == (3, ["scan-nothing-scanned"])


def test_an_sbom_of_a_foreign_kind_ends_with_2_and_a_broken_one_is_a_gap(gate: Gate) -> None:
    code, told = gate(grype(), sboms=({"runs": []},))
    assert (code, "the SBOM 'sbom0.json' is no SBOM" in told["error"]) == (2, True)
    Path("broken.json").write_text("{")
    code, report = gate(trivy(), "--sbom=broken.json")
    assert (code, gaps(report)) == (3, ["sbom-unread"])
    code, told = gate("--sbom=broken.json")
    assert code == 2


def test_the_two_scanners_say_one_thing_once(gate: Gate) -> None:
    code, report = gate(trivy([trivy_row(Severity="HIGH")]), grype([grype_match()]))
    assert (code, found(report)) == (1, ["VUL002"])
    (finding,) = report["subjects"][0]["findings"]
    assert finding["properties"]["aliases"] == "GHSA-jf85-cpcp-j695"
    assert finding["properties"]["reported_by"] == "trivy, grype"
    assert finding["properties"]["severity_source"] == "grype/github:language:javascript"


def test_a_policy_may_require_a_scanner(gate: Gate) -> None:
    Path("policy.toml").write_text(
        'version = 1\nextends = "default"\n[scans]\nrequired = ["trivy", "grype"]\n'
    )
    code, report = gate(trivy(), "--policy=policy.toml")
    assert (code, gaps(report)) == (3, ["scan-required"])
    code, report = gate(trivy(), grype(), "--policy=policy.toml")
    assert code == 0


def test_a_policy_may_know_a_release_and_allow_older_reports(gate: Gate) -> None:
    Path("policy.toml").write_text(
        'version = 1\nextends = "default"\n[scans]\nmax_report_age_days = 40\n'
        '[scans.releases]\n"Alpine 3.99" = 2090-01-01\n'
    )
    metadata = trivy()["Metadata"] | {"OS": {"Family": "alpine", "Name": "3.99.1"}}
    document = trivy(Metadata=metadata, CreatedAt=stamp(days_ago=30))
    assert gate(document, "--policy=policy.toml")[0] == 0
    code, report = gate(document)
    assert (code, gaps(report)) == (3, ["scan-release-unknown", "scan-too-old"])


def test_an_unread_report_beside_a_good_one_is_one_gap(gate: Gate) -> None:
    code, report = gate(trivy(), b"{", f"--image={IMAGE_ID}", "--offline")
    assert (code, gaps(report)) == (3, ["scan-unread"])


WAIVER = """version = 1
[[waiver]]
{scope}
reason = "not reachable"
owner = "team"
expires = 2090-01-01
"""


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ('vulnerability = "CVE-2019-10744"', 0),
        ('vulnerability = "GHSA-jf85-cpcp-j695"', 0),
        ('vulnerability = "CVE-2019-10744"\ncheck = "VUL002"', 0),
        ('vulnerability = "CVE-2019-10744"\ncheck = "VUL001"', 1),
        ('vulnerability = "CVE-2019-10745"', 1),
        ('vulnerability = "CVE-2019-10744"\npackage = "pkg:npm/lodash"', 0),
        ('vulnerability = "CVE-2019-10744"\npackage = "lodash"', 0),
        ('vulnerability = "CVE-2019-10744"\npackage = "pkg:npm/lodash.merge"', 1),
        ('vulnerability = "CVE-2019-10744"\nversion = "4.17.4"', 0),
        ('vulnerability = "CVE-2019-10744"\nversion = "4.17.5"', 1),
        ('vulnerability = "CVE-2019-10744"\npath = "app/*"', 0),
        ('vulnerability = "CVE-2019-10744"\npath = "other/*"', 1),
        (f'vulnerability = "CVE-2019-10744"\nimage = "{IMAGE_ID}"', 0),
        ('vulnerability = "CVE-2019-10744"\nimage = "app:*"', 0),
        (f'vulnerability = "CVE-2019-10744"\nimage = "{MANIFEST}"', 1),
    ],
)
def test_a_waiver_covers_what_its_scope_says_and_no_more(gate: Gate, scope: str, code: int) -> None:
    Path("policies").mkdir()
    Path("policies/waivers.toml").write_text(WAIVER.format(scope=scope))
    Path("supplychain.toml").write_text("version = 1\n")
    row = trivy_row(VendorIDs=["GHSA-jf85-cpcp-j695"])
    ended, report = gate(trivy([row]))
    assert (ended, report["summary"]["waived"]) == (code, 1 - code)


def test_a_waiver_of_one_vulnerability_leaves_others_of_the_same_advisory(gate: Gate) -> None:
    Path("policies").mkdir()
    Path("policies/waivers.toml").write_text(
        WAIVER.format(scope='vulnerability = "CVE-2019-10744"')
    )
    Path("supplychain.toml").write_text("version = 1\n")
    rows = [
        trivy_row(VulnerabilityID=name, VendorIDs=["DSA-1"]) for name in ("CVE-1", "CVE-2019-10744")
    ]
    code, report = gate(trivy(rows))
    assert (code, report["summary"]["waived"], len(found(report))) == (1, 1, 2)
    covering = grype_match(id="ELSA-1") | {
        "relatedVulnerabilities": [{"id": "CVE-1"}, {"id": "CVE-2019-10744"}]
    }
    code, report = gate(grype([covering]))
    assert (code, report["summary"]["waived"]) == (1, 0)


def test_a_waiver_by_path_covers_only_what_lies_there_altogether(gate: Gate) -> None:
    Path("policies").mkdir()
    scope = 'vulnerability = "CVE-2019-10744"\npath = "app/*"'
    Path("policies/waivers.toml").write_text(WAIVER.format(scope=scope))
    Path("supplychain.toml").write_text("version = 1\n")
    rows = [trivy_row(PkgPath="app/a"), trivy_row(PkgPath="srv/b")]
    assert gate(trivy(rows))[0] == 1
    assert gate(trivy([trivy_row(PkgPath="app/a"), trivy_row(PkgPath="app/x, srv/b")]))[0] == 0


def test_an_empty_image_passes_only_with_a_declared_reason(gate: Gate) -> None:
    Path("policies").mkdir()
    Path("policies/waivers.toml").write_text(
        WAIVER.format(scope='check = "scan-nothing-scanned"\nsubject = "app:1"')
    )
    Path("supplychain.toml").write_text("version = 1\n")
    metadata = {"ImageID": IMAGE_ID}
    code, report = gate(trivy(Results=None, Metadata=metadata))
    assert (code, gaps(report)) == (0, ["scan-nothing-scanned"])


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ('package = "lodash"\ncheck = "VUL002"', "need a vulnerability"),
        ('subject = "*"', "name a check or a vulnerability"),
        ('vulnerabilty = "CVE-1"', "vulnerabilty"),
    ],
)
def test_a_waiver_that_says_too_little_or_misspells_a_key_ends_with_2(
    gate: Gate, scope: str, told: str
) -> None:
    Path("policies").mkdir()
    Path("policies/waivers.toml").write_text(WAIVER.format(scope=scope))
    Path("supplychain.toml").write_text("version = 1\n")
    code, error = gate(trivy())
    assert (code, told in error["error"]) == (2, True)


def test_what_a_scanner_was_told_to_ignore_is_judged_all_the_same(gate: Gate) -> None:
    modified = [{"Type": "vulnerability", "Status": "ignored", "Finding": trivy_row()}]
    results = [*trivy()["Results"], {"Target": "a", "ExperimentalModifiedFindings": modified}]
    code, report = gate(trivy(Results=results))
    assert (code, found(report), gaps(report)) == (1, ["VUL002"], ["scan-suppressed"])
    assert report["subjects"][0]["findings"][0]["properties"]["suppressed"] is True


def test_kept_and_printed_reports_hold_no_secret_of_environment_or_history(gate: Gate) -> None:
    token = "ghp_0123456789abcdef"  # noqa: S105 -- what must not be kept
    config = {
        "config": {"Env": [f"TOKEN={token}", "PATH=/bin"]},
        "history": [{"created_by": f"RUN |1 TOKEN={token}", "comment": token}],
    }
    secret = {"RuleID": "github-pat", "Severity": "LOW", "Match": f"TOKEN={token}"}
    document = trivy(
        Metadata=trivy()["Metadata"] | {"ImageConfig": config},
        Results=[*trivy()["Results"], {"Target": "a", "Class": "secret", "Secrets": [secret]}],
    )
    for output in ("json", "text", "sarif", "markdown"):
        _, report = gate(document, f"--output={output}={output}.out", "--record", "--state=state")
        assert token not in json.dumps(report)
    (kept,) = Path("state/reports").iterdir()
    read = json.loads(kept.read_text())
    assert read["Metadata"]["ImageConfig"]["config"]["Env"] == [
        "TOKEN=[redacted]",
        "PATH=[redacted]",
    ]
    assert read["Metadata"]["ImageID"] == IMAGE_ID
    written = [path for path in Path().rglob("*") if path.is_file() and path.name != "0.json"]
    assert len(written) >= 4
    for path in written:
        assert token.encode() not in path.read_bytes(), path


def test_the_command_itself_ends_with_the_code_of_its_decision(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(trivy([trivy_row()])))
    (tmp_path / "good.json").write_text(json.dumps(trivy()))
    for name, code in (("bad.json", 1), ("good.json", 0)):
        command = [sys.executable, "-m", "supplychain", "gate", "--report", name]
        finished = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert finished.returncode == code
