"""How policies and waivers change what ``gate`` decides."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.entry import Entry, Result, Workplace
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator

UNPINNED = "FROM node:22\n"
MALFORMED = "FORM node:22\n"


def findings(result: Result) -> list[dict[str, Any]]:
    return [one for subject in result.report["subjects"] for one in subject["findings"]]


def day(offset: int) -> str:
    return (datetime.now(UTC) + timedelta(days=offset)).date().isoformat()


class TestPolicy:
    @pytest.mark.usefixtures("registry")
    def test_strict_blocks_what_the_default_warns_about(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        relaxed, strict = entry.report("gate"), entry.report("gate", "--policy", "strict")
        assert (relaxed.code, relaxed.found) == (0, ["IMG003"])
        assert (strict.code, strict.found) == (1, ["IMG003"])
        assert strict.report["policy"]["name"] == "strict"
        assert strict.report["policy"]["files"] == ["policies/strict.toml", "policies/default.toml"]

    def test_is_the_one_that_the_fleet_file_names(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("supplychain.toml", 'version = 1\npolicy = "rules/ours.toml"\n')
        workplace.write(
            "rules/ours.toml",
            'version = 1\nextends = "default"\n[decide.thresholds]\nBLD001 = "critical"\n',
        )
        workplace.write("Dockerfile", MALFORMED)
        result = entry.report("gate", ".")
        assert (result.code, result.found) == (0, ["BLD001"])
        assert result.report["policy"]["name"] == "ours"
        assert entry.run("gate", ".", "--policy", "default").code == 1

    def test_says_which_evidence_may_be_missing(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("p.toml", 'version = 1\n[evidence]\noptional = ["unresolved-variable"]\n')
        workplace.write("Dockerfile", "ARG X\nFROM $X\n")
        result = entry.report("gate", ".", "--policy", "p.toml")
        assert (result.code, result.gaps) == (0, ["unresolved-variable"])

    def test_without_a_registry_allows_none(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        workplace.write("p.toml", "version = 1\n")
        workplace.write("Dockerfile", UNPINNED)
        result = entry.report("gate", ".", "--policy", "p.toml")
        assert (result.code, registry.log) == (1, [])
        assert result.found == ["IMG001", "IMG005"]
        assert result.gaps == ["image-unresolved"]


class TestWaivers:
    def waive(self, workplace: Workplace, **values: str) -> None:
        merged = {
            "check": "BLD001",
            "subject": "*",
            "reason": "r",
            "owner": "o",
            "expires": day(1),
            **values,
        }
        lines = [
            f"{key} = {value}" if key == "expires" else f"{key} = {json.dumps(value)}"
            for key, value in merged.items()
        ]
        workplace.write(
            "policies/waivers.toml", "\n".join(["version = 1", "[[waiver]]", *lines]) + "\n"
        )

    @pytest.fixture(autouse=True)
    def _files(self, workplace: Workplace) -> None:
        workplace.write("web/Dockerfile", MALFORMED)

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"check": "dockerfile-malformed"},
            {"subject": "web/*"},
            {"expires": day(0)},
        ],
        ids=["id", "name", "subject", "last day"],
    )
    def test_one_that_holds_lets_it_pass_and_is_counted(
        self, workplace: Workplace, entry: Entry, values: dict[str, str]
    ) -> None:
        self.waive(workplace, **values)
        result = entry.report("gate", ".")
        assert (result.code, result.report["summary"]["waived"]) == (0, 1)
        (waived,) = findings(result)
        assert waived["blocking"] is False
        assert waived["waiver"]["owner"] == "o"

    @pytest.mark.parametrize(
        "values",
        [
            {"expires": day(-1)},
            {"subject": "api/*"},
            {"check": "IMG001"},
        ],
        ids=["expired", "other subject", "other check"],
    )
    def test_one_that_does_not_hold_changes_nothing(
        self, workplace: Workplace, entry: Entry, values: dict[str, str]
    ) -> None:
        self.waive(workplace, **values)
        result = entry.report("gate", ".")
        assert (result.code, result.report["summary"]["waived"]) == (1, 0)

    @pytest.mark.parametrize("given", [".", "web", "web/Dockerfile", "../project"])
    def test_one_by_fingerprint_holds_however_the_path_is_spelt(
        self, workplace: Workplace, entry: Entry, given: str
    ) -> None:
        (found,) = findings(entry.report("gate", str(workplace.root)))
        self.waive(workplace, check=found["fingerprint"])
        assert entry.run("gate", given).code == 0

    def test_a_gap_can_be_waived(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("web/Dockerfile", "ARG X\nFROM $X\n")
        assert entry.run("gate", ".").code == 3
        self.waive(workplace, check="unresolved-variable")
        assert entry.run("gate", ".").code == 0

    def test_the_file_is_part_of_the_policy(self, workplace: Workplace, entry: Entry) -> None:
        before = entry.report("gate", ".").report["policy"]
        self.waive(workplace)
        after = entry.report("gate", ".").report["policy"]
        assert before["digest"] != after["digest"]
        assert after["files"][-1].endswith("policies/waivers.toml")
