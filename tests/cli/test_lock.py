"""What ``lock`` writes, keeps, drops and refuses."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.entry import Entry, Workplace
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator

LOCK = "supplychain.lock"


def entries(workplace: Workplace) -> dict[str, dict[str, Any]]:
    document = tomllib.loads(workplace.read(LOCK))
    assert document["version"] == 1
    return {one["reference"]: one for one in document.get("image", [])}


def platforms(workplace: Workplace, reference: str) -> list[str]:
    return [one["platform"] for one in entries(workplace)[reference]["platforms"]]


class TestFirstLock:
    @pytest.mark.usefixtures("registry")
    def test_holds_what_the_registry_says(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        before = datetime.now(UTC).replace(microsecond=0)
        result = entry.run("lock")
        assert result.code == 0
        assert result.out.splitlines() == [
            f"+ docker.io/library/node:22 {node.digest[:19]} (linux/amd64)",
            "supplychain.lock: 1 image (1 added)",
        ]
        (locked,) = entries(workplace).values()
        child = node.platforms["linux/amd64"]
        assert locked["reference"] == "docker.io/library/node:22"
        assert locked["digest"] == node.digest
        assert locked["media_type"] == node.top.media_type
        assert locked["platforms"] == [
            {
                "platform": "linux/amd64",
                "digest": child.digest,
                "layers": 2,
                "chain_id": child.chain_id,
            }
        ]
        (seen,) = locked["seen"]
        assert seen["digest"] == node.digest
        assert before <= seen["first_seen"] <= datetime.now(UTC)

    def test_makes_the_gate_ask_no_more(
        self, workplace: Workplace, registry: RegistrySimulator, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        assert entry.run("lock").code == 0
        registry.log.clear()
        assert entry.report("gate", ".").found == []
        assert registry.log == []

    def test_covers_every_way_to_name_an_image(self, workplace: Workplace, entry: Entry) -> None:
        names = ("syntax", "base", "copied", "mounted", "service", "built", "inline")
        with RegistrySimulator([image(f"acme/{name}", "1") for name in names]) as simulator:
            workplace.stand_in(simulator)
            workplace.write(
                "Dockerfile",
                "# syntax=acme/syntax:1\nFROM acme/base:1\nCOPY --from=acme/copied:1 /a /a\n"
                "RUN --mount=from=acme/mounted:1,target=/m true\n",
            )
            workplace.write(
                "compose.yaml",
                """\
services:
  service: {image: "acme/service:1"}
  built: {build: {context: ., dockerfile: built.df, args: {NAME: built}}}
  inline:
    build:
      dockerfile_inline: |
        FROM acme/inline:1
""",
            )
            workplace.write("built.df", "ARG NAME\nFROM acme/$NAME:1\n")
            assert entry.run("lock").code == 0
        assert list(entries(workplace)) == sorted(f"docker.io/acme/{name}:1" for name in names)

    def test_of_a_project_without_references_is_empty(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert entry.run("lock").out == "supplychain.lock: 0 images\n"
        assert entries(workplace) == {}

    def test_holds_an_image_of_one_platform(self, workplace: Workplace, entry: Entry) -> None:
        single = image("acme/one", "1", ["linux/amd64"], is_index=False)
        with RegistrySimulator([single]) as simulator:
            workplace.stand_in(simulator)
            workplace.write("Dockerfile", "FROM acme/one:1\n")
            assert entry.run("lock").code == 0
        locked = entries(workplace)["docker.io/acme/one:1"]
        assert locked["digest"] == locked["platforms"][0]["digest"] == single.digest

    @pytest.mark.usefixtures("registry")
    def test_holds_a_reference_by_digest_alone(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", f"FROM node@{node.digest}\n")
        assert entry.run("lock").code == 0
        assert list(entries(workplace)) == [f"docker.io/library/node@{node.digest}"]

    @pytest.mark.usefixtures("registry")
    def test_may_be_of_another_folder(
        self, workplace: Workplace, entry: Entry, tmp_path: Path
    ) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        (tmp_path / "elsewhere").mkdir()
        assert entry.run("lock", str(workplace.root)).code == 0
        assert (workplace.root / LOCK).is_file()

    @pytest.mark.usefixtures("registry")
    def test_is_of_the_whole_project_also_from_below(
        self,
        workplace: Workplace,
        entry: Entry,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        workplace.write("web/Dockerfile", "FROM node:22\n")
        workplace.write("db/Dockerfile", "FROM redis:8\n")
        monkeypatch.chdir(workplace.root / "web")
        assert entry.run("lock").code == 0
        assert len(entries(workplace)) == 2


class TestPlatforms:
    def test_are_those_of_the_fleet(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        workplace.stand_in(registry, 'platforms = ["linux/arm64/v8", "linux/x86_64"]')
        workplace.write("Dockerfile", "FROM node:22\n")
        assert entry.run("lock").code == 0
        assert platforms(workplace, "docker.io/library/node:22") == ["linux/amd64", "linux/arm64"]

    @pytest.mark.usefixtures("registry")
    def test_are_those_that_a_file_asks_for(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM --platform=linux/arm64 node:22\n")
        workplace.write(
            "compose.yaml", "services: {r: {image: 'redis:8', platform: linux/arm64}}\n"
        )
        assert entry.run("lock").code == 0
        assert platforms(workplace, "docker.io/library/node:22") == ["linux/arm64"]
        assert platforms(workplace, "docker.io/library/redis:8") == ["linux/arm64"]

    def test_one_that_the_image_lacks_is_written_down_and_not_asked_for_again(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        workplace.stand_in(registry, 'platforms = ["linux/amd64", "linux/s390x"]')
        workplace.write("Dockerfile", "FROM node:22\n")
        assert entry.run("lock").code == 0
        assert entries(workplace)["docker.io/library/node:22"]["absent"] == ["linux/s390x"]
        asked = len(registry.log)
        assert "nothing changed" in entry.run("lock").out
        assert len(registry.log) == asked
        assert "which the image does not have" in entry.run("gate").out

    @pytest.mark.usefixtures("registry")
    def test_a_new_one_is_added(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        entry.run("lock")
        workplace.write("arm.Dockerfile", "FROM --platform=linux/arm64 node:22\n")
        assert "(1 changed)" in entry.run("lock").out
        assert platforms(workplace, "docker.io/library/node:22") == ["linux/amd64", "linux/arm64"]

    def test_a_new_one_does_not_follow_a_tag_that_moved(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        entry.run("lock")
        before = entries(workplace)["docker.io/library/node:22"]
        registry.shelf.add(image("library/node", "22", release=2))
        workplace.write("arm.Dockerfile", "FROM --platform=linux/arm64 node:22\n")
        assert entry.run("lock").code == 0
        after = entries(workplace)["docker.io/library/node:22"]
        assert (after["digest"], after["seen"]) == (before["digest"], before["seen"])
        assert platforms(workplace, "docker.io/library/node:22") == ["linux/amd64", "linux/arm64"]

    def test_one_that_the_image_does_not_have_is_left_out(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        with RegistrySimulator([image("acme/one", "1", ["linux/amd64"])]) as simulator:
            workplace.stand_in(simulator, 'platforms = ["linux/amd64", "linux/arm64"]')
            workplace.write("Dockerfile", "FROM acme/one:1\n")
            assert entry.run("lock").code == 0
        assert platforms(workplace, "docker.io/acme/one:1") == ["linux/amd64"]

    @pytest.mark.usefixtures("registry")
    def test_none_that_the_image_has_is_a_finding(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM --platform=windows/amd64 node:22\n")
        result = entry.report("lock")
        assert (result.code, result.found) == (1, ["IMG006"])
        message = result.report["subjects"][0]["findings"][0]["message"]
        assert "no image for windows/amd64, only for linux/amd64, linux/arm64" in message
        assert not (workplace.root / LOCK).exists()


@pytest.mark.usefixtures("registry")
class TestSecondLock:
    @pytest.fixture(autouse=True)
    def _locked(self, workplace: Workplace, registry: RegistrySimulator, entry: Entry) -> None:
        assert registry.log == []
        workplace.write("Dockerfile", "FROM node:22\n")
        assert entry.run("lock").code == 0

    def test_changes_nothing_and_asks_nothing(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        before, log = workplace.read(LOCK), len(registry.log)
        result = entry.run("lock", "--offline")
        assert (result.code, result.out) == (0, "supplychain.lock: 1 image, nothing changed\n")
        assert workplace.read(LOCK) == before
        assert len(registry.log) == log

    def test_adds_what_is_new_and_drops_what_is_gone(
        self, workplace: Workplace, entry: Entry, node: SimulatedImage, redis: SimulatedImage
    ) -> None:
        workplace.write("Dockerfile", "FROM redis:8\n")
        assert entry.run("lock").out.splitlines() == [
            f"+ docker.io/library/redis:8 {redis.digest[:19]} (linux/amd64)",
            f"- docker.io/library/node:22 {node.digest[:19]} (linux/amd64)",
            "supplychain.lock: 1 image (1 added, 1 removed)",
        ]
        assert list(entries(workplace)) == ["docker.io/library/redis:8"]

    def test_keeps_what_a_moved_tag_meant(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        before = workplace.read(LOCK)
        registry.shelf.add(image("library/node", "22", release=2))
        entry.run("lock")
        assert workplace.read(LOCK) == before

    def test_upgrades_to_what_a_moved_tag_means(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry, node: SimulatedImage
    ) -> None:
        old = entries(workplace)["docker.io/library/node:22"]
        newer = image("library/node", "22", release=2)
        registry.shelf.add(newer)
        result = entry.run("lock", "--upgrade")
        new = entries(workplace)["docker.io/library/node:22"]
        assert result.out.splitlines()[0].startswith("~ docker.io/library/node:22 ")
        assert new["digest"] == newer.digest
        assert {one["digest"] for one in new["seen"]} == {node.digest, newer.digest}
        assert old["seen"][0] in new["seen"]

    def test_an_upgrade_without_news_changes_no_byte(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        before = workplace.read(LOCK)
        assert entry.run("lock", "--upgrade").out == (
            "supplychain.lock: 1 image, nothing changed\n"
        )
        assert workplace.read(LOCK) == before

    @pytest.mark.parametrize("option", [[], ["--upgrade"]], ids=["plain", "upgrade"])
    def test_leaves_the_old_one_when_the_registry_fails_half_way(
        self,
        workplace: Workplace,
        node: SimulatedImage,
        redis: SimulatedImage,
        entry: Entry,
        option: list[str],
    ) -> None:
        before = workplace.read(LOCK)
        workplace.write("Dockerfile", "FROM node:22\nFROM redis:8\n")
        with RegistrySimulator([node, redis], fault=Fault.HTML_BLOB, times=1) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("lock", *option)
        assert (result.code, result.gaps) == (3, ["image-unresolved"])
        assert workplace.read(LOCK) == before

    def test_of_a_new_pin_replaces_the_entry(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry, node: SimulatedImage
    ) -> None:
        newer = image("library/node", "22", release=2)
        registry.shelf.add(newer)
        workplace.write("Dockerfile", f"FROM node:22@{newer.digest}\n")
        entry.run("lock")
        locked = entries(workplace)["docker.io/library/node:22"]
        assert locked["digest"] == newer.digest
        assert {one["digest"] for one in locked["seen"]} == {node.digest, newer.digest}


class TestRefusal:
    @pytest.mark.usefixtures("registry")
    def test_of_two_pins_for_one_tag_names_both_places(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        other = f"sha256:{'1' * 64}"
        workplace.write("a/Dockerfile", f"FROM node:22@{node.digest}\n")
        workplace.write("b/Dockerfile", f"# two\nFROM node:22@{other}\n")
        result = entry.run("lock")
        assert result.code == 2
        error, hint = result.err.splitlines()
        assert error.startswith("error: b/Dockerfile:2: 'docker.io/library/node:22' is pinned to ")
        assert error.endswith(f"{other}, but a/Dockerfile:1 pins it to {node.digest}")
        assert hint == "hint: write the same digest in both files"
        assert not (workplace.root / LOCK).exists()

    @pytest.mark.parametrize(
        ("dockerfile", "check"),
        [
            ("FORM node\n", "BLD001"),
            ("FROM Node\n", "IMG008"),
            ("FROM registry.example/node\n", "IMG005"),
            ("FROM node:23\n", "IMG006"),
        ],
    )
    @pytest.mark.usefixtures("registry")
    def test_of_what_must_not_be_locked(
        self,
        workplace: Workplace,
        entry: Entry,
        dockerfile: str,
        check: str,
    ) -> None:
        workplace.write("Dockerfile", dockerfile)
        result = entry.report("lock")
        assert (result.code, result.found) == (1, [check])
        assert not (workplace.root / LOCK).exists()

    @pytest.mark.parametrize(
        "fault", [Fault.WRONG_BODY, Fault.TRUNCATED_INDEX, Fault.WRONG_BLOB, Fault.LONG_BLOB]
    )
    def test_of_what_a_registry_lies_about(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry, fault: Fault
    ) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        with RegistrySimulator([node], fault=fault) as simulator:
            workplace.stand_in(simulator)
            result = entry.report("lock")
        assert (result.code, result.found) == (1, ["IMG007"])
        assert not (workplace.root / LOCK).exists()

    @pytest.mark.usefixtures("registry")
    def test_when_the_registry_is_down(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        result = entry.run("lock", "--offline")
        assert result.code == 3
        assert "--offline forbids asking docker.io" in result.out
        assert not (workplace.root / LOCK).exists()

    def test_of_an_image_on_a_registry_that_only_a_waiver_allows(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write(
            "policies/waivers.toml",
            'version = 1\n[[waiver]]\ncheck = "IMG005"\nreason = "r"\nowner = "o"\n'
            "expires = 9999-12-31\n",
        )
        workplace.write("Dockerfile", "FROM registry.example/a:1\n")
        result = entry.report("lock")
        assert (result.code, result.gaps) == (3, ["image-unresolved"])
        assert not (workplace.root / LOCK).exists()

    @pytest.mark.usefixtures("registry")
    def test_of_a_folder_that_may_not_be_written(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        (workplace.root / LOCK).symlink_to("nowhere/else")
        result = entry.run("lock")
        assert result.code == 2

    def test_of_a_lock_with_two_entries_for_one_reference(
        self, locked: Workplace, entry: Entry
    ) -> None:
        text = locked.read(LOCK)
        locked.write(LOCK, f"{text}\n{text[text.index('[[image]]') :]}")
        result = entry.run("gate", ".")
        assert result.code == 2
        assert "supplychain.lock:16: a second entry for 'docker.io/library/node:22'" in result.err


@pytest.mark.usefixtures("registry")
def test_a_variable_without_a_value_does_not_stand_in_the_way(
    workplace: Workplace, entry: Entry
) -> None:
    workplace.write("Dockerfile", "ARG X\nFROM node:22\nFROM $X\n")
    result = entry.run("lock")
    assert result.code == 3
    assert list(entries(workplace)) == ["docker.io/library/node:22"]
    assert "supplychain.lock: 1 image (1 added)" in result.out
    assert "variable 'X' without a value" in result.out


def test_a_folder_of_nested_projects_alone_has_nothing_to_lock(
    workplace: Workplace, entry: Entry
) -> None:
    workplace.write("sub/supplychain.toml", "version = 1\n")
    workplace.write("sub/Dockerfile", "FROM scratch\n")
    result = entry.run("lock")
    assert (result.code, result.err.splitlines()[0]) == (2, 'error: nothing to lock in "."')
