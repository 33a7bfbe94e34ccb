"""Locks on disk, through collector and inspect item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supplychain.access.environment import Environment
from supplychain.access.tree import WorkingTree
from supplychain.core.digest import Digest
from supplychain.core.policy import LockPolicy, Policy
from supplychain.core.subject import Subject, SubjectKind
from supplychain.lockfiles.collect import lock_file
from supplychain.lockfiles.collect.discovery import is_subject
from supplychain.lockfiles.inspect import lockfile_item
from tests.checks.image_evidence import MAKER, NOW
from tests.checks.lock_evidence import SHA256, accepted, entry, npm_text

POLICY = Policy(
    name="test",
    digest=Digest.of(b"test"),
    lockfiles=LockPolicy(allowed_hosts=accepted().allowed_hosts),
)
PAD = npm_text({"left-pad": entry()})
UV = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1"
source = { virtual = "." }
"""
PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'


def item(folder: Path, name: str, **files: str) -> Any:  # noqa: ANN401 -- JSON
    written = {key.replace("__", "/").replace("_", "."): text for key, text in files.items()}
    for path, text in written.items():
        place = folder / path.replace("package.lock", "package-lock")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    subject = Subject(kind=SubjectKind.LOCKFILE, ref=name, path=name)
    environment = Environment(now=NOW, tool=MAKER, policy=POLICY)
    return lockfile_item(name, lock_file.collect(subject, WorkingTree(folder), environment))


def codes(found: Any) -> list[str]:  # noqa: ANN401 -- JSON
    return [one["code"] for one in found["reasons"]]


def asks(**dependencies: str) -> str:
    return json.dumps(
        {"dependencies": {key.replace("_", "-"): v for key, v in dependencies.items()}}
    )


def test_a_lock_in_sync_says_what_it_holds(tmp_path: Path) -> None:
    found = item(
        tmp_path, "package-lock.json", package_lock_json=PAD, package_json=asks(left_pad="*")
    )
    assert found == {
        "format": "npm",
        "version": "3",
        "manifest": "package.json",
        "sync": "in-sync",
        "entries": 1,
        "reasons": [],
    }


def test_a_reason_tells_the_first_place(tmp_path: Path) -> None:
    text = npm_text(
        {"left-pad": entry(integrity=None), "is-odd": entry("is-odd", "3.0.1", integrity=None)}
    )
    found = item(
        tmp_path,
        "package-lock.json",
        package_lock_json=text,
        package_json=asks(left_pad="*", is_odd="*"),
    )
    assert found["reasons"] == [
        {
            "code": "missing-integrity",
            "level": "blocking",
            "count": 2,
            "first": {"name": "left-pad", "line": 11},
        }
    ]


def test_a_stale_lock_is_out_of_sync(tmp_path: Path) -> None:
    found = item(
        tmp_path, "package-lock.json", package_lock_json=PAD, package_json=asks(left_pad="^2")
    )
    assert (found["sync"], codes(found)) == ("out-of-sync", ["out-of-sync"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unparseable"),
        ("{", "unparseable"),
        ("[]", "unparseable"),
        ('{"lockfileVersion": 9, "packages": {}}', "unparseable"),
        ('{\n<<<<<<< HEAD\n"a": 1\n=======\n>>>>>>> b\n}', "merge-conflict"),
    ],
)
def test_what_is_no_lock_is_malformed(text: str, code: str, tmp_path: Path) -> None:
    found = item(tmp_path, "package-lock.json", package_lock_json=text, package_json=asks(a="1"))
    assert codes(found) == [code]
    assert found["malformed"]["reason"]


def test_utf_16_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_bytes("version = 1".encode("utf-16"))
    assert codes(item(tmp_path, "uv.lock")) == ["unparseable"]


def test_a_manifest_without_a_lock_is_told(tmp_path: Path) -> None:
    assert codes(item(tmp_path, "package.json", package_json=asks(a="1"))) == ["missing-lock"]


def test_rival_locks_are_told(tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").write_text("")
    found = item(
        tmp_path, "package-lock.json", package_lock_json=PAD, package_json=asks(left_pad="*")
    )
    assert codes(found) == ["multiple-lockfiles"]


def test_a_uv_lock_is_compared(tmp_path: Path) -> None:
    assert item(tmp_path, "uv.lock", uv_lock=UV, pyproject_toml=PROJECT)["sync"] == "in-sync"
    changed = PROJECT + 'dependencies = ["leaf"]\n'
    assert item(tmp_path, "uv.lock", uv_lock=UV, pyproject_toml=changed)["sync"] == "out-of-sync"
    dynamic = PROJECT + 'dynamic = ["dependencies"]\n'
    assert item(tmp_path, "uv.lock", uv_lock=UV, pyproject_toml=dynamic)["sync"] == "undecidable"


def test_compiled_requirements_are_compared_with_their_input(tmp_path: Path) -> None:
    hashed = f"leaf==1.0 --hash={SHA256}\n"
    files = {"requirements_txt": hashed, "requirements_in": "leaf>=1\n"}
    assert item(tmp_path, "requirements.txt", **files)["sync"] == "in-sync"
    files["requirements_in"] = "leaf>=2\n"
    assert item(tmp_path, "requirements.txt", **files)["sync"] == "out-of-sync"
    files["requirements_in"] = "leaf\nstem\n"
    assert item(tmp_path, "requirements.txt", **files)["sync"] == "out-of-sync"


def test_a_workspace_is_one_with_its_lock(tmp_path: Path) -> None:
    packages = {
        "": {"workspaces": ["packages/*"]},
        "node_modules/own": {"resolved": "packages/own", "link": True},
        "node_modules/left-pad": entry(),
        "packages/own": {"version": "1.0.0", "dependencies": {"left-pad": "^1.0.0"}},
    }
    lock = json.dumps({"lockfileVersion": 3, "packages": packages})
    root = json.dumps({"workspaces": ["packages/*"]})
    own = json.dumps({"name": "own", "version": "1.0.0", "dependencies": {"left-pad": "^1.0.0"}})
    files = {"package_lock_json": lock, "package_json": root, "packages__own__package_json": own}
    assert item(tmp_path, "package-lock.json", **files)["sync"] == "in-sync"
    assert not is_subject(WorkingTree(tmp_path), "packages/own/package.json")
    files["packages__own__package_json"] = own.replace("^1.0.0", "^2.0.0")
    assert item(tmp_path, "package-lock.json", **files)["sync"] == "out-of-sync"
    files["packages__new__package_json"] = '{"name": "new"}'
    files["packages__own__package_json"] = own
    assert item(tmp_path, "package-lock.json", **files)["sync"] == "out-of-sync"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("package.json", "{}", False),
        ("package.json", '{"dependencies": {"a": "1"}}', True),
        ("package.json", "{", True),
        ("pyproject.toml", "[tool.ruff]\n", False),
        ("pyproject.toml", PROJECT + 'dependencies = ["leaf"]\n', True),
        ("requirements.in", "leaf\n", True),
        ("requirements.txt", "leaf\n", True),
        ("requirements/base.txt", "leaf\n", True),
    ],
)
def test_manifests_are_subjects_where_a_lock_is_wanted(
    name: str, text: str, *, expected: bool, tmp_path: Path
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert is_subject(WorkingTree(tmp_path), name) is expected


def test_version_1_is_read_as_its_nested_tree(tmp_path: Path) -> None:
    nested = {"stem": {**entry("stem", "1.0.0"), "requires": {"left-pad": "^1.0.0"},
                       "dependencies": {"left-pad": entry()}}}  # fmt: skip
    lock = json.dumps({"lockfileVersion": 1, "dependencies": nested})
    files = {"package_lock_json": lock, "package_json": asks(stem="1.0.0")}
    found = item(tmp_path, "package-lock.json", **files)
    assert (found["sync"], found["version"], found["entries"]) == ("in-sync", "1", 2)
    assert "missing-integrity" not in codes(found)


@pytest.mark.parametrize(
    ("asked", "settings", "locked", "sync"),
    [
        ("leaf @ git+https://x.y/a@v1", "", 'git = "https://x.y/a?rev=v1"', "in-sync"),
        ("leaf @ git+https://x.y/a", "", 'git = "https://x.y/a"', "in-sync"),
        ("leaf @ git+https://x.y/a@v2", "", 'git = "https://x.y/a?rev=v1"', "out-of-sync"),
        ("leaf", 'leaf = { path = "../leaf" }', 'directory = "../leaf"', "in-sync"),
        (
            "leaf",
            'leaf = { git = "https://x.y/a", tag = "v1" }',
            'git = "https://x.y/a?tag=v1"',
            "in-sync",
        ),
        ("leaf", 'leaf = { path = "../other" }', 'directory = "../leaf"', "out-of-sync"),
        ("leaf", 'leaf = [{ path = "a", marker = "x" }]', 'directory = "../leaf"', "undecidable"),
    ],
)
def test_sources_of_uv_are_compared(
    asked: str, settings: str, locked: str, sync: str, tmp_path: Path
) -> None:
    lock = f'{UV}[package.metadata]\nrequires-dist = [{{ name = "leaf", {locked} }}]\n'
    project = f'{PROJECT}dependencies = ["{asked}"]\n[tool.uv.sources]\n{settings}\n'
    assert item(tmp_path, "uv.lock", uv_lock=lock, pyproject_toml=project)["sync"] == sync
