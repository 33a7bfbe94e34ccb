"""The main job, on real input: a fleet is refused, pinned, locked and let in, and so are models.

Runs the installed `supplychain` command against servers on this machine, shows what it prints, and
stops at the first answer that is not the expected one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from examples import images_part, locks_part, models_part, reports_part
from examples.showing import Demo


def main() -> None:
    """Run the demo."""
    with tempfile.TemporaryDirectory(prefix="supplychain-demo-") as folder:
        demo = Demo(Path(folder).resolve())
        images_part.show(demo)
        locks_part.show(demo)
        reports_part.show(demo)
        models_part.show(demo)
        demo.print_table()


if __name__ == "__main__":
    main()
