"""Locks judged by npm, uv and pip themselves: our reading must agree with each of them.

The packages come from a registry on this machine. A lock is written by the tool, then either it or
its manifest is changed, and both the tool and we say whether the two still belong together.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from supplychain.access.tree import WorkingTree
from supplychain.formats.text import MalformedError
from supplychain.lockfiles.collect.pairs import hash_mode, read_pair, read_requirements
from supplychain.lockfiles.evidence import LockRules
from supplychain.lockfiles.model import Format, Level, Sync
from supplychain.lockfiles.rules import ALL
from tests.checks.image_evidence import FILE, MAKER, NOW
from tests.simulators.packages import NpmPackage, PackageRegistry, Wheel

pytestmark = pytest.mark.tools

SECONDS = 60  # for one run of a tool

NPM = (
    NpmPackage(name="leaf", version="1.0.0"),
    NpmPackage(name="leaf", version="1.2.0"),
    NpmPackage(name="leaf", version="2.0.0"),
    NpmPackage(name="stem", version="1.0.0", asks={"dependencies": {"leaf": "^1.0.0"}}),
    NpmPackage(name="stem", version="1.1.0", asks={"dependencies": {"leaf": "^1.1.0"}}),
    NpmPackage(name="stem", version="2.0.0", asks={"dependencies": {"leaf": "^2.0.0"}}),
    NpmPackage(name="@tree/bark", version="1.0.0", asks={"peerDependencies": {"leaf": ">=1"}}),
    NpmPackage(name="moss", version="1.0.0", asks={"optionalDependencies": {"leaf": "^1.0.0"}}),
    NpmPackage(
        name="root", version="3.0.0", asks={"dependencies": {"stem": "^1.0.0", "leaf": "2"}}
    ),
    NpmPackage(name="seed", version="1.0.0-beta.1"),
    NpmPackage(name="seed", version="1.0.0"),
)
WHEELS = (
    Wheel(name="leaf", version="1.0"),
    Wheel(name="leaf", version="1.2"),
    Wheel(name="leaf", version="2.0"),
    Wheel(name="stem", version="1.0", lines=("Requires-Dist: leaf>=1",)),
    Wheel(
        name="stem",
        version="2.0",
        lines=(
            "Provides-Extra: moss",
            "Requires-Dist: leaf>=2",
            "Requires-Dist: moss; extra == 'moss'",
        ),
    ),
    Wheel(name="moss", version="0.5"),
    Wheel(name="bark_lib", version="1.0"),
)

Tables = dict[str, Any]
Change = Callable[[Tables, Tables], None]


@pytest.fixture(scope="module")
def registry() -> Iterator[PackageRegistry]:
    with PackageRegistry(NPM, WHEELS) as running:
        yield running


def _tool(name: str) -> str:
    built = Path(__file__).parents[2] / ".tools" / "uv" / "bin" / name
    found = str(built) if built.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _run(folder: Path, *command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    base = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        command,
        cwd=folder,
        env=base | env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


# npm ---------------------------------------------------------------------------------------------

BASES: dict[str, Tables] = {
    "plain": {"dependencies": {"stem": "^1.0.0"}},
    "deep": {
        "dependencies": {"root": "^3.0.0", "leaf": "^1.0.0"},
        "devDependencies": {"moss": "1"},
    },
    "peers": {"dependencies": {"@tree/bark": "1.x", "leaf": "~1.2.0"}},
    "alias": {"dependencies": {"twig": "npm:leaf@^1.0.0"}, "optionalDependencies": {"moss": "*"}},
    "overridden": {"dependencies": {"stem": "^2.0.0"}, "overrides": {"leaf": "1.2.0"}},
    "tagged": {"dependencies": {"seed": "latest", "stem": ">=1.0.0 <2"}},
}


def _nothing(manifest: Tables, lock: Tables) -> None:
    del manifest, lock


def _asks(section: str, name: str, wanted: str | None) -> Change:
    def change(manifest: Tables, lock: Tables) -> None:
        del lock
        table = manifest.setdefault(section, {})
        if wanted is None:
            table.pop(name, None)
        else:
            table[name] = wanted

    return change


def _drops(place: str) -> Change:
    def change(manifest: Tables, lock: Tables) -> None:
        del manifest
        lock["packages"].pop(place, None)

    return change


def _sets(place: str, key: str, value: object) -> Change:
    def change(manifest: Tables, lock: Tables) -> None:
        del manifest
        lock["packages"].setdefault(place, {})[key] = value

    return change


def _replaced(place: str, version: str) -> Change:
    """Put another version of leaf into the lock, with its own hash."""

    def change(manifest: Tables, lock: Tables) -> None:
        del manifest
        data = next(one for one in NPM if (one.name, one.version) == ("leaf", version)).tarball()
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        entry = lock["packages"][place]
        entry["resolved"] = entry["resolved"].replace(entry["version"], version)
        entry |= {"version": version, "integrity": f"sha512-{digest}"}

    return change


def _adds_extra(manifest: Tables, lock: Tables) -> None:
    del manifest
    lock["packages"]["node_modules/extra"] = {"version": "9.9.9"}


def _overrides(value: str | None) -> Change:
    def change(manifest: Tables, lock: Tables) -> None:
        del lock
        manifest.pop("overrides", None)
        if value is not None:
            manifest["overrides"] = {"leaf": value}

    return change


NPM_CASES: list[tuple[str, str, Change]] = [
    *((base, "unchanged", _nothing) for base in BASES),
    ("plain", "range still met", _asks("dependencies", "stem", "^1.1.0")),
    ("plain", "range no longer met", _asks("dependencies", "stem", "^2.0.0")),
    ("plain", "exact and met", _asks("dependencies", "stem", "1.1.0")),
    ("plain", "exact and not met", _asks("dependencies", "stem", "1.0.0")),
    ("plain", "or", _asks("dependencies", "stem", "2.0.0 || 1.1.x")),
    ("plain", "hyphen", _asks("dependencies", "stem", "1.0.0 - 1.0.9")),
    ("plain", "star", _asks("dependencies", "stem", "*")),
    ("plain", "nothing written", _asks("dependencies", "stem", "")),
    ("plain", "tag", _asks("dependencies", "stem", "latest")),
    ("plain", "added and hoisted", _asks("dependencies", "leaf", "^1.0.0")),
    ("plain", "added and not met", _asks("dependencies", "leaf", "^2.0.0")),
    ("plain", "added and absent", _asks("dependencies", "seed", "^1.0.0")),
    ("plain", "added for development", _asks("devDependencies", "moss", "^1.0.0")),
    ("plain", "added as optional", _asks("optionalDependencies", "moss", "^1.0.0")),
    ("plain", "added as peer", _asks("peerDependencies", "seed", "^1.0.0")),
    ("plain", "moved to development", _asks("devDependencies", "stem", "^1.0.0")),
    ("plain", "removed", _asks("dependencies", "stem", None)),
    ("plain", "aliased", _asks("dependencies", "stem", "npm:leaf@1.1.0")),
    ("plain", "transitive dropped", _drops("node_modules/leaf")),
    ("plain", "direct dropped", _drops("node_modules/stem")),
    ("plain", "transitive of another version", _replaced("node_modules/leaf", "2.0.0")),
    ("plain", "transitive older and met", _replaced("node_modules/leaf", "1.2.0")),
    ("plain", "transitive older and not met", _replaced("node_modules/leaf", "1.0.0")),
    ("plain", "direct of another version", _sets("node_modules/stem", "version", "2.0.0")),
    ("plain", "edge rewritten", _sets("node_modules/stem", "dependencies", {"leaf": "^2.0.0"})),
    ("plain", "edge removed", _sets("node_modules/stem", "dependencies", {})),
    ("plain", "root rewritten", _sets("", "dependencies", {"stem": "^9.0.0"})),
    ("plain", "extra entry", _adds_extra),
    ("deep", "nested dropped", _drops("node_modules/root/node_modules/leaf")),
    ("deep", "development removed", _asks("devDependencies", "moss", None)),
    ("deep", "development no longer met", _asks("devDependencies", "moss", "^2.0.0")),
    ("deep", "caret of zero", _asks("dependencies", "leaf", "^0.1.0")),
    ("deep", "tilde", _asks("dependencies", "leaf", "~1.2")),
    ("deep", "spaces", _asks("dependencies", "leaf", "  >=1.0.0   <  2.0.0 ")),
    ("peers", "peer dropped", _drops("node_modules/leaf")),
    ("peers", "peer of another version", _asks("dependencies", "leaf", "^2.0.0")),
    ("alias", "alias of another version", _asks("dependencies", "twig", "npm:leaf@^2.0.0")),
    ("alias", "alias still met", _asks("dependencies", "twig", "npm:leaf@1.x")),
    ("alias", "optional dropped", _drops("node_modules/moss")),
    ("overridden", "override changed", _overrides("1.0.0")),
    ("overridden", "override removed", _overrides(None)),
    ("overridden", "override as range", _overrides("^1.0.0")),
    ("tagged", "prerelease asked for", _asks("dependencies", "seed", "^1.0.0-beta.1")),
    ("tagged", "only prerelease", _asks("dependencies", "seed", "1.0.0-beta.1")),
]


@pytest.fixture(scope="module")
def npm_locks(
    registry: PackageRegistry, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    npm, locks = _tool("npm"), {}
    for name, base in BASES.items():
        folder = tmp_path_factory.mktemp(name)
        (folder / "package.json").write_text(
            json.dumps({"name": "app", "version": "1.0.0", **base})
        )
        env = npm_environment(registry, tmp_path_factory.getbasetemp())
        made = _run(folder, npm, "install", "--package-lock-only", "--ignore-scripts", env=env)
        assert made.returncode == 0, made.stderr
        locks[name] = (folder / "package-lock.json").read_text()
    return locks


def npm_environment(registry: PackageRegistry, folder: Path) -> dict[str, str]:
    return {
        "npm_config_registry": registry.url,
        "npm_config_cache": str(folder / "npm-cache"),
        "npm_config_userconfig": str(folder / "no-npmrc"),
        "npm_config_globalconfig": str(folder / "no-global-npmrc"),
        "npm_config_update_notifier": "false",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
    }


@pytest.mark.parametrize(("base", "what", "change"), NPM_CASES, ids=lambda one: str(one)[:40])
def test_npm_ci_agrees(
    base: str,
    what: str,
    change: Change,
    registry: PackageRegistry,
    npm_locks: dict[str, str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    del what
    manifest: Tables = {"name": "app", "version": "1.0.0", **json.loads(json.dumps(BASES[base]))}
    lock = json.loads(npm_locks[base])
    change(manifest, lock)
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock, indent=2))
    env = npm_environment(registry, tmp_path_factory.getbasetemp())
    judged = _run(tmp_path, _tool("npm"), "ci", "--dry-run", "--ignore-scripts", env=env)
    assert _npm_accepts(tmp_path) == (judged.returncode == 0), judged.stderr


def _npm_accepts(folder: Path) -> bool:
    """Say what our findings amount to for ``npm ci``: in sync, and no hole in the tree."""
    pair = read_pair(WorkingTree(folder), "package-lock.json", Format.NPM)
    assert pair.comparison.sync is not Sync.UNDECIDABLE
    codes = {one.code for one in pair.comparison.problems if one.level is Level.BLOCKING}
    return not codes & {"out-of-sync", "incomplete-tree", "unsatisfied-edge"}


# uv ----------------------------------------------------------------------------------------------

PROJECT = """\
[project]
name = "app"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["stem>=2", "leaf; sys_platform == 'linux'"]

[project.optional-dependencies]
extra = ["bark-lib==1.0"]

[dependency-groups]
dev = ["moss", {include-group = "lint"}]
lint = ["leaf>=1"]

[tool.uv]
package = false
"""
UV_CASES: list[tuple[str, str, str]] = [
    ("unchanged", "", ""),
    ("spaces in a specifier", '"stem>=2"', '"stem >= 2"'),
    ("a trailing zero", '"stem>=2"', '"stem>=2.0"'),
    ("a lower bound raised", '"stem>=2"', '"stem>=2,<3"'),
    ("a bound removed", '"stem>=2"', '"stem"'),
    ("an extra added", '"stem>=2"', '"stem[moss]>=2"'),
    ("a dependency added", '"stem>=2"', '"stem>=2", "moss"'),
    ("a dependency removed", ", \"leaf; sys_platform == 'linux'\"", ""),
    (
        "the order changed",
        '["stem>=2", "leaf; sys_platform == \'linux\'"]',
        '["leaf; sys_platform == \'linux\'", "stem>=2"]',
    ),
    ("a name spelt otherwise", '"bark-lib==1.0"', '"Bark_Lib==1.0"'),
    ("a marker changed", "== 'linux'", "== 'win32'"),
    ("a marker quoted otherwise", "sys_platform == 'linux'", "'linux' == sys_platform"),
    ("a marker that always holds", '"stem>=2"', "\"stem>=2; python_version >= '3.8'\""),
    ("a marker on the version", '"stem>=2"', "\"stem>=2; python_version < '3.12'\""),
    ("an extra renamed", "extra = [", "other = ["),
    ("an extra's pin changed", '"bark-lib==1.0"', '"bark-lib>=1.0"'),
    ("a group's requirement changed", 'lint = ["leaf>=1"]', 'lint = ["leaf>=1.2"]'),
    ("a group's include written out", '{include-group = "lint"}', '"leaf>=1"'),
    ("a group removed", 'dev = ["moss", {include-group = "lint"}]\n', ""),
    ("a group added", 'lint = ["leaf>=1"]', 'lint = ["leaf>=1"]\ntest = ["moss"]'),
    ("an empty group added", 'lint = ["leaf>=1"]', 'lint = ["leaf>=1"]\ntest = []'),
    ("the version changed", 'version = "1.0.0"', 'version = "1.0.1"'),
    ("the name changed", 'name = "app"', 'name = "other"'),
    ("a wider Python", '">=3.11"', '">=3.10"'),
    ("a narrower Python", '">=3.11"', '">=3.12"'),
    ("the same Python otherwise", '">=3.11"', '">=3.11.0"'),
    (
        "a constraint added",
        "package = false",
        'package = false\nconstraint-dependencies = ["leaf<3"]',
    ),
    ("an override added", "package = false", 'package = false\noverride-dependencies = ["leaf<3"]'),
    ("a resolution mode", "package = false", 'package = false\nresolution = "lowest"'),
    ("the default mode", "package = false", 'package = false\nresolution = "highest"'),
]


def uv_environment(registry: PackageRegistry, folder: Path) -> dict[str, str]:
    return {
        "UV_DEFAULT_INDEX": f"{registry.url}/simple",
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "UV_NO_SYSTEM_CONFIG": "1",
        "XDG_CONFIG_HOME": str(folder / "no-config"),
        "XDG_CONFIG_DIRS": str(folder / "no-config"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }


@pytest.fixture(scope="module")
def uv_lock(registry: PackageRegistry, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("uv")
    (folder / "pyproject.toml").write_text(PROJECT)
    env = uv_environment(registry, tmp_path_factory.getbasetemp())
    made = _run(folder, _tool("uv"), "lock", env=env)
    assert made.returncode == 0, made.stderr
    return (folder / "uv.lock").read_text()


@pytest.mark.parametrize(("what", "old", "new"), UV_CASES, ids=[one[0] for one in UV_CASES])
def test_uv_lock_check_agrees(
    what: str,
    old: str,
    new: str,
    registry: PackageRegistry,
    uv_lock: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    assert old in PROJECT, what
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace(old, new, 1) if old else PROJECT)
    (tmp_path / "uv.lock").write_text(uv_lock)
    env = uv_environment(registry, tmp_path_factory.getbasetemp())
    judged = _run(tmp_path, _tool("uv"), "lock", "--check", env=env)
    pair = read_pair(WorkingTree(tmp_path), "uv.lock", Format.UV)
    expected = Sync.IN_SYNC if judged.returncode == 0 else Sync.OUT_OF_SYNC
    assert pair.comparison.sync is expected, judged.stderr


# pip ---------------------------------------------------------------------------------------------

LEAF, STEM = WHEELS[2], WHEELS[4]
HASHED = f"stem==2.0 --hash=sha256:{STEM.sha256}\nleaf==2.0 --hash=sha256:{LEAF.sha256}\n"
PIP_CASES: list[tuple[str, str]] = [
    ("hashed", HASHED),
    ("continued", HASHED.replace(" --hash", " \\\n    --hash")),
    ("commented", f"# made by hand\n{HASHED.replace(chr(10), '  # why' + chr(10))}"),
    ("hash by option and space", HASHED.replace("--hash=", "--hash ")),
    ("two hashes", HASHED.replace("leaf==2.0", f"leaf==2.0 --hash=sha256:{'0' * 64}")),
    ("sha512 as well", HASHED.replace("leaf==2.0", f"leaf==2.0 --hash=sha512:{'0' * 128}")),
    ("one without a hash", f"{HASHED}moss==0.5\n"),
    ("one not pinned", HASHED.replace("leaf==2.0", "leaf>=2.0")),
    ("one with a wildcard", HASHED.replace("leaf==2.0", "leaf==2.*")),
    ("one with two bounds", HASHED.replace("leaf==2.0", "leaf==2.0,>1")),
    ("md5", HASHED.replace(f"sha256:{LEAF.sha256}", f"md5:{'0' * 32}")),
    ("no algorithm", HASHED.replace(f"sha256:{LEAF.sha256}", LEAF.sha256)),
    ("unknown option", f"--no-such-option\n{HASHED}"),
    ("no requirement", f"{HASHED}===\n"),
    ("marker that does not hold", f"{HASHED}moss==0.5 ; python_version < '3'\n"),
    ("listed twice", f"{HASHED}leaf==2.0 --hash=sha256:{LEAF.sha256}\n"),
]


@pytest.mark.parametrize(("what", "text"), PIP_CASES, ids=[one[0] for one in PIP_CASES])
def test_pip_in_hash_mode_agrees(
    what: str, text: str, registry: PackageRegistry, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    command = (
        sys.executable, "-m", "pip", "install", "--dry-run", "--require-hashes", "--no-deps",
        "--disable-pip-version-check", "--no-cache-dir", "--ignore-installed",
        "--index-url", f"{registry.url}/simple", "-r", "requirements.txt",
    )  # fmt: skip
    if shutil.which("pip") is None:
        pytest.skip("pip is not installed")
    pip = [shutil.which("pip") or "pip", *command[3:]]
    judged = _run(tmp_path, *pip, env={"PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(tmp_path)})
    accepted = _pip_accepts(tmp_path)
    known = {"marker that does not hold", "listed twice", "one with a wildcard"}
    if what in known:  # stricter than pip, on purpose: other machines, second lines, patterns
        assert not accepted
        return
    assert accepted == (judged.returncode == 0), judged.stderr


def _pip_accepts(folder: Path) -> bool:
    tree = WorkingTree(folder)
    try:
        read = read_requirements(tree, "requirements.txt")
    except MalformedError:
        return False
    assert hash_mode(tree, "requirements.txt", read)
    rules = LockRules(
        subject=FILE,
        producer=MAKER,
        observed_at=NOW,
        allowed_hosts={"pypi": ()},
        algorithms=("sha256", "sha384", "sha512"),
    )
    problems = [one for rule in ALL for one in rule(read.lock, rules)]
    return not any(one.level is Level.BLOCKING for one in problems)
