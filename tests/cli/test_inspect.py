"""What ``inspect`` shows, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.entry import Entry, Result, Workplace
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator


def items(result: Result) -> list[dict[str, Any]]:
    assert result.report["schema"] == "supplychain.inspect/1"
    listed = result.report["items"]
    assert isinstance(listed, list)
    return listed


class TestDockerfile:
    def test_shows_references_and_stages(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write(
            "Dockerfile",
            "# syntax=docker/dockerfile:1\nARG V=22\nARG X\n"
            "FROM --platform=$BUILDPLATFORM node:$V AS Build\nFROM $X\nUSER 65532\n"
            "COPY --from=build /a /a\nCOPY --from=nginx:1 /b /b\n",
        )
        result = entry.report("inspect", "Dockerfile")
        (item,) = items(result)
        assert result.code == 0
        assert (item["kind"], item["path"]) == ("dockerfile", "Dockerfile")
        assert item["syntax"] == "docker/dockerfile:1"
        seen = [(one["kind"], one["line"], one["image"]) for one in item["references"]]
        assert seen == [
            ("syntax", 1, "docker/dockerfile:1"),
            ("from", 4, "node:22"),
            ("from", 5, None),
            ("copy", 8, "nginx:1"),
        ]
        assert item["references"][2]["reason"] == "ARG 'X' has no value"
        assert [(one["name"], one["user"], one["final"]) for one in item["stages"]] == [
            ("build", None, False),
            (None, "65532", True),
        ]

    def test_takes_platform_and_build_arguments(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "ARG X\nFROM node:$X-$TARGETARCH\n")
        result = entry.report(
            "inspect", "Dockerfile", "--build-arg", "X=a=b", "--platform", "linux/aarch64"
        )
        (item,) = items(result)
        assert item["references"][0]["raw"] == "node:$X-$TARGETARCH"
        assert item["references"][0]["reason"] == "'node:a=b-arm64' has an invalid tag 'a=b-arm64'"
        result = entry.report("inspect", "Dockerfile", "--build-arg", "X=22")
        assert items(result)[0]["references"][0]["image"] == "node:22-amd64"

    def test_a_folder_gives_an_item_for_each_of_its_files(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("web/Dockerfile", "FROM scratch\n")
        workplace.write("web/api/api.Dockerfile", "FROM scratch\n")
        result = entry.report("inspect", "web")
        assert [one["path"] for one in items(result)] == [
            "web/Dockerfile",
            "web/api/api.Dockerfile",
        ]

    def test_shows_the_same_to_people(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM node:22 AS a\n")
        result = entry.run("inspect", "Dockerfile")
        assert result.out.splitlines()[0] == "Dockerfile (dockerfile)"
        assert "image node:22" in result.out


class TestEnd:
    @pytest.fixture(autouse=True)
    def _files(self, workplace: Workplace) -> None:
        workplace.write("good/Dockerfile", "FROM scratch\n")
        workplace.write("bad/Dockerfile", "FORM scratch\n")

    def test_is_1_when_bytes_are_malformed(self, entry: Entry) -> None:
        result = entry.report("inspect", "bad", "good")
        assert result.code == 1
        assert items(result)[0] == {
            "kind": "dockerfile",
            "path": "bad/Dockerfile",
            "malformed": {"reason": "unknown instruction: FORM", "at": "line 1"},
        }

    def test_is_2_when_a_file_cannot_be_read(self, entry: Entry) -> None:
        result = entry.report("inspect", "bad", "nowhere", "good")
        assert result.code == 2
        assert [one.get("error") for one in items(result)] == [None, "does not exist", None]

    def test_is_2_when_there_is_nothing_to_look_at(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        (workplace.root / "empty").mkdir()
        result = entry.report("inspect", "bad", "empty", "good")
        assert (result.code, result.err) == (2, "")
        shown = [(one["path"], one.get("error")) for one in items(result)]
        assert shown == [
            ("bad/Dockerfile", None),
            ("empty", 'nothing to judge in "empty"'),
            ("good/Dockerfile", None),
        ]

    @pytest.mark.parametrize("kind", ["lockfile", "gguf", "safetensors"])
    def test_is_2_when_nothing_of_a_kind_is_there(self, entry: Entry, kind: str) -> None:
        result = entry.report("inspect", "good", "--kind", kind)
        assert result.code == 2
        ((path, error),) = [(one["path"], one["error"]) for one in items(result)]
        assert path == "good"
        assert error in {'nothing to judge in "good"', f"holds no {kind} files"}

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("./good/Dockerfile", "./good/Dockerfile"),
            ("good/../good/Dockerfile", "good/../good/Dockerfile"),
            ("./good", "./good/Dockerfile"),
            ("good/", "good/Dockerfile"),
        ],
    )
    def test_paths_are_shown_as_given(self, entry: Entry, given: str, shown: str) -> None:
        assert [one["path"] for one in items(entry.report("inspect", given))] == [shown]

    def test_of_a_file_over_the_limit_is_1(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", b"FROM a\n" + b"#" * (4 * 1024 * 1024))
        result = entry.report("inspect", "Dockerfile")
        assert result.code == 1
        assert "bytes" in items(result)[0]["malformed"]["reason"]

    def test_of_a_link_out_of_the_folder_is_2(self, workplace: Workplace, entry: Entry) -> None:
        (workplace.root / "link").mkdir()
        (workplace.root / "link" / "Dockerfile").symlink_to("../good/Dockerfile")
        result = entry.report("inspect", "link")
        assert result.code == 2
        assert items(result)[0]["error"] == "leads out of the project"

    def test_policy_and_fleet_file_are_not_read_for_files(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("supplychain.toml", "nonsense")
        assert entry.run("inspect", "good").code == 0


class TestImage:
    def test_shows_what_the_registry_says(
        self, registry: RegistrySimulator, entry: Entry, node: SimulatedImage
    ) -> None:
        result = entry.report("inspect", "node:22", "--kind", "image")
        (item,) = items(result)
        assert (result.code, item["path"]) == (0, "node:22")
        assert item["ref"] == "docker.io/library/node:22"
        assert item["digest"] == node.digest
        assert item["media_type"] == node.top.media_type
        assert item["created"] == "2026-01-02T03:04:05Z"
        assert item["base"] == {"name": None, "digest": None}
        assert item["platforms"] == [
            {"platform": platform, "digest": part.digest}
            for platform, part in node.platforms.items()
        ]
        assert len(registry.asked("GET", "manifests")) == 2

    def test_may_be_of_one_platform(self, workplace: Workplace, entry: Entry) -> None:
        single = image("acme/one", "1", ["linux/arm/v7"], is_index=False, family="docker")
        with RegistrySimulator([single]) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("inspect", "acme/one:1", "--kind", "image")
        (item,) = items(result)
        assert item["platforms"] == [{"platform": "linux/arm/v7", "digest": single.digest}]

    def test_of_a_platform_that_the_fleet_lacks_shows_another(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        foreign = image("acme/one", "1", ["linux/s390x"], attested=True)
        with RegistrySimulator([foreign]) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("inspect", "acme/one:1", "--kind", "image")
        (item,) = items(result)
        assert [one["platform"] for one in item["platforms"]] == ["linux/s390x"]

    @pytest.mark.usefixtures("registry")
    def test_that_does_not_exist_is_2(self, entry: Entry) -> None:
        result = entry.report("inspect", "node:23", "--kind", "image")
        assert result.code == 2
        assert "unknown to its registry" in items(result)[0]["error"]

    def test_that_lies_is_1(self, workplace: Workplace, entry: Entry, node: SimulatedImage) -> None:
        with RegistrySimulator([node], fault=Fault.WRONG_BODY) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("inspect", f"node@{node.digest}", "--kind", "image")
        assert result.code == 1
        assert items(result)[0]["malformed"]["at"] is None

    def test_in_an_index_within_an_index_is_1(self, workplace: Workplace, entry: Entry) -> None:
        inner = image("acme/one", "inner", ["linux/amd64"])
        entries = [{**inner.top.descriptor, "platform": {"os": "linux", "architecture": "amd64"}}]
        index = {"schemaVersion": 2, "manifests": entries}
        outer = inner.with_top(json.dumps(index).encode())
        with RegistrySimulator([inner]) as simulator:
            simulator.shelf.add(outer)
            workplace.stand_in(simulator)
            result = entry.report("inspect", "acme/one:inner", "--kind", "image")
        assert result.code == 1
        assert "lists another index" in items(result)[0]["malformed"]["reason"]

    @pytest.mark.parametrize(
        ("entries", "reason"),
        [([], "has an index without any image")],
    )
    def test_in_an_empty_index_is_2(
        self, workplace: Workplace, entry: Entry, entries: list[object], reason: str
    ) -> None:
        body = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
        with RegistrySimulator([image("acme/one", "1").with_top(body)]) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("inspect", "acme/one:1", "--kind", "image")
        assert (result.code, items(result)[0]["error"]) == (2, reason)

    def test_of_a_registry_that_gives_no_answer_is_3(self, entry: Entry) -> None:
        result = entry.run("inspect", "node:22", "--kind", "image", "--offline")
        assert (result.code, result.out) == (3, "")
        assert result.err.startswith("error: cannot inspect 'node:22': --offline forbids asking ")
