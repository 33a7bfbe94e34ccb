"""Where reports go: stdout, files, GitHub; whole or not at all."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.entry import ROOT, SECONDS, Entry, Workplace, environment
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator

MALFORMED = "FORM node:22\n"


@pytest.fixture(autouse=True)
def _files(workplace: Workplace) -> None:
    workplace.write("Dockerfile", MALFORMED)


class TestFiles:
    def test_are_written_in_every_format_at_once(self, workplace: Workplace, entry: Entry) -> None:
        formats = ("text", "json", "jsonl", "sarif", "markdown", "github")
        options = [f"--output={one}=out.{one}" for one in formats]
        result = entry.run("gate", ".", *options)
        assert (result.code, result.out) == (1, "")
        for one in formats:
            assert "BLD001" in workplace.read(f"out.{one}")
        assert json.loads(workplace.read("out.json"))["decision"] == "fail"
        assert json.loads(workplace.read("out.sarif"))["version"] == "2.1.0"

    def test_leave_stdout_to_one_of_them(self, workplace: Workplace, entry: Entry) -> None:
        result = entry.run("gate", ".", "--output", "json=out.json", "--output", "text=-")
        assert result.out.endswith("supplychain explain BLD001\n")
        assert json.loads(workplace.read("out.json"))["decision"] == "fail"

    def test_replace_a_file_and_keep_its_mode(self, workplace: Workplace, entry: Entry) -> None:
        path = workplace.write("out.json", "old")
        path.chmod(0o600)
        assert entry.run("gate", ".", "--output", "json=out.json").code == 1
        assert json.loads(path.read_text(encoding="utf-8"))["decision"] == "fail"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        names = sorted(one.name for one in workplace.root.iterdir())
        assert names == ["Dockerfile", "out.json", "supplychain.toml"]

    @pytest.mark.parametrize(
        ("target", "reason"),
        [
            ("nowhere/out.json", "no such file or directory"),
            ("Dockerfile/out.json", "not a directory"),
            (".", "is a directory"),
            ("x" * 300, "file name too long"),
        ],
    )
    def test_that_cannot_be_written_are_a_users_error(
        self, workplace: Workplace, entry: Entry, target: str, reason: str
    ) -> None:
        before = sorted(workplace.root.rglob("*"))
        result = entry.run("gate", ".", "--output", f"json={target}")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"error: cannot write '{target}': {reason}")
        assert sorted(workplace.root.rglob("*")) == before

    def test_on_a_full_disk_are_inconclusive(self, entry: Entry) -> None:
        result = entry.run("gate", ".", "--output", "json=/dev/full")
        assert (result.code, result.out) == (3, "")
        assert result.err.startswith("error: cannot write '/dev/full': no space left on device")

    def test_may_be_devices_which_stay_devices(self, entry: Entry) -> None:
        assert entry.run("gate", ".", "--output", "json=/dev/null").code == 1
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)

    def test_may_be_pipes(self, workplace: Workplace) -> None:
        command = (
            f'"{sys.executable}" -m supplychain gate . --output json=/dev/fd/3 3>&1 >/dev/null'
        )
        ended = subprocess.run(
            ["sh", "-c", command],
            env=environment(),
            cwd=workplace.root,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (ended.returncode, json.loads(ended.stdout)["decision"]) == (1, "fail")


class TestGitHub:
    def test_gets_annotations_beside_the_text(
        self, entry: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = entry.run("gate", ".").out
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        told = entry.run("gate", ".").out
        assert told.startswith(plain)
        (annotation,) = told[len(plain) :].splitlines()
        assert annotation.startswith("::error file=Dockerfile,line=1,")

    def test_gets_no_annotations_where_another_output_was_chosen(
        self, entry: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        assert json.loads(entry.run("gate", ".", "--output", "json").out)["decision"] == "fail"

    def test_gets_a_summary_behind_what_is_there(
        self, workplace: Workplace, entry: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        summary = workplace.write("summary.md", "# before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
        for command in (("gate", "."), ("lock", "--check"), ("gate", ".", "--output", "json")):
            assert entry.run(*command).code == 1
        text = workplace.read("summary.md")
        assert text.startswith("# before\n## ❌ supplychain: fail")
        assert text.count("## ❌ supplychain: fail") == 3

    def test_gets_no_summary_of_what_is_no_decision(
        self, workplace: Workplace, entry: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(workplace.root / "summary.md"))
        for command in (("checks",), ("inspect", "."), ("gate", "nowhere")):
            entry.run(*command)
        assert not (workplace.root / "summary.md").exists()

    def test_a_summary_that_cannot_be_written_is_an_error(
        self, entry: Entry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
        result = entry.run("gate", ".")
        assert result.code == 2
        assert "cannot write '/nowhere/summary.md'" in result.err


def on_terminal(*arguments: str, **more: str) -> str:
    """Return what a command writes to a terminal."""
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "supplychain", *arguments],
        env=environment(TERM="xterm", **more),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    ) as started:
        os.close(terminal)
        pieces = []
        while piece := _piece(controller):
            pieces.append(piece)
        started.wait(SECONDS)
    os.close(controller)
    return b"".join(pieces).decode()


def _piece(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # what Linux answers once the other side is closed
        return b""


class TestColour:
    def test_is_for_terminals(self) -> None:
        assert "\x1b[1;31mfail\x1b[0m" in on_terminal("gate", ".")

    def test_can_be_declined(self) -> None:
        assert "\x1b" not in on_terminal("gate", ".", NO_COLOR="1")

    def test_is_not_declined_by_an_empty_word(self) -> None:
        assert "\x1b[1;31mfail\x1b[0m" in on_terminal("gate", ".", NO_COLOR="")

    def test_is_not_for_pipes_and_files(self, workplace: Workplace, entry: Entry) -> None:
        assert "\x1b" not in entry.run("gate", ".").out
        entry.run("gate", ".", "--output", "text=out.txt")
        assert "\x1b" not in workplace.read("out.txt")


class TestLength:
    @pytest.fixture(autouse=True)
    def _many(self, workplace: Workplace) -> None:
        for number in range(60):
            workplace.write(f"{number:02}/Dockerfile", f"FROM Node{number}\n")

    def test_is_a_screen(self, entry: Entry) -> None:
        lines = entry.run("gate", ".").out.splitlines()
        assert len(lines) <= 40
        assert "61 subjects" in lines[-1]

    @pytest.mark.parametrize("command", ["gate", "lock"])
    def test_is_all_when_asked_for(self, entry: Entry, command: str) -> None:
        assert len(entry.run(command, ".").out.splitlines()) <= 40
        assert len(entry.run(command, ".", "--all").out.splitlines()) > 60

    def test_is_all_in_a_file(self, workplace: Workplace, entry: Entry) -> None:
        entry.run("gate", ".", "--output", "text=out.txt")
        assert len(workplace.read("out.txt").splitlines()) > 60


def schema(entry: Entry, name: str) -> dict[str, Any]:
    document = json.loads(entry.run("schema", name).out)
    assert isinstance(document, dict)
    jsonschema.Draft202012Validator.check_schema(document)
    return document


def valid(document: object, against: dict[str, Any]) -> bool:
    jsonschema.Draft202012Validator(against).validate(document)
    return True


def plain(value: Any) -> Any:  # noqa: ANN401 -- any TOML value
    """Return a TOML value as JSON has it: dates are strings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


class TestSchemas:
    @pytest.mark.parametrize(
        "dockerfile",
        ["FROM scratch\n", MALFORMED, "ARG X\nFROM $X\n", "FROM node:22\n", "FROM no:1\n"],
    )
    @pytest.mark.usefixtures("registry")
    def test_hold_for_reports(self, workplace: Workplace, entry: Entry, dockerfile: str) -> None:
        workplace.write("Dockerfile", dockerfile)
        assert valid(entry.report("gate", ".").report, schema(entry, "report"))

    def test_hold_for_reports_on_the_lock(
        self, locked: Workplace, entry: Entry, redis: SimulatedImage
    ) -> None:
        locked.write("Dockerfile", f"FROM redis:8@{redis.digest}\n")
        report = entry.report("lock", "--check")
        assert report.found == ["IMG010", "IMG003"]
        assert valid(report.report, schema(entry, "report"))

    def test_hold_for_inspections(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        assert registry.url
        workplace.write("a/Dockerfile", "FROM --platform=linux/arm64 node AS a\nUSER 1\nFROM a\n")
        against = schema(entry, "inspect")
        seen = entry.run("inspect", ".", "nowhere", "--output", "json")
        assert (seen.code, valid(json.loads(seen.out), against)) == (2, True)
        image = entry.run("inspect", "node:22", "--kind", "image", "--output", "json")
        assert (image.code, valid(json.loads(image.out), against)) == (0, True)

    def test_hold_for_the_list_of_checks(self, entry: Entry) -> None:
        checks = json.loads(entry.run("checks", "--output", "json").out)
        assert valid(checks, schema(entry, "checks"))

    def test_hold_for_the_files_that_people_write(self, locked: Workplace, entry: Entry) -> None:
        locked.write(
            "policies/waivers.toml",
            'version = 1\n[[waiver]]\ncheck = "BLD001"\nreason = "r"\nowner = "o"\n'
            "expires = 2026-12-31\n",
        )
        files = {
            "fleet": locked.root / "supplychain.toml",
            "lock": locked.root / "supplychain.lock",
            "waivers": locked.root / "policies/waivers.toml",
            "policy": ROOT / "policies/default.toml",
        }
        for name, path in files.items():
            document = plain(tomllib.loads(path.read_text(encoding="utf-8")))
            assert valid(document, schema(entry, name))
        strict = tomllib.loads((ROOT / "policies/strict.toml").read_text(encoding="utf-8"))
        assert valid(strict, schema(entry, "policy"))

    @pytest.mark.parametrize("name", ["fleet", "lock", "policy", "waivers"])
    def test_refuse_what_the_reader_refuses(self, entry: Entry, name: str) -> None:
        against = schema(entry, name)
        assert valid({"version": 1}, against)
        for document in ({}, {"version": 2}, {"version": 1, "nonsense": 1}):
            with pytest.raises(jsonschema.ValidationError):
                valid(document, against)

    def test_can_be_written_to_a_file(self, workplace: Workplace, entry: Entry) -> None:
        assert entry.run("schema", "lock", "--output", "json=lock.json").out == ""
        assert json.loads(workplace.read("lock.json"))["$id"] == "urn:supplychain:lock:1"


@pytest.mark.parametrize("output", ["text", "json", "jsonl", "sarif", "markdown", "github"])
@pytest.mark.parametrize("name", ["caf\udce9", "a\nb", "\x1b[2J", "::error::x", "\u202egnp"])
def test_hostile_names_are_shown_escaped_in_every_format(
    workplace: Workplace, entry: Entry, name: str, output: str
) -> None:
    workplace.write(f"{name}/Dockerfile", MALFORMED)
    result = entry.run("gate", name, "--output", output, "--record", "--state", "state")
    assert result.code == 1
    assert "Dockerfile" in result.out
    assert not {"\x1b", "\u202e", "\udce9"} & set(result.out)
    assert not any(line.startswith("::error::x") for line in result.out.splitlines())
    assert result.out.encode("utf-8")
