"""Starting a program: no shell, a deadline, bounded output, and nothing of it left behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from supplychain.access.failures import Unreachable
from supplychain.formats.text import printable

MAX_INPUT = 4096  # bytes: what a pipe takes at once, so that writing never blocks (PIPE_BUF)
_PIECE = 65536  # bytes read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended and what it wrote."""

    code: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)


def run(argv: Sequence[str], data: bytes, *, seconds: float, limit: int) -> Finished:
    """Run a program found on PATH with ``data`` as its input and return what it wrote.

    ``limit`` is in bytes and holds for output and errors each. When the function returns or
    raises, the program and all that it started in its process group are gone.

    Raises:
        Unreachable: it cannot be started, takes longer than ``seconds``, or writes more.
    """
    if len(data) > MAX_INPUT:
        message = f"more than {MAX_INPUT} bytes of input"
        raise ValueError(message)
    name = printable(argv[0], 100)
    try:
        process = subprocess.Popen(  # noqa: S603 -- an argument list, no shell
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        reason = f"{name!r} cannot be started: {(error.strerror or 'unknown').lower()}"
        raise Unreachable(reason, f"install {name!r} or put it on PATH") from None
    deadline = time.monotonic() + seconds
    with process:
        try:
            output, errors = _talk(process, data, deadline, limit)
            code = process.wait(timeout=max(deadline - time.monotonic(), 0.0))
        except (TimeoutError, subprocess.TimeoutExpired):
            reason = f"{name!r} did not end within {seconds:g} s"
            raise Unreachable(reason, f"run {name!r} by hand to see why", retryable=True) from None
        except _TooMuchOutputError:
            reason = f"{name!r} wrote more than {limit} bytes"
            raise Unreachable(reason, f"run {name!r} by hand to see why") from None
        finally:
            _kill_group(process)
    return Finished(code=code, output=output, errors=errors)


class _TooMuchOutputError(Exception):
    """A program wrote more than its limit."""


def _talk(
    process: subprocess.Popen[bytes], data: bytes, deadline: float, limit: int
) -> tuple[bytes, bytes]:
    assert process.stdin is not None  # noqa: S101 -- all three are pipes, which the type hides
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError), process.stdin:  # it may end without reading
        os.write(process.stdin.fileno(), data)
    received = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as selector:
        for descriptor in received:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic())
            if not ready or time.monotonic() >= deadline:
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    selector.unregister(key.fd)
                received[key.fd] += piece
                if len(received[key.fd]) > limit:
                    raise _TooMuchOutputError
    output, errors = received.values()
    return bytes(output), bytes(errors)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and its children; the group is often gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
