"""Reports of the real Trivy and Grype through the gate: none that saw nothing passes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supplychain.cli import run
from supplychain.scans import read_report
from tests.generators.docker_archive import docker_archive
from tests.generators.scanner_databases import (
    LODASH,
    LODASH_GHSA,
    MUSL,
    grype_database,
    trivy_cache,
)
from tests.integration.conftest import find_tool

pytestmark = pytest.mark.tools

SCAN_SECONDS = 120
TOKEN = f"ghp_{'a1B2' * 9}"

Files = Mapping[str, bytes]
Gate = Callable[..., tuple[int, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """A real scanner, its databases and the folder that it runs in."""

    program: Path
    options: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path

    def run(self, *arguments: str, **environment: str) -> int:
        """Run it in its folder without anything of the caller's environment."""
        finished = subprocess.run(
            [self.program, *self.options, *arguments],
            env={"HOME": str(self.folder), **self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            timeout=SCAN_SECONDS,
            check=False,
        )
        return finished.returncode


@pytest.fixture(scope="session")
def trivy_databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trivy_cache(tmp_path_factory.mktemp("trivy"))


@pytest.fixture(scope="session")
def grype_databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imported(tmp_path_factory.mktemp("grype"), datetime.now(UTC) - timedelta(hours=2))


@pytest.fixture
def trivy(tmp_path: Path, trivy_databases: Path) -> Scanner:
    (tmp_path / "empty").touch()
    return Scanner(
        program=find_tool("trivy"),
        options=("--config", "empty", "--cache-dir", str(trivy_databases), "--quiet"),
        environment={},
        folder=tmp_path,
    )


@pytest.fixture
def grype(tmp_path: Path, grype_databases: Path) -> Scanner:
    return grype_at(grype_databases, tmp_path)


@pytest.fixture
def gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Gate:
    monkeypatch.chdir(tmp_path)

    def gated(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["gate", "--offline", "--output", "json", *arguments])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else {"error": told.err}

    return gated


def grype_at(databases: Path, folder: Path) -> Scanner:
    return Scanner(
        program=find_tool("grype"),
        options=("--quiet",),
        environment={
            "GRYPE_DB_CACHE_DIR": str(databases),
            "GRYPE_DB_AUTO_UPDATE": "false",
            "GRYPE_CHECK_FOR_APP_UPDATE": "false",
        },
        folder=folder,
    )


def imported(folder: Path, built: datetime) -> Path:
    """Import a database built at a time, and return the folder to run Grype with."""
    database = grype_database(folder / "made.db", built=built)
    assert grype_at(folder, folder).run("db", "import", str(database)) == 0
    return folder


def trivy_scan(trivy: Scanner, *more: str, form: str = "json") -> Path:
    """Scan ``image.tar`` as a sealed pipeline does, and return the report."""
    code = trivy.run(
        "image", "--input", "image.tar", "--format", form, "--output", "trivy.json",
        "--scanners", "vuln,secret", "--image-config-scanners", "secret",
        "--skip-db-update", "--skip-java-db-update", "--offline-scan", "--skip-version-check",
        "--disable-telemetry", "--cache-backend", "memory", "--exit-code", "0",
        *(more or ("--ignorefile", "empty")),
    )  # fmt: skip
    assert code == 0
    return trivy.folder / "trivy.json"


def grype_scan(grype: Scanner, *more: str, **environment: str) -> Path:
    """Scan ``image.tar``, and return the report."""
    arguments = ("docker-archive:image.tar", "--output", "json", "--file", "grype.json", *more)
    assert grype.run(*arguments, **environment) == 0
    return grype.folder / "grype.json"


def made(folder: Path, *layers: Files, env: tuple[str, ...] = ()) -> str:
    return docker_archive(folder / "image.tar", *layers, env=env)


def alpine(release: str = "3.22.1", *, musl: str = "1.2.5-r20") -> Files:
    """Return the root of a small Alpine image; ``1.2.5-r10`` of musl is vulnerable."""
    packages = "".join(
        f"P:{name}\nV:{version}\nA:x86_64\no:{name}\nL:MIT\n\n"
        for name, version in (("musl", musl), ("zlib", "1.3.1-r2"))
    )
    return {
        "etc/os-release": f'ID=alpine\nVERSION_ID={release}\nNAME="Alpine Linux"\n'.encode(),
        "etc/alpine-release": f"{release}\n".encode(),
        "lib/apk/db/installed": packages.encode(),
    }


def debian(release: str) -> Files:
    status = "Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2\nArchitecture: amd64\n"
    return {
        "etc/os-release": f'ID=debian\nVERSION_ID="{release}"\nNAME="Debian"\n'.encode(),
        "etc/debian_version": f"{release}.0\n".encode(),
        "var/lib/dpkg/status": f"{status}Source: zlib\n\n".encode(),
    }


def lodash(version: str) -> Files:
    """Return an application with a lock and the package that it locks."""
    entry = {"version": version, "resolved": "https://registry.npmjs.org/x.tgz"}
    lock = {
        "name": "app",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {"": {"dependencies": {"lodash": version}}, "node_modules/lodash": entry},
    }
    package = {"name": "lodash", "version": version}
    return {
        "app/package-lock.json": json.dumps(lock).encode(),
        "app/node_modules/lodash/package.json": json.dumps(package).encode(),
    }


def without(files: Files, *names: str) -> Files:
    return {name: data for name, data in files.items() if name not in names}


def ids(report: dict[str, Any], kind: str) -> list[str]:
    return [one["id"] for subject in report["subjects"] for one in subject[kind]]


def vulnerabilities(report: dict[str, Any]) -> set[str]:
    found = (one for subject in report["subjects"] for one in subject["findings"])
    return {one["properties"].get("vulnerability", one["id"]) for one in found}


def test_trivy_finds_what_is_vulnerable_and_the_gate_refuses_it(
    trivy: Scanner, gate: Gate, tmp_path: Path
) -> None:
    digest = made(tmp_path, alpine(musl="1.2.5-r10"), lodash("4.17.4"))
    trivy_scan(trivy)
    code, report = gate("--report", "trivy.json")
    assert code == 1
    assert vulnerabilities(report) == {LODASH, MUSL}
    assert report["subjects"][0]["digest"] == digest
    assert report["tools"][0]["version"] == "0.74.0"


def test_grype_finds_what_is_vulnerable_and_the_gate_refuses_it(
    grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    digest = made(tmp_path, alpine(musl="1.2.5-r10"), lodash("4.17.4"))
    grype_scan(grype)
    code, report = gate("--report", "grype.json")
    assert code == 1
    assert vulnerabilities(report) == {LODASH_GHSA, MUSL}
    assert set(ids(report, "findings")) == {"VUL001", "VUL002"}
    assert report["subjects"][0]["digest"] == digest
    assert report["tools"][0]["database"]["built_at"]


def test_both_scanners_say_each_vulnerability_once(
    trivy: Scanner, grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, alpine(musl="1.2.5-r10"), lodash("4.17.4"))
    trivy_scan(trivy)
    grype_scan(grype)
    code, report = gate("--report", "grype.json", "--report", "trivy.json")
    assert (code, len(report["subjects"])) == (1, 1)
    assert vulnerabilities(report) == {LODASH, MUSL}
    for finding in report["subjects"][0]["findings"]:
        assert finding["properties"]["reported_by"] == "grype, trivy"


def test_a_clean_image_passes_and_grype_alone_proves_nothing(
    trivy: Scanner, grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    digest = made(tmp_path, alpine(), lodash("4.17.21"))
    trivy_scan(trivy)
    grype_scan(grype)
    assert gate("--report", "trivy.json")[0] == 0
    assert gate("--report", "trivy.json", "--image", digest)[0] == 0
    assert gate("--report", "trivy.json", "--report", "grype.json")[0] == 0
    code, report = gate("--report", "grype.json")
    assert (code, ids(report, "gaps")) == (3, ["scan-nothing-scanned"])
    code, report = gate("--report", "trivy.json", "--image", f"sha256:{'0' * 64}")
    assert (code, ids(report, "gaps")) == (3, ["scan-not-bound"])


def test_languages_alone_pass_where_there_is_no_system(
    trivy: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, lodash("4.17.21"))
    trivy_scan(trivy)
    assert gate("--report", "trivy.json")[0] == 0


SILENT: dict[str, tuple[Files, str]] = {
    "dpkg without debian_version": (
        without(debian("12"), "etc/debian_version"),
        "scan-os-unknown",
    ),
    "apk without os-release": (
        without(alpine(), "etc/os-release", "etc/alpine-release"),
        "scan-os-unknown",
    ),
    "arch": ({"etc/os-release": b"ID=arch\nNAME=Arch\n"}, "scan-nothing-scanned"),
    "nixos": ({"etc/os-release": b"ID=nixos\nVERSION_ID=24.05\n"}, "scan-nothing-scanned"),
    "a lone binary": ({"app": b"\x7fELF" + bytes(64)}, "scan-nothing-scanned"),
    "a new alpine": (alpine("3.99.0"), "scan-release-unknown"),
    "a new debian": (debian("77"), "scan-release-unknown"),
    "no apk database": (without(alpine(), "lib/apk/db/installed"), "scan-nothing-scanned"),
    "a broken apk database": (
        {**alpine(), "lib/apk/db/installed": b"\0\xff" * 40},
        "scan-nothing-scanned",
    ),
    "no apk database beside an application": (
        {**without(alpine(), "lib/apk/db/installed"), **lodash("4.17.21")},
        "scan-os-packages-missing",
    ),
    "a truncated lock": (
        {"app/package-lock.json": b'{"lockfileVersion": 3, "pack'},
        "scan-nothing-scanned",
    ),
    "a broken package.json": (
        {"app/node_modules/lodash/package.json": b'{"name": "lodash", "ver'},
        "scan-nothing-scanned",
    ),
    "open requirements": ({"app/requirements.txt": b"flask\n"}, "scan-nothing-scanned"),
    "no lock": ({"app/package.json": b'{"dependencies": {"lodash": "*"}}'}, "scan-nothing-scanned"),
}


@pytest.mark.parametrize("image", SILENT)
def test_no_silent_zero_of_trivy_passes(
    trivy: Scanner, gate: Gate, tmp_path: Path, image: str
) -> None:
    files, gap = SILENT[image]
    made(tmp_path, files)
    report = read_report(trivy_scan(trivy).read_bytes())
    assert report.rows == 0
    code, told = gate("--report", "trivy.json")
    assert code == 3
    assert gap in ids(told, "gaps")


@pytest.mark.parametrize(
    "image", ["apk without os-release", "arch", "a lone binary", "a new debian"]
)
def test_no_silent_zero_of_grype_passes(
    grype: Scanner, gate: Gate, tmp_path: Path, image: str
) -> None:
    made(tmp_path, SILENT[image][0])
    grype_scan(grype)
    code, told = gate("--report", "grype.json")
    assert code == 3
    assert "scan-nothing-scanned" in ids(told, "gaps")


def test_a_release_past_its_end_is_refused(trivy: Scanner, gate: Gate, tmp_path: Path) -> None:
    made(tmp_path, alpine("3.18.4"))
    trivy_scan(trivy)
    code, report = gate("--report", "trivy.json")
    assert (code, ids(report, "findings")) == (1, ["SCN001"])


def test_what_an_ignore_file_takes_out_is_no_pass(
    trivy: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, alpine(musl="1.2.5-r10"))
    (tmp_path / "ignored").write_text(f"{MUSL}\n")
    trivy_scan(trivy, "--ignorefile", "ignored", "--show-suppressed")
    code, report = gate("--report", "trivy.json")
    assert (code, ids(report, "gaps")) == (1, ["scan-suppressed"])
    assert vulnerabilities(report) == {MUSL}


@pytest.mark.parametrize(
    "option",
    ["--only-notfixed", "--exclude=./lib/**", "--distro=debian:12", "--ignore-states=fixed"],
)
def test_what_a_filter_of_grype_takes_out_is_no_pass(
    grype: Scanner, gate: Gate, tmp_path: Path, option: str
) -> None:
    made(tmp_path, alpine(musl="1.2.5-r10"), lodash("4.17.21"))
    grype_scan(grype, option)
    code, report = gate("--report", "grype.json")
    assert code in {1, 3}  # Grype still lists what some filters take out, and so it is judged
    assert "scan-filtered" in ids(report, "gaps")


def test_grype_with_an_old_database_is_no_pass(
    gate: Gate, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    old = imported(tmp_path_factory.mktemp("old"), datetime.now(UTC) - timedelta(days=90))
    made(tmp_path, alpine(musl="1.2.5-r10"))
    grype_scan(grype_at(old, tmp_path), GRYPE_DB_VALIDATE_AGE="false")
    code, report = gate("--report", "grype.json")
    assert {"scan-database-too-old", "scan-filtered"} <= set(ids(report, "gaps"))
    assert code in {1, 3}


def test_grype_on_the_sbom_of_trivy_loses_the_system_and_does_not_pass(
    trivy: Scanner, grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    digest = made(tmp_path, alpine(musl="1.2.5-r10"))
    trivy_scan(trivy, form="cyclonedx").rename(tmp_path / "sbom.json")
    assert grype.run("sbom:sbom.json", "--output", "json", "--file", "grype.json") == 0
    code, report = gate("--report", "grype.json", "--sbom", "sbom.json")
    assert (code, ids(report, "gaps")) == (3, ["scan-sbom-without-distribution"])
    assert report["subjects"][0]["digest"] == digest


def test_scans_of_something_else_are_not_about_an_image(
    trivy: Scanner, grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "empty.cdx.json").write_text(
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}'
    )
    common = ("--format", "json", "--output", "trivy.json", "--skip-db-update", "--offline-scan")
    for arguments in (("fs", "nothing"), ("sbom", "empty.cdx.json")):
        assert trivy.run(arguments[0], *common, arguments[1]) == 0
        code, report = gate("--report", "trivy.json")
        assert code == 3
        assert {"scan-not-bound", "scan-nothing-scanned"} <= set(ids(report, "gaps"))
    assert grype.run("dir:nothing", "--output", "json", "--file", "grype.json") == 0
    code, report = gate("--report", "grype.json")
    assert (code, "scan-not-bound" in ids(report, "gaps")) == (3, True)


@pytest.mark.parametrize("form", ["sarif", "cyclonedx", "spdx-json", "github", "cosign-vuln"])
def test_other_formats_of_trivy_are_refused_by_name(
    trivy: Scanner, gate: Gate, tmp_path: Path, form: str
) -> None:
    made(tmp_path, alpine(), lodash("4.17.21"))
    trivy_scan(trivy, form=form)
    code, told = gate("--report", "trivy.json")
    assert code == 2
    assert form.split("-", maxsplit=1)[0] in told["error"].lower().replace("in-toto", "cosign")


@pytest.mark.parametrize("form", ["sarif", "cyclonedx-json"])
def test_other_formats_of_grype_are_refused_by_name(
    grype: Scanner, gate: Gate, tmp_path: Path, form: str
) -> None:
    made(tmp_path, alpine())
    arguments = ("docker-archive:image.tar", "--output", form, "--file", "grype.json")
    assert grype.run(*arguments) == 0
    code, told = gate("--report", "grype.json")
    assert code == 2
    assert form.split("-", maxsplit=1)[0] in told["error"].lower()


def test_a_real_report_is_the_same_in_utf_16_and_nothing_when_cut(
    trivy: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, alpine(), lodash("4.17.4"))
    data = trivy_scan(trivy).read_bytes()
    assert read_report(data.decode().encode("utf-16")) == read_report(data)
    for share in (0.0, 0.3, 0.9):
        (tmp_path / "cut.json").write_bytes(data[: int(len(data) * share)])
        code, report = gate("--report", "cut.json")
        assert (code, ids(report, "gaps")) == (3, ["scan-unread"])


def test_a_secret_in_the_environment_is_found_and_not_kept(
    trivy: Scanner, grype: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, alpine(), env=(f"GITHUB_PAT={TOKEN}",))
    assert TOKEN in trivy_scan(trivy).read_text()
    grype_scan(grype)
    code, report = gate(
        "--report", "trivy.json", "--report", "grype.json", "--record", "--state", "state"
    )
    assert (code, set(ids(report, "findings"))) == (1, {"VUL003"})
    assert TOKEN not in json.dumps(report)
    kept = list((tmp_path / "state" / "reports").iterdir())
    assert len(kept) == 2
    for path in kept:
        assert TOKEN not in path.read_text()
        assert "[redacted]" in path.read_text()


def test_an_image_may_be_scanned_from_its_second_layer_on(
    trivy: Scanner, gate: Gate, tmp_path: Path
) -> None:
    made(tmp_path, alpine(), lodash("4.17.4"))
    trivy_scan(trivy)
    _, report = gate("--report", "trivy.json")
    (finding,) = report["subjects"][0]["findings"]
    layers = json.loads((tmp_path / "trivy.json").read_bytes())["Metadata"]["DiffIDs"]
    assert finding["properties"]["layer"] == layers[1]
