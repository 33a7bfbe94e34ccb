"""Scanner reports of 70 MB, beside what decoding alone takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generators.scanner_reports import grype, grype_match, trivy, trivy_row

MEGABYTE = 1_000_000
SIZE = 70 * MEGABYTE  # bytes of a report
MOST_DECODING = 2.5  # times msgspec.json.decode into the same structures
MOST_PARSING = 1.0  # times json.loads
MOST_MEMORY = 150  # MB over import
RUNS = 5

# Times the three in one process, in turn, and reads the report in another for its memory.
PROGRAM = """
import json, sys, time
from pathlib import Path
import msgspec
from supplychain.scans import reader
def peak():  # of this program; what getrusage tells begins with the memory of its parent
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
if sys.argv[2] == "memory":
    before = peak()
    report = reader.read_report(Path(sys.argv[1]).read_bytes())
    print(json.dumps({{"memory": peak() - before, "rows": report.rows}}))
else:
    data, best = Path(sys.argv[1]).read_bytes(), {{}}
    tasks = {{"read": reader.read_report, "decode": reader._DOCUMENT.decode, "parse": json.loads}}
    for _ in range({runs}):
        for name, task in tasks.items():
            start = time.perf_counter()
            made = task(data)
            best[name] = min(best.get(name, 99), time.perf_counter() - start)
            del made
    print(json.dumps(best))
"""


def described(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a row with the fields that make up most of a real one."""
    return row | {
        "Description": f"A flaw was found in the parser of part {number}. " * 8,
        "References": [f"https://example.org/{number}/{link}" for link in range(12)],
        "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H"}},
        "VendorSeverity": {"ghsa": 4, "nvd": 4, "redhat": 3},
        "Title": f"flaw {number}",
    }


def distinct_rows(count: int) -> dict[str, Any]:
    """Return a Trivy report without two equal rows."""
    rows = [
        described(trivy_row(VulnerabilityID=f"CVE-{n}", PkgName=f"p{n % 900}"), n)
        for n in range(count)
    ]
    return trivy(rows)


def repeated_rows(count: int) -> dict[str, Any]:
    """Return a Trivy report in which every vulnerability stands in many places."""
    rows = [
        described(trivy_row(VulnerabilityID=f"CVE-{n % 464}", PkgPath=f"app/{n}"), n)
        for n in range(count)
    ]
    return trivy(rows)


def matches(count: int) -> dict[str, Any]:
    """Return a Grype report."""
    rows = []
    for number in range(count):
        match = grype_match(id=f"GHSA-{number}", description="A flaw in a parser. " * 30)
        match["matchDetails"] = [{"searchedBy": {"cpes": ["cpe:2.3:a:x:y:*"] * 20}}] * 2
        rows.append(match)
    return grype(rows)


@pytest.mark.parametrize("made", [distinct_rows, repeated_rows, matches])
def test_a_report_is_read_in_little_more_than_decoding_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: Callable[[int], dict[str, Any]]
) -> None:
    path = tmp_path / "report.json"
    sample = len(json.dumps(made(1_000), indent=2)) / 1_000
    path.write_text(json.dumps(made(int(SIZE / sample)), indent=2))
    best, used = measured(path, "time"), measured(path, "memory")
    decoding, parsing = best["read"] / best["decode"], best["read"] / best["parse"]
    with capsys.disabled():
        print(
            f"\n{made.__name__}: {path.stat().st_size / MEGABYTE:.0f} MB, {used['rows']:.0f} rows "
            f"read in {best['read']:.3f} s: {decoding:.2f} x decoding (at most {MOST_DECODING}), "
            f"{parsing:.2f} x json.loads (at most {MOST_PARSING:.0f}), {used['memory']:.0f} MB "
            f"(at most {MOST_MEMORY})"
        )
    assert decoding <= MOST_DECODING
    assert parsing <= MOST_PARSING
    assert used["memory"] <= MOST_MEMORY


def measured(path: Path, what: str) -> dict[str, float]:
    """Return what a fresh process measures of a report."""
    program = PROGRAM.format(runs=RUNS)
    finished = subprocess.run(
        [sys.executable, "-c", program, str(path), what], capture_output=True, check=True
    )
    told: dict[str, float] = json.loads(finished.stdout)
    return told
