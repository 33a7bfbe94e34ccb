"""Every exit code, and every row of the table that the contract gives for inputs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from supplychain.core.limits import MAX_TEXT_FILE
from tests.cli.entry import Entry, Workplace
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage
from tests.simulators.registry import RegistrySimulator

UNKNOWN = "0" * 64


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TestPass:
    def test_what_is_pinned_and_locked(self, locked: Workplace, entry: Entry) -> None:
        result = entry.run("gate", str(locked.root))
        assert result.code == 0
        assert result.out.splitlines()[-1] == "pass · no findings in 1 subject"
        assert result.err == ""

    def test_a_file_without_references(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\nCOPY a /a\n")
        assert entry.run("gate", "Dockerfile").code == 0


class TestFail:
    def test_a_tag_without_digest(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        result = entry.report("gate", ".")
        assert result.code == 1
        assert result.report["decision"] == "fail"
        assert result.found == ["IMG001"]
        assert len(registry.log) == 1

    def test_a_failing_subject_beside_an_inconclusive_one(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("a/Dockerfile", "ARG X\nFROM $X\n")
        workplace.write("b/Dockerfile", "FORM node\n")
        result = entry.report("gate", ".")
        assert result.code == 1
        decisions = {one["path"]: one["decision"] for one in result.report["subjects"]}
        assert decisions == {"a/Dockerfile": "inconclusive", "b/Dockerfile": "fail"}

    def test_a_blocking_finding_beside_a_gap_of_one_subject(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "ARG X\nFROM $X\nCOPY --from=registry.example/a /a /a\n")
        result = entry.report("gate", ".")
        assert result.code == 1
        assert "IMG005" in result.found
        assert "unresolved-variable" in result.gaps

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("FROM node:22\n".encode("utf-16"), "is UTF-16 text"),
            (b"FROM node:22\nRUN <<E\n", "heredoc"),
            (b"", "has no instructions"),
            (b"FROM a\n" + b"#" * MAX_TEXT_FILE, f"has more than {MAX_TEXT_FILE} bytes"),
            (b"FROM a\0\n", "holds a NUL byte"),
            (b"FROM \xff\n", "is not UTF-8 text"),
        ],
        ids=["utf-16", "truncated", "empty", "too large", "nul", "latin-1"],
    )
    def test_a_dockerfile_that_is_none(
        self, workplace: Workplace, entry: Entry, content: bytes, reason: str
    ) -> None:
        workplace.write("Dockerfile", content)
        result = entry.report("gate", "Dockerfile")
        assert result.code == 1
        assert result.found == ["BLD001"]
        assert reason in result.report["subjects"][0]["findings"][0]["message"]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("services: {}\n".encode("utf-16"), "is UTF-16 text"),
            (b"services:\n  web: {image: a\n", ""),
            (b"", "is empty"),
            (b"services: {}\n" + b"#" * MAX_TEXT_FILE, f"has more than {MAX_TEXT_FILE} bytes"),
            (b"services: {web: {image: a}, web: {image: b}}\n", "web"),
        ],
        ids=["utf-16", "truncated", "empty", "too large", "twice"],
    )
    def test_a_compose_file_that_is_none(
        self, workplace: Workplace, entry: Entry, content: bytes, reason: str
    ) -> None:
        workplace.write("compose.yaml", content)
        result = entry.report("gate", "compose.yaml")
        assert result.code == 1
        assert result.found == ["CMP001"]
        assert reason in result.report["subjects"][0]["findings"][0]["message"]

    @pytest.mark.parametrize(
        ("fault", "check"),
        [
            (Fault.WRONG_BODY, "IMG007"),
            (Fault.WRONG_DIGEST_HEADER, "IMG007"),
            (Fault.REDIRECT_TO_FILE, "IMG007"),
            (Fault.REDIRECT_TO_PRIVATE, "IMG007"),
            (Fault.FOREIGN_REALM, "IMG007"),
        ],
    )
    def test_a_registry_that_lies(
        self,
        workplace: Workplace,
        entry: Entry,
        node: SimulatedImage,
        fault: Fault,
        check: str,
    ) -> None:
        with RegistrySimulator([node], fault=fault) as simulator:
            workplace.stand_in(simulator)
            workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
            result = entry.report("gate", ".")
        assert result.code == 1
        assert check in result.found

    @pytest.mark.parametrize("name", ["node:23", "nodd:22", f"node@sha256:{UNKNOWN}"])
    def test_an_image_that_does_not_exist(
        self, workplace: Workplace, registry: RegistrySimulator, entry: Entry, name: str
    ) -> None:
        workplace.write("Dockerfile", f"FROM {name}\n")
        result = entry.report("gate", ".")
        assert result.code == 1
        assert "IMG006" in result.found
        assert registry.log

    @pytest.mark.parametrize("name", ["Node:22", "node:", "node@sha256:abc", "a b/c", "../node"])
    def test_a_hostile_name(self, workplace: Workplace, entry: Entry, name: str) -> None:
        workplace.write("compose.yaml", f"services: {{web: {{image: '{name}'}}}}\n")
        result = entry.report("gate", ".")
        assert result.code == 1
        assert result.found == ["IMG008"]


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message", "hint"),
        [
            (["gate", "nowhere"], "path 'nowhere' does not exist", "check the path"),
            (["gate", "x" * 5000], "does not exist", "check the path"),
            (["gate", "--kind", "carrot"], "invalid value for '--kind'", "supplychain gate --help"),
            (["gate", "--no-such"], "no such option '--no-such'", "supplychain gate --help"),
            (["gate", "--policy"], "option '--policy' requires an argument", "supplychain --help"),
            (["gate", "--policy", "strct"], "there is no policy 'strct'", "did you mean 'strict'?"),
            (["gate", "--policy", "lax"], "there is no policy 'lax'", "default, strict"),
            (["gate", "--policy", "no.toml"], "cannot read 'no.toml'", "check the path"),
            (["gate", "--config", "no.toml"], "cannot read 'no.toml'", "check the path"),
            (["gate", "--output", "jsn"], 'unknown output format "jsn"', 'did you mean "json"?'),
            (["gate", "--output", "json="], 'output "json=" names no file', "json=FILE"),
            (
                ["gate", "--output", "json", "--output", "text"],
                "outputs json and text both go to standard output",
                "write one of them to another file",
            ),
            (["lock", "nowhere"], "path 'nowhere' does not exist", "check the path"),
            (["lock", "--check", "--upgrade"], "exclude each other", "choose one"),
            (["inspect"], "missing argument 'PATH...'", "supplychain inspect --help"),
            (["inspect", ".", "--platform", "x"], "platform 'x' is not", "linux/amd64"),
            (["inspect", ".", "--build-arg", "x"], "'x' is no NAME=VALUE", "--build-arg"),
            (["inspect", ".", "--output", "sarif"], "takes text or json here", "--output json"),
            (["inspect", "a b", "--kind", "image"], "image reference 'a b'", "NAME:TAG"),
            (["explain", "IMG999"], "there is no check 'IMG999'", "did you mean"),
            (["explain", "qqqqqqq"], "there is no check 'qqqqqqq'", "supplychain checks"),
            (["explain", "IMG001", "--output", "json"], "takes text here", "--output text"),
            (["schema", "polcy"], "there is no schema 'polcy'", "did you mean 'policy'?"),
            (["schema", "zzz"], "there is no schema 'zzz'", "checks, fleet, inspect"),
            (["chekcs"], "no such command 'chekcs'", "supplychain --help"),
        ],
        ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
    )
    def test_wrong_usage_is_explained(
        self,
        workplace: Workplace,
        entry: Entry,
        arguments: list[str],
        message: str,
        hint: str,
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        result = entry.run(*arguments)
        first, second = result.err.splitlines()
        assert result.code == 2
        assert result.out == ""
        assert first.startswith("error: ")
        assert message in first
        assert second.startswith("hint: ")
        assert hint in second

    def test_no_command_shows_the_help(self, entry: Entry) -> None:
        result = entry.run()
        assert result.code == 2
        assert result.err.startswith("Usage: supplychain [OPTIONS] COMMAND")

    @pytest.mark.usefixtures("workplace")
    def test_an_empty_folder_is_nothing_to_judge(self, entry: Entry) -> None:
        result = entry.run("gate", ".")
        assert result.code == 2
        assert result.err.splitlines() == [
            'error: nothing to judge in "."',
            "hint: name a Dockerfile, a compose file or their folder",
        ]

    def test_all_excluded_is_nothing_to_judge(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("old/Dockerfile", "FROM node\n")
        workplace.write("supplychain.toml", EXCLUDING)
        result = entry.run("gate", ".")
        assert result.code == 2
        assert 'nothing to judge in "."' in result.err
        assert "look at the excludes" in result.err

    def test_a_file_of_unknown_kind(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("notes", "hello\n")
        result = entry.run("gate", "notes")
        assert result.code == 2
        assert "cannot tell what 'notes' is" in result.err

    def test_a_lock_of_a_newer_version(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        workplace.write("supplychain.lock", "# a comment\nversion = 2\n")
        result = entry.run("gate", ".")
        assert result.code == 2
        assert "supplychain.lock:2: version 2 is newer than this program reads" in result.err

    def test_an_error_is_told_before_anything_is_judged(
        self, workplace: Workplace, entry: Entry
    ) -> None:
        workplace.write("Dockerfile", "FORM node\n")
        result = entry.run("gate", "Dockerfile", "nowhere")
        assert result.code == 2
        assert result.out == ""


class TestInconclusive:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault.HTML,
            Fault.WRONG_CONTENT_TYPE,
            Fault.SERVER_ERROR,
            Fault.UNKNOWN_CHALLENGE,
            Fault.FORBIDDEN,
            Fault.NO_HTTP,
        ],
    )
    def test_a_registry_that_gives_no_usable_answer(
        self, workplace: Workplace, entry: Entry, node: SimulatedImage, fault: Fault
    ) -> None:
        with RegistrySimulator([node], fault=fault) as simulator:
            workplace.stand_in(simulator)
            workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
            result = entry.report("gate", ".")
        assert result.code == 3
        assert result.report["decision"] == "inconclusive"
        assert result.gaps == ["image-unresolved"]
        assert result.found == []

    def test_a_registry_that_is_down(
        self, workplace: Workplace, entry: Entry, node: SimulatedImage
    ) -> None:
        workplace.write("Dockerfile", f"FROM 127.0.0.1:{closed_port()}/node@{node.digest}\n")
        result = entry.report("gate", ".")
        assert result.code == 3
        (gap,) = result.report["subjects"][0]["gaps"]
        assert "refuses connections" in gap["reason"]
        assert gap["retryable"] is True
        assert gap["location"]["line"] == 1

    def test_a_registry_that_may_not_be_asked(
        self, workplace: Workplace, entry: Entry, node: SimulatedImage
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        result = entry.report("gate", ".", "--offline")
        assert result.code == 3
        assert "--offline" in result.report["subjects"][0]["gaps"][0]["reason"]

    def test_a_variable_without_a_value(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "ARG BASE\nFROM ${BASE}:22\n")
        result = entry.report("gate", ".")
        assert result.code == 3
        assert "'BASE' without a value" in result.report["subjects"][0]["gaps"][0]["reason"]

    def test_a_file_that_leads_out_of_the_project(self, workplace: Workplace, entry: Entry) -> None:
        (workplace.root.parent / "elsewhere").write_text("FROM scratch\n", encoding="utf-8")
        (workplace.root / "Dockerfile").symlink_to("../elsewhere")
        result = entry.report("gate", ".")
        assert result.code == 3
        assert result.report["subjects"][0]["gaps"][0]["reason"] == "leads out of the project"

    def test_a_link_to_itself(self, workplace: Workplace, entry: Entry) -> None:
        (workplace.root / "Dockerfile").symlink_to("Dockerfile")
        result = entry.report("gate", ".")
        assert result.code == 3
        assert result.gaps == ["file-unreadable"]

    @pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml"])
    def test_a_pipe_is_not_waited_for(self, workplace: Workplace, entry: Entry, name: str) -> None:
        os.mkfifo(workplace.root / name)
        found, named = entry.report("gate", "."), entry.run("gate", name)
        assert found.code == 3
        assert found.report["subjects"][0]["gaps"][0]["reason"] == "is no regular file"
        assert named.code == 2
        assert f"cannot read '{name}': is no regular file" in named.err

    @pytest.mark.parametrize(
        ("content", "reason"),
        [("../env", "leads out of the project"), ("folder", "is a folder")],
    )
    def test_an_environment_file_that_cannot_be_read(
        self, workplace: Workplace, entry: Entry, content: str, reason: str
    ) -> None:
        (workplace.root.parent / "env").write_text("IMAGE=evil\n", encoding="utf-8")
        (workplace.root / "folder").mkdir()
        (workplace.root / ".env").symlink_to(content)
        workplace.write("compose.yaml", "services: {web: {image: '${IMAGE:-node:22}'}}\n")
        result = entry.report("gate", "compose.yaml")
        assert result.code == 3
        assert result.report["subjects"][0]["gaps"][0]["reason"] == f"its '.env' {reason}"


EXCLUDING = """\
version = 1
[[exclude]]
path = "old"
reason = "kept for the museum"
"""


def test_a_malformed_environment_file_is_a_finding(workplace: Workplace, entry: Entry) -> None:
    workplace.write(".env", "A=1\nB='\n")
    workplace.write("compose.yaml", "services: {web: {image: '${IMAGE:-node:22}'}}\n")
    result = entry.report("gate", "compose.yaml")
    assert result.code == 1
    message = result.report["subjects"][0]["findings"][0]["message"]
    assert (
        message
        == "compose file has a '.env' beside it that has a quote ' that is not closed (line 2)"
    )


def test_an_environment_file_over_the_limit_is_not_taken_for_none(
    workplace: Workplace, entry: Entry
) -> None:
    workplace.write(".env", b"IMAGE=evil\n" + b"#" * MAX_TEXT_FILE)
    workplace.write("compose.yaml", "services: {web: {image: '${IMAGE:-node:22}'}}\n")
    assert entry.report("gate", "compose.yaml").found == ["CMP001"]


@pytest.mark.usefixtures("workplace")
def test_paths_of_other_users_are_never_a_traceback(entry: Entry, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    for arguments in (["gate", str(loop)], ["gate", "--config", str(loop)], ["lock", str(loop)]):
        result = entry.run(*arguments)
        assert (result.code, "Traceback" in result.err) == (2, False)
