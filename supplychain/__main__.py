"""``python -m supplychain``, and the console script's entry point."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line and leave with its exit code; what it writes is UTF-8 everywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from supplychain.cli import run  # noqa: PLC0415 -- nothing is imported before it is needed

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
