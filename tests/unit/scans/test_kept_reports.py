"""Reports kept beside the ledger: without secrets, by the digest judged, or not at all."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supplychain.core.digest import Digest
from supplychain.errors import UnavailableError, UsageError
from supplychain.formats.text import MalformedError
from supplychain.ledger.reports import keep
from supplychain.scans.redaction import redacted
from supplychain.verify.scans import MAX_FILES, read_scans, redacted_reports
from tests.generators.scanner_reports import trivy


def written(path: Path) -> Path:
    path.write_text(json.dumps(trivy()))
    return path


def test_a_report_is_kept_by_the_digest_of_what_was_judged(tmp_path: Path) -> None:
    report = written(tmp_path / "report.json")
    scans = read_scans([report], [], [])
    (kept,) = keep(redacted_reports(scans), tmp_path / "state")
    assert kept.name == f"sha256-{Digest.of(report.read_bytes()).hex}.json"
    assert json.loads(kept.read_bytes()) == json.loads(report.read_bytes())


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("{}"), lambda path: path.unlink()])
def test_a_report_that_changed_or_went_since_it_was_judged_is_not_kept(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    report = written(tmp_path / "a.json")
    scans = read_scans([report], [], [])
    spoil(report)
    with pytest.raises(UnavailableError, match="has changed since it was judged"):
        keep(redacted_reports(scans), tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_a_report_that_is_nested_too_deep_is_not_kept(tmp_path: Path) -> None:
    report = tmp_path / "a.json"
    deep: list[object] = []
    for _ in range(150):
        deep = [deep]
    report.write_text(json.dumps(trivy(Extra=deep)))
    with pytest.raises(UsageError, match="nested deeper"):
        list(redacted_reports(read_scans([report], [], [])))


def test_a_folder_that_cannot_be_written_ends_with_2_and_a_full_disk_with_3(
    tmp_path: Path,
) -> None:
    digest = Digest.of(b"x")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot keep a report"):
        keep([(digest, b"{}")], tmp_path / "file")

    def full() -> Iterator[tuple[Digest, bytes]]:
        raise OSError(errno.ENOSPC, "No space left on device")
        yield digest, b""

    with pytest.raises(UnavailableError, match="no space left"):
        keep(full(), tmp_path)


def test_environment_history_excerpts_and_encoded_configurations_are_taken_out() -> None:
    document = {
        "Metadata": {
            "ImageConfig": {
                "config": {"Env": ["A=secret", "secret"], "Cmd": ["run"]},
                "history": [{"created_by": "ARG secret", "comment": "secret", "created": "now"}],
            },
            "Layers": [{"CreatedBy": "RUN secret", "Digest": "d"}],
        },
        "Results": [
            {"Secrets": [{"Match": "secret", "Code": {"Lines": ["secret"]}, "RuleID": "r"}]}
        ],
        "source": {"target": {"config": "c2VjcmV0", "manifest": "c2VjcmV0", "imageID": "i"}},
    }
    kept = json.loads(redacted(json.dumps(document).encode("utf-16")))
    assert "secret" not in json.dumps(kept).replace("Secrets", "")
    assert "c2VjcmV0" not in json.dumps(kept)
    assert kept["Metadata"]["ImageConfig"]["config"]["Cmd"] == ["run"]
    assert kept["source"]["target"]["imageID"] == "i"
    assert kept["Results"][0]["Secrets"][0]["RuleID"] == "r"


def test_what_is_no_json_cannot_be_redacted() -> None:
    with pytest.raises(MalformedError):
        redacted(b'{"Env": NaN}')


def test_more_files_than_a_run_takes_end_with_2(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="more than"):
        read_scans([tmp_path] * (MAX_FILES + 1), [], [])


def test_a_folder_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        read_scans([tmp_path], [], [])
