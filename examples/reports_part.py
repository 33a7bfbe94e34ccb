"""Scanner reports: what Trivy and Grype write about an image, judged by what they really saw.

The scanners need Go to build, so their reports are made here in the shape that Trivy 0.74 and
Grype 0.121 write; the tests run the real ones.
"""

from __future__ import annotations

import json
from pathlib import Path

from examples.showing import Demo
from tests.generators.scanner_reports import grype, grype_match, trivy, trivy_row


def show(demo: Demo) -> None:
    """Judge a clean report, one with a critical row, one that saw nothing, and both scanners'."""
    demo.run(
        "a scan that saw everything and found nothing",
        demo.folder,
        *("gate", "--report", written(demo, "clean.json", trivy())),
        expect=0,
        why="bound to an image, recent, packages listed, nothing that blocks",
    )
    demo.run(
        "a critical vulnerability",
        demo.folder,
        *("gate", "--report", written(demo, "critical.json", trivy([trivy_row()]))),
        expect=1,
        why="critical blocks; the finding names package, path and fix",
        contains=("CVE-2019-10744", "lodash"),
    )
    demo.run(
        "two scanners, one vulnerability under two names",
        demo.folder,
        *("gate", "--report", written(demo, "trivy.json", trivy([trivy_row()]))),
        *("--report", written(demo, "grype.json", grype([grype_match()]))),
        expect=1,
        why="reports about one image are judged together",
    )
    blind = trivy(Results=[])
    demo.run(
        "a scan that saw nothing",
        demo.folder,
        *("gate", "--report", written(demo, "blind.json", blind)),
        expect=3,
        why="no packages listed: nobody knows, so it is no pass",
    )


def written(demo: Demo, name: str, report: object) -> str:
    """Write a report into the demo's folder and return its name."""
    Path(demo.folder / name).write_text(json.dumps(report))
    return name
