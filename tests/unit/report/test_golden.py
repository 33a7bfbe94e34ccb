"""Every format, byte for byte.

``SUPPLYCHAIN_UPDATE_GOLDEN=1 pytest tests/unit/report/test_golden.py`` writes the files anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from supplychain.core.run import Run
from supplychain.report import github, json, sarif, summary, text
from tests.unit.report import samples

GOLDEN = Path(__file__).parent / "golden"
LONG = ("text", "github", "summary")  # formats that cut long lists; the others are long themselves

RENDERERS: dict[str, tuple[str, Callable[[Run], str]]] = {
    "text": ("txt", text.render),
    "all": ("all.txt", lambda run: text.render(run, all_lines=True)),
    "colour": ("ansi.txt", lambda run: text.render(run, colour=True)),
    "json": ("json", json.render),
    "jsonl": ("jsonl", json.render_lines),
    "sarif": ("sarif", lambda run: sarif.render(run, samples.CHECKS)),
    "github": ("github.txt", github.render),
    "summary": ("md", summary.render),
}
CASES = [
    (sample, output)
    for sample in samples.SAMPLES
    for output in RENDERERS
    if sample != "many" or output in LONG
]


@pytest.mark.parametrize(("sample", "output"), CASES)
def test_report_is_the_golden_one(sample: str, output: str) -> None:
    suffix, render = RENDERERS[output]
    path = GOLDEN / f"{sample}.{suffix}"
    report = render(samples.SAMPLES[sample])
    if os.environ.get("SUPPLYCHAIN_UPDATE_GOLDEN") == "1":
        path.write_bytes(report.encode())
    assert report == path.read_bytes().decode()


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{sample}.{RENDERERS[output][0]}" for sample, output in CASES}
    assert {path.name for path in GOLDEN.iterdir()} == expected | {"checks.json"}


def test_checks_are_the_golden_ones() -> None:
    path = GOLDEN / "checks.json"
    report = json.render_checks(samples.CHECKS)
    if os.environ.get("SUPPLYCHAIN_UPDATE_GOLDEN") == "1":
        path.write_bytes(report.encode())
    assert report == path.read_bytes().decode()
