"""``python -m supplychain``, and the console script's entry point."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from supplychain.cli import run  # noqa: PLC0415 -- nothing is imported before it is needed

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
