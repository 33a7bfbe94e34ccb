"""Locks on disk, through collector and inspect item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supplychain.access.environment import Environment
from supplychain.access.tree import WorkingTree
from supplychain.core.digest import Digest
from supplychain.core.evidence import Gap
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


NPM_SOURCES: list[tuple[dict[str, Any], str]] = [
    ({"resolved": f"git+ssh://git@x.y/a/b.git#{'a' * 40}"}, "unsatisfied-edge"),
    ({"resolved": "file:../a.tgz"}, "unsatisfied-edge"),
    ({"name": "other"}, "unsatisfied-edge"),
    ({"inBundle": True, "resolved": None, "integrity": None}, "missing-integrity"),
]


@pytest.mark.parametrize(("change", "code"), NPM_SOURCES)
def test_an_entry_from_elsewhere_than_asked_is_told(
    change: dict[str, Any], code: str, tmp_path: Path
) -> None:
    changed = {**entry(), **change}
    lock = npm_text({"left-pad": {key: value for key, value in changed.items() if value}})
    found = item(
        tmp_path, "package-lock.json", package_lock_json=lock, package_json=asks(left_pad="*")
    )
    assert code in codes(found)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"a @ git+http://x.y/a.git@{'a' * 40}", "insecure-url"),
        (f"ftp://x.y/a.whl --hash={SHA256}", "insecure-url"),
        (f"file://x.y/a.whl --hash={SHA256}", "insecure-url"),
        (f"HTTPS://x.y/a.whl --hash={SHA256}", "untrusted-host"),
        (f"a @ ${{U}}/a.whl --hash={SHA256}", "untrusted-host"),
        ("-f //x.y", "extra-index"),
        ("-r https://x.y/r.txt", "missing-integrity"),
        ("leaf==1;" + "(" * 5000 + "python_version>'3'" + ")" * 5000, "unparseable"),
    ],
)
def test_requirements_from_strange_places_are_told(line: str, code: str, tmp_path: Path) -> None:
    text = f"{line}\nstem==1.0 --hash={SHA256}\n"
    assert code in codes(item(tmp_path, "requirements.txt", requirements_txt=text))


def test_an_include_without_hashes_is_told(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("leaf\n")
    text = f"-r other.txt\nstem==1.0 --hash={SHA256}\n"
    found = item(tmp_path, "requirements.txt", requirements_txt=text)
    assert "missing-integrity" in codes(found)


def test_an_address_that_the_compiled_file_lacks_is_out_of_sync(tmp_path: Path) -> None:
    files = {
        "requirements_txt": f"stem==1.0 --hash={SHA256}\n",
        "requirements_in": "git+https://x.y/a.git\n",
    }
    assert item(tmp_path, "requirements.txt", **files)["sync"] == "out-of-sync"


@pytest.mark.parametrize("name", ["requirements_txt", "header"])
def test_a_file_that_is_named_and_missing_is_a_gap(name: str, tmp_path: Path) -> None:
    header = "-r x.txt" if name == "requirements_txt" else "# uv pip compile pyproject.toml"
    (tmp_path / "requirements.txt").write_text(f"{header}\nstem==1.0 --hash={SHA256}\n")
    subject = Subject(kind=SubjectKind.LOCKFILE, ref="requirements.txt", path="requirements.txt")
    environment = Environment(now=NOW, tool=MAKER, policy=POLICY)
    pieces = list(lock_file.collect(subject, WorkingTree(tmp_path), environment))
    assert [one.id for one in pieces if isinstance(one, Gap)] == ["file-unreadable"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (f'git = "https://x.y/a?rev=v1#{"a" * 40}"', "invalid-lock"),
        ('virtual = "a"', "missing-integrity"),
    ],
)
def test_a_package_of_uv_from_elsewhere_is_told(source: str, code: str, tmp_path: Path) -> None:
    wheel = 'wheels = [{ url = "https://x.y/leaf-1-py3-none-any.whl" }]\n'
    lock = (
        f'{UV}[package.metadata]\nrequires-dist = [{{ name = "leaf" }}]\n'
        f'[[package]]\nname = "leaf"\nversion = "1"\nsource = {{ {source} }}\n'
        + (wheel if "virtual" in source else "")
    )
    project = f'{PROJECT}dependencies = ["leaf"]\n'
    assert code in codes(item(tmp_path, "uv.lock", uv_lock=lock, pyproject_toml=project))


@pytest.mark.parametrize("part", [".a", '."\\""'])
def test_an_endless_key_is_malformed(part: str, tmp_path: Path) -> None:
    assert codes(item(tmp_path, "uv.lock", uv_lock=f"a{part * 50_000} = 1")) == ["unparseable"]
