"""What only a real process can show: signals, closed pipes, sockets, imports, tracebacks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import supplychain
from tests.cli.entry import SECONDS, Entry, Workplace, environment, process, python
from tests.simulators.faults import Fault
from tests.simulators.images import SimulatedImage
from tests.simulators.protocol import Asked
from tests.simulators.registry import RegistrySimulator

HEAVY = ("pydantic", "requests", "rich", "yaml")

# Runs the command line and tells which sockets it used and what it imported.
WATCHED = """
import json, sys
used = []
sys.addaudithook(lambda event, _: used.append(event) if event.startswith("socket.") else None)
from supplychain.cli import run
code = run(json.loads(sys.argv[1]))
loaded = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps({"code": code, "used": used, "loaded": loaded}), file=sys.stderr)
"""

# Runs the command line after something in it was made to raise.
BROKEN = """
import sys
{broken}
from supplychain.cli import run
sys.exit(run(sys.argv[1:]))
"""
BREAKING = {
    "check": """
        from supplychain.core.check import check
        from supplychain.core.finding import Severity
        from supplychain.images.checks import references
        from supplychain.images.evidence import ImageUse

        @check("IMG999", "always-raises", on=ImageUse, severity=Severity.LOW)
        def always_raises(use):
            raise KeyError(use.raw)
            yield

        references.always_raises = always_raises
        """,
    "collector": """
        from supplychain.core.subject import SubjectKind
        from supplychain.verify import collect

        def raises(subject, tree, environment):
            raise IndexError(subject.ref)
            yield

        collect.COLLECTORS[SubjectKind.DOCKERFILE] = (raises,)
        """,
    "late collector": """
        from supplychain.images.collect import resolution

        def raises(uses, environment):
            raise RuntimeError("\\x1b[2J\\nhostile")
            yield

        resolution.collect = raises
        """,
    "system call": """
        from supplychain.images.collect import resolution

        def raises(uses, environment):
            raise PermissionError(13, "Permission denied")
            yield

        resolution.collect = raises
        """,
    "reader": """
        from supplychain.formats import dockerfile

        def raises(text, **_):
            raise RecursionError("too deep")

        dockerfile.read = raises
        """,
}


def watched(*arguments: str) -> dict[str, object]:
    ended = python("-c", WATCHED, json.dumps(arguments), json.dumps(HEAVY))
    told = json.loads(ended.stderr.splitlines()[-1])
    assert isinstance(told, dict)
    return told


def broken(what: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = BROKEN.format(broken=textwrap.dedent(BREAKING[what]))
    return python("-c", program, *arguments)


class TestInterrupt:
    def test_during_a_slow_registry_ends_with_130(
        self, workplace: Workplace, node: SimulatedImage
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        with RegistrySimulator([node], fault=Fault.SILENT) as simulator:
            workplace.stand_in(simulator)
            asked = threading.Event()
            simulator.log = _Telling(asked)
            with subprocess.Popen(
                [sys.executable, "-m", "supplychain", "gate", "."],
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as started:
                assert asked.wait(SECONDS)
                started.send_signal(signal.SIGINT)
                out, err = started.communicate(timeout=SECONDS)
        assert (started.returncode, out, err) == (130, "", "interrupted\n")

    def test_while_something_is_imported_ends_with_130(self) -> None:
        early = (
            "import sys\n"
            "class Early:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        if name == 'supplychain.cli':\n"
            "            raise KeyboardInterrupt\n"
            "sys.meta_path.insert(0, Early())\n"
            "from supplychain.__main__ import main\n"
            "main()\n"
        )
        done = python("-c", early)
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")

    def test_of_a_lock_leaves_the_old_one(
        self, locked: Workplace, node: SimulatedImage, redis: SimulatedImage
    ) -> None:
        with RegistrySimulator([node, redis], fault=Fault.SILENT) as simulator:
            asked = threading.Event()
            simulator.log = _Telling(asked)
            mirror = f'version = 1\n[registries.mirrors]\n"docker.io" = "{simulator.url}"\n'
            locked.write("supplychain.toml", mirror)
            before = sorted(path.read_bytes() for path in locked.root.iterdir())
            with subprocess.Popen(
                [sys.executable, "-m", "supplychain", "lock", "--upgrade"],
                env=environment(),
                stderr=subprocess.DEVNULL,
            ) as started:
                assert asked.wait(SECONDS)
                started.send_signal(signal.SIGINT)
                assert started.wait(SECONDS) == 130
        assert sorted(path.read_bytes() for path in locked.root.iterdir()) == before


class _Telling(list[Asked]):
    """A log that sets an event when something is written to it."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self._event = event

    def append(self, item: Asked) -> None:
        super().append(item)
        self._event.set()


class TestClosedPipe:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("gate", "."),
            ("gate", ".", "--output", "json"),
            ("checks",),
            ("explain", "IMG001"),
            ("schema", "report"),
            ("inspect", "."),
            ("--help",),
            ("--version",),
        ],
        ids=" ".join,
    )
    def test_on_stdout_ends_with_141(
        self, workplace: Workplace, arguments: tuple[str, ...]
    ) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert _with_closed("stdout", arguments) == (141, "")

    def test_on_stderr_does_not_hide_an_error(self, workplace: Workplace) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert _with_closed("stderr", ("gate", "nowhere")) == (2, "")
        code, out = _with_closed("stderr", ("gate", "."))
        assert (code, out.splitlines()[-1]) == (0, "pass · no findings in 1 subject")

    @pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "<&-"])
    def test_a_missing_stream_does_not_change_the_decision(
        self, workplace: Workplace, redirection: str
    ) -> None:
        workplace.write("Dockerfile", "FORM scratch\n")
        command = f'"{sys.executable}" -m supplychain gate . {redirection}'
        ended = subprocess.run(
            ["sh", "-c", command],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == 1


def _with_closed(stream: str, arguments: tuple[str, ...]) -> tuple[int, str]:
    """Run with one stream a pipe that nobody reads; return the code and the other's text."""
    reader, writer = os.pipe()
    os.close(reader)
    streams: dict[str, int] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "supplychain", *arguments],
            env=environment(),
            text=True,
            timeout=SECONDS,
            check=False,
            **{**streams, stream: writer},  # type: ignore[call-overload]
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stdout if stream == "stderr" else ended.stderr


class TestBug:
    @pytest.mark.parametrize("what", BREAKING)
    def test_ends_with_70_and_no_traceback(self, workplace: Workplace, what: str) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        ended = broken(what, "gate", ".", "--offline")
        assert (ended.returncode, ended.stdout) == (70, "")
        error, hint = ended.stderr.splitlines()
        assert error.startswith("error: this is a bug in supplychain: ")
        assert error.isprintable()
        assert hint == "hint: run again with --debug and report it"

    @pytest.mark.parametrize("what", BREAKING)
    def test_shows_its_traceback_with_debug(self, workplace: Workplace, what: str) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        ended = broken(what, "gate", ".", "--offline", "--debug")
        assert ended.returncode == 70
        assert ended.stderr.startswith("Traceback (most recent call last):")
        assert ended.stderr.endswith("hint: report it\n")

    def test_in_a_lock_writes_none(self, workplace: Workplace) -> None:
        workplace.write("Dockerfile", "FROM scratch\n")
        assert broken("reader", "lock").returncode == 70
        assert not (workplace.root / "supplychain.lock").exists()

    def test_leaves_no_report(self, workplace: Workplace) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        ended = broken("check", "gate", ".", "--offline", "--output", "json=report.json")
        assert ended.returncode == 70
        assert not (workplace.root / "report.json").exists()


def test_a_users_error_shows_a_traceback_only_with_debug(workplace: Workplace) -> None:
    workplace.write("supplychain.toml", "version = 1\nplatform = []\n")
    workplace.write("Dockerfile", "FROM scratch\n")
    plain, debugged = process("gate", "."), process("gate", ".", "--debug")
    assert (plain.returncode, "Traceback" in plain.stderr) == (2, False)
    assert (debugged.returncode, "Traceback" in debugged.stderr) == (2, True)


@pytest.mark.parametrize("command", ["gate", "gate .", "lock", "inspect ."])
def test_a_folder_that_was_removed_is_a_users_error(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    ended = subprocess.run(
        [
            "sh",
            "-c",
            f'cd "{folder}" && rmdir "{folder}" && "{sys.executable}" -m supplychain {command}',
        ],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (ended.returncode, ended.stderr.splitlines()) == (
        2,
        ["error: the current folder does not exist any more", "hint: change to another one"],
    )


class TestSockets:
    def test_are_not_opened_for_a_locked_project(self, locked: Workplace) -> None:
        assert (locked.root / "supplychain.lock").is_file()
        told = watched("gate", ".")
        assert (told["code"], told["used"]) == (0, [])
        assert "requests" not in str(told["loaded"])

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("gate", "."), 3),
            (("lock",), 3),
            (("lock", "--check"), 3),
            (("inspect", "node:22", "--kind", "image"), 3),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_are_not_opened_offline(
        self, workplace: Workplace, node: SimulatedImage, arguments: tuple[str, ...], code: int
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        told = watched(*arguments, "--offline")
        assert told["used"] == []
        assert told["code"] == code

    def test_the_environment_can_forbid_them(
        self, workplace: Workplace, node: SimulatedImage
    ) -> None:
        workplace.write("Dockerfile", f"FROM node:22@{node.digest}\n")
        ended = process("gate", ".", SUPPLYCHAIN_OFFLINE="1")
        assert (ended.returncode, "--offline forbids" in ended.stdout) == (3, True)

    @pytest.mark.usefixtures("registry")
    def test_are_seen_by_this_test_when_they_are_opened(self, workplace: Workplace) -> None:
        workplace.write("Dockerfile", "FROM node:22\n")
        told = watched("gate", ".")
        assert "socket.connect" in str(told["used"])
        assert "requests" in str(told["loaded"])


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("nope",), ("explain", "IMG001")], ids=" ".join
)
def test_what_needs_nothing_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert watched(*arguments)["loaded"] == []


def test_version_and_help() -> None:
    version, help_text = process("--version"), process("--help")
    assert (version.returncode, version.stdout) == (0, f"supplychain {supplychain.__version__}\n")
    assert help_text.returncode == 0
    for command in ("checks", "explain", "gate", "inspect", "lock", "schema"):
        assert f"\n  {command} " in help_text.stdout


@pytest.mark.parametrize("command", ["checks", "explain", "gate", "inspect", "lock", "schema"])
def test_every_option_is_explained(entry: Entry, command: str) -> None:
    shown = entry.run(command, "--help")
    assert shown.code == 0
    assert shown.out.startswith(f"Usage: supplychain {command} ")
    options = [line for line in shown.out.splitlines() if line.startswith("  -")]
    assert len(options) >= 8
    assert [line for line in options if len(line.split("  ")) < 3 and len(line) < 24] == []


def test_output_is_utf_8_whatever_the_locale_says(workplace: Workplace) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    ended = subprocess.run(
        [sys.executable, "-m", "supplychain", "gate", "."],
        env=environment(PYTHONIOENCODING="latin-1"),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.stdout.decode("utf-8").endswith("pass · no findings in 1 subject\n")
