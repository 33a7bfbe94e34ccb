"""``python -m supplychain``, and the console script's entry point."""

from __future__ import annotations

import contextlib
import io
import sys

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


def main() -> None:
    """Run the command line and leave with its exit code; what it writes is UTF-8 everywhere."""
    try:
        code = _code()
    except KeyboardInterrupt:  # while something was imported; `run` minds the rest
        if sys.stderr is not None:
            with contextlib.suppress(OSError):
                sys.stderr.write("interrupted\n")
        code = INTERRUPTED
    sys.exit(code)


def _code() -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from supplychain.cli import run  # noqa: PLC0415 -- nothing is imported before it is needed

    return run(sys.argv[1:])


if __name__ == "__main__":
    main()
