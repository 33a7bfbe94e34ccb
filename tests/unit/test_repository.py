"""What this repository preaches holds for itself."""

from __future__ import annotations

import ast
import os
import re
import statistics
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import supplychain

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MODULES = sorted((ROOT / "supplychain").rglob("*.py"))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md")

MAX_MODULE = 600  # lines, docs/architecture.md
MAX_MEDIAN_MODULE = 200  # lines, docs/architecture.md
MAX_FUNCTION = 60  # lines, docs/architecture.md
COOLDOWN = 7  # days before a new release may enter, dependabot and uv alike


def read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def read_yaml(path: Path) -> dict[Any, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.MULTILINE))


def workflow_id(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", WORKFLOWS, ids=workflow_id)
class TestWorkflow:
    def test_pins_every_action_by_commit_and_names_its_version(self, path: Path) -> None:
        uses = re.findall(r"\buses:\s*(.+)", path.read_text(encoding="utf-8"))
        assert uses
        pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
        assert [line for line in uses if not pinned.fullmatch(line)] == []

    def test_starts_without_permissions(self, path: Path) -> None:
        assert read_yaml(path)["permissions"] == {}

    def test_grants_a_job_no_more_than_reading(self, path: Path) -> None:
        granted = {name: job["permissions"] for name, job in read_yaml(path)["jobs"].items()}
        assert granted == {name: {"contents": "read"} for name in granted}

    def test_ends_every_job_after_a_time(self, path: Path) -> None:
        jobs = read_yaml(path)["jobs"].values()
        assert [job["name"] for job in jobs if not 0 < job["timeout-minutes"] <= 60] == []

    def test_keeps_no_credentials_in_the_checkout(self, path: Path) -> None:
        steps = [step for job in read_yaml(path)["jobs"].values() for step in job["steps"]]
        checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
        assert checkouts
        assert {step["with"]["persist-credentials"] for step in checkouts} == {False}

    def test_cancels_what_is_outdated(self, path: Path) -> None:
        assert read_yaml(path)["concurrency"]["cancel-in-progress"] is True


def test_there_are_workflows_for_lint_test_and_our_own_gate() -> None:
    assert [path.stem for path in WORKFLOWS] == ["lint", "self", "test"]


def test_an_action_has_one_commit_everywhere() -> None:
    commits: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, commit in re.findall(r"uses: (\S+)@(\S+)", path.read_text(encoding="utf-8")):
            commits.setdefault(action, set()).add(commit)
    assert {action: len(found) for action, found in commits.items()} == dict.fromkeys(commits, 1)


def test_the_readme_shows_the_actions_that_we_use_ourselves() -> None:
    ours = {
        use
        for path in WORKFLOWS
        for use in re.findall(r"uses: (\S+@\S+)", path.read_text(encoding="utf-8"))
    }
    shown = set(re.findall(r"uses: (\S+@\S+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert shown
    assert shown <= ours


def test_every_kind_of_update_waits_a_week() -> None:
    updates = read_yaml(ROOT / ".github" / "dependabot.yml")["updates"]
    waits = {update["package-ecosystem"]: update["cooldown"]["default-days"] for update in updates}
    assert waits == dict.fromkeys(("uv", "gomod", "github-actions"), COOLDOWN)


def test_the_lock_keeps_a_week_from_the_newest_release() -> None:
    span = f"P{COOLDOWN}D"
    assert read_toml("uv.lock")["options"]["exclude-newer-span"] == span
    assert read_toml("pyproject.toml")["tool"]["uv"]["exclude-newer"] == span


def test_every_locked_file_has_a_hash() -> None:
    packages = read_toml("uv.lock")["package"]
    files = [
        file
        for package in packages
        for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    ]
    assert len(files) > len(packages)
    assert [file for file in files if not file["hash"].startswith("sha256:")] == []


def test_only_this_project_comes_from_outside_a_registry() -> None:
    packages = read_toml("uv.lock")["package"]
    local = [package["name"] for package in packages if "registry" not in package["source"]]
    assert local == ["supplychain"]


def test_the_build_backend_comes_from_the_lock() -> None:
    locked = {package["name"] for package in read_toml("uv.lock")["package"]}
    uv = read_toml("pyproject.toml")["tool"]["uv"]
    assert uv["no-build-isolation-package"] == ["supplychain"]
    assert {"hatchling", "editables"} <= locked


def test_uv_itself_is_locked_by_hash() -> None:
    text = (ROOT / "requirements" / "uv.txt").read_text(encoding="utf-8")
    logical = text.replace("\\\n", "")
    requirements = re.findall(r"^[^#\s].*", logical, re.MULTILINE)
    assert [line.partition("=")[0] for line in requirements] == ["uv"]
    assert re.match(r"uv==\d+\.\d+\.\d+ ", requirements[0])
    hashes = re.findall(r"--hash=sha256:[0-9a-f]{64}\b", requirements[0])
    assert len(hashes) > 10, "one for each platform's wheel"


@pytest.mark.parametrize("folder", sorted((ROOT / "tests" / "tools").iterdir()), ids=workflow_id)
def test_an_outside_tool_is_locked_and_named_like_its_folder(folder: Path) -> None:
    module = (folder / "go.mod").read_text(encoding="utf-8")
    (tool,) = re.findall(r"^tool (\S+)$", module, re.MULTILINE)
    assert tool.rpartition("/")[2] == folder.name, "make expects this name of the program"
    assert re.search(r"^replace\b", module, re.MULTILINE) is None
    checksums = (folder / "go.sum").read_text(encoding="utf-8").splitlines()
    required = re.findall(r"^\s+(\S+ v\S+)", module, re.MULTILINE)
    assert [name for name in required if not any(line.startswith(name) for line in checksums)] == []


def test_the_version_is_told_once() -> None:
    assert read_toml("pyproject.toml")["project"]["version"] == supplychain.__version__


def test_no_module_is_long() -> None:
    long = {str(path.relative_to(ROOT)): line_count(path) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > MAX_MODULE} == {}


def test_modules_are_short_as_a_rule() -> None:
    lengths = [line_count(path) for path in MODULES if path.name != "__init__.py"]
    assert statistics.median(lengths) < MAX_MEDIAN_MODULE


def test_no_function_is_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "base"}
    names = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & empty == set()


def test_every_package_says_what_it_is() -> None:
    packages = [path for path in MODULES if path.name == "__init__.py"]
    assert [
        path for path in packages if not path.read_text(encoding="utf-8").startswith('"""')
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_make_targets_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`|&& )make ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named - make_targets() == set()


def test_the_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"demo", "test"} <= set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE))


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md"])
def test_a_document_links_only_to_files_that_exist(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_no_input_of_a_check_has_its_line_ends_changed_by_git() -> None:
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "tests/checks/** -text" in attributes


def test_the_licence_is_the_unchanged_apache_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.splitlines()[1].strip() == "Apache License"
    assert read_toml("pyproject.toml")["project"]["license"] == "Apache-2.0"


def set_up_with(python: str) -> tuple[int, str]:
    ended = subprocess.run(
        ["sh", str(ROOT / "scripts" / "setup.sh")],
        env={"PATH": os.environ["PATH"], "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_set_up_names_a_python_that_is_not_there() -> None:
    code, errors = set_up_with("/nowhere/python3")
    assert code == 1
    assert errors.startswith(
        "error: python '/nowhere/python3' not found\nhint: install Python 3.11"
    )


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("*print*) echo 3.10.9 ;; *) exit 1 ;;", "is version 3.10.9, older than 3.11"),
        ("*print*) echo 3.11.2 ;; *ensurepip*) exit 1 ;;", "has no venv module"),
        ("*) exit 1 ;;", "does not run"),
    ],
)
def test_set_up_says_what_a_python_lacks(tmp_path: Path, answers: str, expected: str) -> None:
    python = tmp_path / "python with a space"
    python.write_text(f'#!/bin/sh\ncase "$2" in {answers} esac\n', encoding="utf-8")
    python.chmod(0o755)
    code, errors = set_up_with(str(python))
    assert code == 1
    assert errors.splitlines()[0] == f"error: python '{python}' {expected}"
    assert errors.splitlines()[1].startswith("hint: ")
