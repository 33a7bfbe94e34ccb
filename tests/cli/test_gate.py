"""What ``gate`` judges, what it leaves out, and what changes its mind."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.entry import Entry, Result, Workplace
from tests.generators.gguf import gguf
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator

UNPINNED = "FROM node:22\n"
MALFORMED = "FORM node:22\n"


def paths(result: Result) -> list[str]:
    return [subject["path"] for subject in result.report["subjects"]]


def findings(result: Result) -> list[dict[str, Any]]:
    return [one for subject in result.report["subjects"] for one in subject["findings"]]


class TestPaths:
    @pytest.fixture(autouse=True)
    def _files(self, workplace: Workplace) -> None:
        workplace.write("api/Dockerfile", "FROM scratch\n")
        workplace.write("compose.yaml", "services: {api: {build: ./api}}\n")

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ([], ["api/Dockerfile", "compose.yaml"]),
            (["."], ["api/Dockerfile", "compose.yaml"]),
            (["./"], ["api/Dockerfile", "compose.yaml"]),
            (["api"], ["api/Dockerfile"]),
            (["./api/"], ["api/Dockerfile"]),
            (["api/Dockerfile"], ["api/Dockerfile"]),
            (["api", "api/Dockerfile"], ["api/Dockerfile"]),
            (["compose.yaml", "api"], ["api/Dockerfile", "compose.yaml"]),
            (["../project/api"], ["../project/api/Dockerfile"]),
        ],
    )
    def test_are_shown_as_given(self, entry: Entry, given: list[str], shown: list[str]) -> None:
        assert paths(entry.report("gate", *given)) == shown

    def test_may_be_absolute(self, workplace: Workplace, entry: Entry) -> None:
        folder = str(workplace.root / "api")
        assert paths(entry.report("gate", folder)) == [f"{folder}/Dockerfile"]

    def test_a_subject_appears_once_per_path_given(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        absolute = f"{workplace.root}/api/Dockerfile"
        assert paths(entry.report("gate", "api", absolute)) == [absolute, "api/Dockerfile"]

    def test_may_belong_to_another_project(self, workplace: Workplace, entry: Entry) -> None:
        other = workplace.root.parent / "other"
        Workplace(other).write("Dockerfile", MALFORMED)
        result = entry.report("gate", "api", str(other))
        assert paths(result) == [f"{other}/Dockerfile", "api/Dockerfile"]
        assert result.found == ["BLD001"]

    def test_a_file_may_have_any_name(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("recipe", UNPINNED)
        workplace.write("stack", "services: {a: {image: 'Node'}}\n")
        result = entry.report("gate", "recipe", "stack", "--offline")
        kinds = {one["path"]: one["kind"] for one in result.report["subjects"]}
        assert kinds == {"recipe": "dockerfile", "stack": "compose"}

    def test_a_kind_may_be_told(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("recipe", "hello\n")
        assert entry.report("gate", "recipe", "--kind", "dockerfile").found == ["BLD001"]
        assert paths(entry.report("gate", ".", "--kind", "compose")) == [
            "api/Dockerfile",
            "compose.yaml",
        ], "what a compose file builds belongs to it"
        assert paths(entry.report("gate", ".", "--kind", "dockerfile")) == ["api/Dockerfile"]


class TestModels:
    @pytest.fixture(autouse=True)
    def _files(self, workplace: Workplace) -> None:
        workplace.write("models/tiny/tiny.gguf", gguf())
        workplace.write("models/weights", gguf())

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            (["models/tiny/tiny.gguf"], "models/tiny/tiny.gguf"),
            (["models/weights"], "models/weights"),
            (["models/tiny", "--kind", "model"], "models/tiny"),
        ],
        ids=["name", "bytes", "folder"],
    )
    def test_are_judged_where_they_are_named(
        self, entry: Entry, given: list[str], shown: str
    ) -> None:
        result = entry.report("gate", *given)
        assert (result.code, paths(result)) == (0, [shown])
        assert result.report["subjects"][0]["kind"] == "model"

    def test_are_not_looked_for_in_a_project(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert paths(entry.report("gate", ".")) == ["Dockerfile"]

    def test_that_are_malformed_fail(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("cut.gguf", gguf()[:30])
        assert entry.run("gate", "cut.gguf").code == 1


class TestExcludes:
    SETTINGS = """
[[exclude]]
path = "museum"
reason = "never built"
[[exclude]]
path = "*.old.Dockerfile"
reason = "kept to read"
"""

    @pytest.fixture(autouse=True)
    def _files(self, workplace: Workplace) -> None:
        workplace.write("supplychain.toml", f"version = 1\n{self.SETTINGS}")
        for name in ("museum/a/Dockerfile", "museum/compose.yaml", "x/api.old.Dockerfile"):
            workplace.write(name, MALFORMED)
        workplace.write("Dockerfile", "FROM scratch\n")

    def test_are_counted_by_reason(self, entry: Entry) -> None:
        result = entry.report("gate", ".")
        assert (result.code, paths(result)) == (0, ["Dockerfile"])
        assert result.report["left_out"] == [
            {"reason": "excluded: kept to read", "count": 1},
            {"reason": "excluded: never built", "count": 2},
        ]

    def test_are_told_to_people(self, entry: Entry) -> None:
        assert "left out: 1 file (excluded: kept to read), 2 files" in entry.run("gate", ".").out

    def test_are_counted_once(self, entry: Entry) -> None:
        counted = entry.report("gate", ".", "museum", ".").report["left_out"]
        assert [one["count"] for one in counted] == [1, 2]

    def test_do_not_hold_for_a_file_that_is_named(self, entry: Entry) -> None:
        assert entry.report("gate", "museum/a/Dockerfile").found == ["BLD001"]

    def test_hold_for_what_a_compose_file_builds(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("compose.yaml", "services: {a: {build: ./museum/a}}\n")
        result = entry.report("gate", "compose.yaml")
        assert paths(result) == ["compose.yaml"]
        assert result.report["left_out"] == [{"reason": "excluded: never built", "count": 1}]

    def test_do_not_hold_in_another_project(self, workplace: Workplace, entry: Entry) -> None:
        other = Workplace(workplace.root.parent / "other")
        other.write("museum/Dockerfile", MALFORMED)
        assert entry.report("gate", ".", str(other.root)).found == ["BLD001"]


class TestCompose:
    def test_reads_an_odd_dockerfile_as_the_compose_file_builds_it(
        self,
        workplace: Workplace,
        registry: RegistrySimulator,
        node: SimulatedImage,
        entry: Entry,
    ) -> None:
        workplace.write("api/Recipe.prod", "ARG TAG\nFROM node:$TAG\n")
        workplace.write(
            "compose.yaml",
            f"""\
services:
  api:
    build:
      context: api
      dockerfile: Recipe.prod
      args: {{TAG: "22@{node.digest}"}}
""",
        )
        result = entry.report("gate", ".")
        assert paths(result) == ["api/Recipe.prod", "compose.yaml"]
        assert (result.found, result.gaps) == (["IMG003"], [])
        assert [one.key for one in registry.log] == [node.digest]

    @pytest.mark.usefixtures("registry")
    def test_takes_values_from_the_environment_file(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write(".gitignore", ".env\n")
        workplace.write(".env", "NODE=node:22\n")
        workplace.write("compose.yaml", "services: {web: {image: $NODE}}\n")
        result = entry.report("gate", ".")
        assert findings(result)[0]["message"] == "'node:22' is named by tag, without a digest"

    def test_a_dockerfile_that_is_not_there_is_a_gap(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("compose.yaml", "services: {a: {build: api}, b: {build: 'https://x/y'}}\n")
        result = entry.report("gate", ".")
        assert (result.code, result.gaps) == (3, ["build-file-missing"] * 2)

    def test_a_compose_file_that_is_not_there_is_a_gap(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("compose.yaml", "include: [other.yaml]\n")
        result = entry.report("gate", ".")
        assert (result.code, result.gaps) == (3, ["compose-file-missing"])


@pytest.mark.usefixtures("registry")
def test_fingerprints_survive_when_lines_move(workplace: Workplace, entry: Entry) -> None:
    workplace.write("Dockerfile", f"{UNPINNED}FROM redis:8\n")
    before = findings(entry.report("gate", "."))
    workplace.write("Dockerfile", f"# one\n# two\n\n{UNPINNED}RUN true\nFROM redis:8\n")
    after = findings(entry.report("gate", "."))
    assert [one["fingerprint"] for one in before] == [one["fingerprint"] for one in after]
    assert len({one["fingerprint"] for one in after}) == 2
    assert [one["location"]["line"] for one in before] == [1, 2]
    assert [one["location"]["line"] for one in after] == [4, 6]


@pytest.mark.parametrize("output", ["text", "sarif", "github", "json"])
@pytest.mark.usefixtures("registry")
def test_two_runs_print_the_same_bytes(workplace: Workplace, entry: Entry, output: str) -> None:
    for name in ("b/Dockerfile", "a/Dockerfile", "c/api.Dockerfile"):
        workplace.write(name, f"{UNPINNED}FROM redis:8\nARG X\nFROM $X\nFROM no:1\n")
    workplace.write("compose.yaml", "services: {z: {image: 'redis:8'}, a: {image: node}}\n")
    first, second = (entry.run("gate", ".", "--output", output) for _ in range(2))
    assert first.code == second.code == 1
    if output == "json":
        times = {"started_at", "finished_at", "observed_at"}
        assert without(first.report, times) == without(second.report, times)
    else:
        assert first.out == second.out


def without(value: Any, keys: set[str]) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict):
        return {key: without(item, keys) for key, item in value.items() if key not in keys}
    if isinstance(value, list):
        return [without(item, keys) for item in value]
    return value


def test_each_reference_is_asked_once(
    workplace: Workplace, registry: RegistrySimulator, entry: Entry
) -> None:
    for number in range(5):
        workplace.write(f"{number}/Dockerfile", f"{UNPINNED}FROM docker.io/library/node:22\n")
    entry.run("gate", ".")
    assert [(one.method, one.key) for one in registry.log] == [("HEAD", "22")]


@pytest.mark.usefixtures("locked")
def test_what_is_locked_is_not_asked(registry: RegistrySimulator, entry: Entry) -> None:
    assert entry.run("gate", ".").code == 0
    assert registry.log == []


class TestNestedProjects:
    def test_a_folder_with_its_own_lock_is_answered_by_it(
        self, workplace: Workplace, registry: RegistrySimulator, node: SimulatedImage, entry: Entry
    ) -> None:
        workplace.write("sub/supplychain.toml", workplace.read("supplychain.toml"))
        workplace.write("sub/Dockerfile", f"FROM node:22@{node.digest}\n")
        assert entry.run("lock", "sub").code == 0
        registry.log.clear()
        assert entry.report("gate", ".").found == []
        assert registry.log == []

    def test_the_outer_projects_policy_holds(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write(
            "sub/policies/lax.toml", 'version = 1\n[decide.thresholds]\nBLD001 = "critical"\n'
        )
        workplace.write("sub/supplychain.toml", 'version = 1\npolicy = "policies/lax.toml"\n')
        workplace.write("sub/Dockerfile", MALFORMED)
        assert entry.run("gate", "sub").code == 0
        assert entry.run("gate", ".").code == 1

    def test_a_broken_one_is_an_error(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("sub/supplychain.toml", "version = 1\nplatform = []\n")
        workplace.write("sub/Dockerfile", "FROM scratch\n")
        result = entry.run("gate", ".")
        assert result.code == 2
        assert "sub/supplychain.toml:2: unknown key 'platform'" in result.err


class TestRecord:
    def test_appends_every_verdict(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("a/Dockerfile", "FROM scratch\n")
        workplace.write("b/Dockerfile", MALFORMED)
        assert entry.run("gate", ".", "--record", "--state", "state").code == 1
        assert entry.run("gate", "a", "--record", "--state", "state").code == 0
        with sqlite3.connect(workplace.root / "state" / "ledger.sqlite3") as ledger:
            rows = ledger.execute("SELECT sequence, ref, decision FROM verdicts").fetchall()
        ledger.close()
        assert rows == [
            (1, "a/Dockerfile", "pass"),
            (2, "b/Dockerfile", "fail"),
            (3, "a/Dockerfile", "pass"),
        ]

    def test_goes_to_the_users_state_folder(
        self, workplace: Workplace, entry: Entry, tmp_path: Path
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert entry.run("gate", ".", "--record").code == 0
        assert (tmp_path / "home/state/supplychain/ledger.sqlite3").is_file()

    def test_into_a_foreign_database_is_refused(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        workplace.write("state/ledger.sqlite3", b"no database at all, but long enough" * 9)
        result = entry.run("gate", ".", "--record", "--state", "state")
        assert result.code == 2
        assert "pass · " in result.out
        assert "file is not a database" in result.err

    def test_that_fails_hides_neither_the_report_nor_a_fail(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", MALFORMED)
        workplace.write("state/ledger.sqlite3", b"no database at all, but long enough" * 9)
        outputs = ("--output", "json", "--output", "text=a")
        result = entry.run("gate", ".", "--record", "--state", "state", *outputs)
        assert (result.code, result.report["decision"]) == (1, "fail")
        assert workplace.read("a").splitlines()[-1].startswith("fail · ")
        assert "file is not a database" in result.err
        assert "hint: name another folder with --state" in result.err

    def test_into_a_ledger_that_cannot_be_opened_is_inconclusive(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        (workplace.root / "state" / "ledger.sqlite3").mkdir(parents=True)
        result = entry.run("gate", ".", "--record", "--state", "state")
        assert result.code == 3
        assert "pass · " in result.out
        assert "unable to open" in result.err
        assert "hint: name a folder that you may write with --state" in result.err

    def test_without_it_nothing_is_written(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        before = sorted(workplace.root.rglob("*"))
        assert entry.run("gate", ".").code == 0
        assert sorted(workplace.root.rglob("*")) == before


def test_says_what_it_does_only_when_asked(workplace: Workplace, entry: Entry) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    told = {
        option: entry.run("gate", ".", *option.split()).err
        for option in ("", "--verbose", "--verbose --quiet")
    }
    assert told == {
        "": "",
        "--verbose": "judging 1 subjects by policy default\n",
        "--verbose --quiet": "",
    }
