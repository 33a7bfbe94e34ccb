from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from supplychain.report import json as report_json
from tests.unit.report import samples
from tests.unit.report.schemas import NAMES, errors_in, schema

DIGEST = f"sha256:{'ab' * 32}"
DOCKERFILE: dict[str, Any] = {
    "kind": "dockerfile",
    "path": "web/Dockerfile",
    "syntax": "docker/dockerfile:1",
    "references": [
        {
            "kind": "from",
            "onbuild": False,
            "line": 3,
            "raw": "node:${VERSION}",
            "image": "docker.io/library/node:22",
            "stage": "build",
            "platform": "linux/amd64",
            "resolvable": True,
            "reason": None,
        }
    ],
    "stages": [
        {
            "name": "build",
            "line": 3,
            "base": "docker.io/library/node:22",
            "user": None,
            "final": True,
        }
    ],
    "commands": [
        {
            "line": 5,
            "text": "npm ci",
            "ecosystem": "npm",
            "verdict": "locked",
            "reason": "lock-strict",
        }
    ],
}
IMAGE: dict[str, Any] = {
    "kind": "image",
    "path": "redis:7",
    "ref": "docker.io/library/redis:7",
    "digest": DIGEST,
    "media_type": "application/vnd.oci.image.index.v1+json",
    "platforms": [{"platform": "linux/amd64", "digest": DIGEST}],
    "created": "2026-11-01T00:00:00Z",
    "base": {"name": "docker.io/library/debian:12", "digest": DIGEST},
}


def inspected(*items: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "supplychain.inspect/1", "items": list(items)}


def objects_in(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from objects_in(item)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_one_and_names_the_draft(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema(name)["$id"] == f"urn:supplychain:{name}:1"
    assert schema(name)["properties"]["schema"] == {"const": f"supplychain.{name}/1"}


def test_every_object_of_a_report_is_closed_but_properties() -> None:
    report = json.loads(report_json.render(samples.FAILING))
    count = sum(1 for _ in objects_in(report))
    for position in range(count):
        changed = copy.deepcopy(report)
        found = list(objects_in(changed))[position]
        found["surprise"] = "!"
        is_properties = "image" in found or len(found) == 1
        assert bool(errors_in("report", changed)) != is_properties, found


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("decision", "maybe"),
        ("started_at", "2026-11-25 10:00"),
        ("schema", "supplychain.report/2"),
        ("subjects", []),
    ],
)
def test_report_with_a_wrong_value_is_refused(at: str, value: object) -> None:
    report = json.loads(report_json.render(samples.CLEAN))
    assert errors_in("report", {**report, at: value}) != []


def test_items_of_every_kind_are_accepted() -> None:
    later = {"kind": "gguf", "path": "model.gguf", "tensors": 3}
    assert errors_in("inspect", inspected(DOCKERFILE, IMAGE, later)) == []


@pytest.mark.parametrize("kind", ["dockerfile", "image", "gguf"])
def test_malformed_and_unreadable_items_need_no_content(kind: str) -> None:
    malformed = {"kind": kind, "path": "x", "malformed": {"reason": "is empty", "at": None}}
    unreadable = {"kind": kind, "path": "x", "error": "permission denied"}
    assert errors_in("inspect", inspected(malformed, unreadable)) == []


@pytest.mark.parametrize(
    "item",
    [
        {**DOCKERFILE, "stage": []},
        {key: value for key, value in DOCKERFILE.items() if key != "references"},
        {**DOCKERFILE, "references": [{**DOCKERFILE["references"][0], "kind": "run"}]},
        {**DOCKERFILE, "commands": [{**DOCKERFILE["commands"][0], "verdict": "fine"}]},
        {**IMAGE, "digest": "sha256:abc"},
        {**IMAGE, "tags": []},
        {"kind": "gguf"},
        {"kind": "image", "path": "x", "malformed": {"reason": ""}},
    ],
)
def test_items_out_of_form_are_refused(item: dict[str, Any]) -> None:
    assert errors_in("inspect", inspected(item)) != []


def test_check_with_a_wrong_id_is_refused() -> None:
    checks = json.loads(report_json.render_checks(samples.CHECKS))
    checks["checks"][0]["id"] = "IMG1"
    assert errors_in("checks", checks) != []
