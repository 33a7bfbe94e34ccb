"""``lock --check``: 0 when files, lock and registries agree, 1 when they do not, 3 when unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.entry import Entry, Workplace
from tests.simulators.images import SimulatedImage, image
from tests.simulators.registry import RegistrySimulator

LOCK = "supplychain.lock"


class TestCheck:
    def test_is_0_when_all_agree(
        self, locked: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        before = locked.read(LOCK)
        result = entry.report("lock", "--check")
        assert (result.code, result.found, result.gaps) == (0, [], [])
        assert [(one.method, one.key) for one in registry.log] == [("HEAD", "22")]
        assert locked.read(LOCK) == before

    def test_is_1_when_a_tag_moved(
        self, locked: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        newer = image("library/node", "22", release=2)
        registry.shelf.add(newer)
        result = entry.report("lock", "--check")
        assert (result.code, result.found) == (1, ["IMG009"])
        (subject, _) = result.report["subjects"]
        (moved,) = subject["findings"]
        assert (subject["kind"], subject["path"]) == ("project", LOCK)
        assert moved["location"]["path"] == LOCK
        line = moved["location"]["line"]
        assert locked.read(LOCK).split("\n")[line - 1] == 'reference = "docker.io/library/node:22"'
        assert moved["properties"]["current"] == newer.digest

    def test_tells_to_upgrade_where_no_file_pins_a_tag_that_moved(
        self, locked: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        locked.write("Dockerfile", "FROM node:22\n")
        registry.shelf.add(image("library/node", "22", release=2))
        (moved,) = entry.report("lock", "--check").report["subjects"][0]["findings"]
        assert moved["hint"] == "read what changed, then run `supplychain lock --upgrade`"

    def test_names_the_digest_to_write_where_a_file_pins_a_tag_that_moved(
        self,
        locked: Workplace,
        registry: RegistrySimulator,
        entry: Entry,
        node: SimulatedImage,
    ) -> None:
        locked.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        newer = image("library/node", "22", release=2)
        registry.shelf.add(newer)
        result = entry.report("lock", "--check")
        assert (result.code, result.found) == (1, ["IMG009"])
        (moved,) = result.report["subjects"][0]["findings"]
        pinned = f"node:22@{newer.digest}"
        assert moved["hint"] == (
            f"read what changed, then write {pinned} in Dockerfile:1, then run `supplychain lock`"
        )
        locked.write("Dockerfile", f"FROM {pinned}\n")
        assert entry.run("lock").code == 0
        assert entry.report("lock", "--check").found == []

    def test_is_1_when_a_file_names_what_is_not_locked(
        self, locked: Workplace, entry: Entry, redis: SimulatedImage
    ) -> None:
        locked.write("redis/Dockerfile", f"FROM redis:8@{redis.digest}\n")
        result = entry.report("lock", "--check")
        assert (result.code, result.found) == (1, ["IMG003"])

    @pytest.mark.usefixtures("registry")
    def test_is_1_when_there_is_no_lock(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        result = entry.report("lock", "--check")
        assert (result.code, result.found) == (1, ["IMG003"])

    def test_is_1_when_file_and_lock_name_different_digests(
        self, locked: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        newer = image("library/node", "22", release=2)
        registry.shelf.add(newer)
        locked.write("Dockerfile", f"FROM node:22@{newer.digest}\n")
        assert entry.report("lock", "--check").found == ["IMG009", "IMG004"]

    def test_is_1_when_the_tag_is_gone(
        self, locked: Workplace, entry: Entry, redis: SimulatedImage
    ) -> None:
        with RegistrySimulator([redis]) as simulator:
            locked.stand_in(simulator)
            result = entry.report("lock", "--check")
        assert (result.code, result.found) == (1, ["IMG006"])

    @pytest.mark.usefixtures("locked")
    def test_is_3_when_the_registry_is_down(self, entry: Entry) -> None:
        result = entry.report("lock", "--check", "--offline")
        assert (result.code, result.found) == (3, [])
        assert result.gaps == ["image-unresolved"]

    def test_tells_of_entries_that_nothing_uses(
        self, locked: Workplace, entry: Entry, registry: RegistrySimulator
    ) -> None:
        locked.write("Dockerfile", "FROM scratch\n")
        result = entry.report("lock", "--check")
        assert (result.code, result.found, registry.log) == (0, ["IMG010"], [])

    def test_tells_of_platforms_that_are_not_locked(self, locked: Workplace, entry: Entry) -> None:
        settings = locked.read("supplychain.toml")
        locked.write(
            "supplychain.toml",
            settings.replace("version = 1", 'version = 1\nplatforms = ["linux/arm64"]'),
        )
        assert entry.report("lock", "--check").found == ["IMG011"]

    def test_tells_the_same_from_anywhere(
        self,
        locked: Workplace,
        registry: RegistrySimulator,
        entry: Entry,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        registry.shelf.add(image("library/node", "22", release=2))
        here = entry.report("lock", "--check").report["subjects"][0]
        monkeypatch.chdir(tmp_path)
        there = entry.report("lock", "--check", str(locked.root)).report["subjects"][0]
        assert there["path"] == f"project/{LOCK}"
        assert there["findings"][0]["fingerprint"] == here["findings"][0]["fingerprint"]
        assert there["ref"] == here["ref"] == LOCK

    @pytest.mark.usefixtures("registry")
    def test_asks_for_a_reference_by_digest_by_its_digest(
        self, workplace: Workplace, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", f"FROM node@{node.digest}\n")
        assert entry.run("lock").code == 0
        assert entry.run("lock", "--check").code == 0
