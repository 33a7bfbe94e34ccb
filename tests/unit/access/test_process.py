from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from supplychain.access.failures import Unreachable
from supplychain.access.process import MAX_INPUT, run


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", code)


def test_input_output_errors_and_code_come_through() -> None:
    code = "import sys; print(input()[::-1]); print('oh', file=sys.stderr); sys.exit(3)"
    finished = run(python(code), b"abc\n", seconds=10, limit=100)
    assert (finished.code, finished.output, finished.errors) == (3, b"cba\n", b"oh\n")


def test_a_program_need_not_read_its_input() -> None:
    assert run(("true",), b"x" * MAX_INPUT, seconds=10, limit=100).code == 0


def test_a_missing_program_is_named() -> None:
    with pytest.raises(Unreachable, match="'no-such-program' cannot be started") as caught:
        run(("no-such-program",), b"", seconds=10, limit=100)
    assert caught.value.hint == "install 'no-such-program' or put it on PATH"


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > '{note}'; sleep 60"
    with pytest.raises(Unreachable, match=r"did not end within 0\.5 s") as caught:
        run(("sh", "-c", script), b"", seconds=0.5, limit=100)
    assert caught.value.retryable
    assert vanishes(int(note.read_text()))


def test_a_program_that_closes_its_output_still_has_a_deadline() -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    with pytest.raises(Unreachable, match=r"did not end within 0\.3 s"):
        run(python(code), b"", seconds=0.3, limit=100)


def test_children_left_behind_are_gone_afterwards(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 >/dev/null 2>&1 & echo $! > '{note}'"
    assert run(("sh", "-c", script), b"", seconds=10, limit=100).code == 0
    assert vanishes(int(note.read_text()))


def vanishes(pid: int) -> bool:
    """Wait until a process is gone, or is a zombie that its parent has not fetched."""
    for _ in range(500):
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True
        if status.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("stream", [1, 2])
def test_a_program_that_writes_too_much_is_ended(stream: int) -> None:
    code = f"import os\nwhile True: os.write({stream}, b'x' * 4096)"
    with pytest.raises(Unreachable, match="wrote more than 1000 bytes"):
        run(python(code), b"", seconds=10, limit=1000)


def test_more_input_than_a_pipe_takes_is_our_bug() -> None:
    with pytest.raises(ValueError, match="bytes of input"):
        run(("true",), b"x" * (MAX_INPUT + 1), seconds=10, limit=100)
