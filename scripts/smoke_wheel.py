"""Build the wheel into dist/, install it with its locked dependencies alone, and try what it ships.

The checkout is not importable from where the commands run, so what works is what the wheel holds.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 300  # seconds a command may take; installing from an empty cache takes about 20

# What to run in a folder that holds a copy of examples/fleet, what it must exit with, and a text
# that must stand in its standard output.
COMMANDS: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("--version",), 0, "0."),
    (("checks",), 0, "IMG001"),
    (("explain", "IMG001"), 0, "IMG001"),
    (("schema", "report"), 0, "supplychain.report/1"),
    (("gate", "fleet", "--offline"), 0, "pass"),
    (("gate", "nowhere"), 2, ""),
)


class SmokeError(Exception):
    """A step did not do what it must."""


def main() -> int:
    """Run all steps; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="supplychain-wheel-") as name:
        place = Path(name)
        try:
            wheel = build(ROOT / "dist")
            program = install(wheel, place / "env")
            try_commands(program, place / "work")
        except SmokeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(f"{wheel.name}: {len(COMMANDS)} commands did what they must")
    return 0


def build(folder: Path) -> Path:
    """Build the wheel with the locked build backend and return its path.

    Wheels of an earlier build are removed.
    """
    for old in folder.glob("*.whl"):
        old.unlink()
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    run(command, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """Install the wheel into a fresh environment and return the program's path.

    Its dependencies come from uv.lock, each with its hash.
    """
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    locked = environment / "requirements.txt"
    uv = ("sh", str(ROOT / "scripts" / "uv.sh"))
    export = ("export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "-o", str(locked))
    run((*uv, *export), cwd=ROOT)
    pip_install = (*uv, "pip", "install", "--quiet", "--python", str(python))
    run((*pip_install, "--require-hashes", "-r", str(locked)), cwd=ROOT)
    run((*pip_install, "--no-deps", str(wheel)), cwd=ROOT)
    return environment / "bin" / "supplychain"


def try_commands(program: Path, folder: Path) -> None:
    """Run every command of ``COMMANDS`` in a folder outside the checkout.

    Raises:
        SmokeError: one exits with another code or does not say what it must.
    """
    folder.mkdir()
    shutil.copytree(ROOT / "examples" / "fleet", folder / "fleet")
    for arguments, code, text in COMMANDS:
        ended = run((str(program), *arguments), cwd=folder, expect=code)
        if text not in ended.stdout:
            message = f"{' '.join(arguments)!r} does not say {text!r}:\n{ended.stdout[-2000:]}"
            raise SmokeError(message)


def run(
    command: tuple[str, ...], *, cwd: Path, expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a command and return how it ended.

    Raises:
        SmokeError: it exits with another code than ``expect``, or takes too long.
    """
    try:
        ended = subprocess.run(  # noqa: S603 -- commands of this file, never of input
            command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"{' '.join(command)!r} took more than {TIMEOUT} s"
        raise SmokeError(message) from error
    if ended.returncode != expect:
        shown = (ended.stdout + ended.stderr)[-4000:]
        message = f"{' '.join(command)!r} exited {ended.returncode}, not {expect}:\n{shown}"
        raise SmokeError(message)
    return ended


if __name__ == "__main__":
    sys.exit(main())
