"""Whatever a lock, a script or an instruction holds, it is read or refused, never a traceback."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from supplychain.formats import dockerignore, shell
from supplychain.formats.dockerignore import PathPattern
from supplychain.formats.text import MalformedError
from supplychain.lockfiles import npm, npm_sync, requirements, uv, uv_sync
from supplychain.lockfiles.commands import Verdict, classify
from supplychain.lockfiles.inspect import problems_of
from supplychain.lockfiles.model import Sync
from tests.checks.lock_evidence import accepted, entry, npm_text, read_lock

NAMES = st.sampled_from(["leaf", "stem", "@tree/bark", "moss", "a/b", "..", "", "leaf\u202e"])
RANGES = st.sampled_from(
    [
        "*",
        "",
        "^1.0.0",
        "1.x || 2",
        "latest",
        "npm:leaf@^1",
        "file:../x",
        "a/b#main",
        "\ud800",
        "9" * 400,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | RANGES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["version", "resolved", "integrity", "link", "inBundle", "dependencies", "peerDependencies",
     "peerDependenciesMeta", "optionalDependencies", "bundleDependencies", "name",
     "hasInstallScript"]
)  # fmt: skip
PLACES = st.sampled_from(
    ["", "node_modules/leaf", "node_modules/stem", "node_modules/stem/node_modules/leaf",
     "packages/own", "node_modules/@tree/bark", "/", "node_modules", "../x"]
)  # fmt: skip
ENTRIES = st.dictionaries(KEYS, JSON, max_size=5)
LOCKS = st.fixed_dictionaries(
    {"lockfileVersion": st.sampled_from([1, 2, 3, True, "3", 4])},
    optional={
        "packages": st.dictionaries(
            PLACES, st.dictionaries(KEYS, JSON, max_size=5) | JSON, max_size=6
        ),
        "dependencies": st.dictionaries(NAMES, st.dictionaries(KEYS, JSON, max_size=4), max_size=4),
    },
)
MANIFESTS = st.dictionaries(
    st.sampled_from(
        ["dependencies", "devDependencies", "overrides", "peerDependencies", "workspaces"]
    ),
    st.dictionaries(NAMES, RANGES, max_size=4) | JSON,
    max_size=4,
)
SCRIPT = st.lists(
    st.sampled_from(
        ["npm", "ci", "install", "pip", "-r", "x.txt", "&&", "||", ";", "|", "sh", "-c", "'", '"',
         "$(",
         ")", "${V:-", "}", "<<EOF", "\n", "EOF", ">", "=1", "curl", "https://x.y/z", "(", "{",
         "if",
         "then", "fi", "sudo", "env", "A=b", "eval", "uv", "sync", "--locked", "cd", "..",
         "\\", "`"]
    ),
    max_size=25,
).map(" ".join)  # fmt: skip


@given(LOCKS, MANIFESTS)
@settings(max_examples=300, deadline=None)
def test_any_npm_lock_is_judged_or_refused(lock: dict[str, Any], manifest: dict[str, Any]) -> None:
    try:
        read = npm.read(json.dumps(lock))
    except MalformedError:
        return
    comparison = npm_sync.compare(read, manifest, {})
    assert comparison.sync in Sync
    for problem in problems_of(read_lock(read.lock, comparison), accepted()):
        assert problem.message
        assert problem.message.isprintable()


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
@example("leaf==1.0 \\")
@example("-r")
@example("leaf @ git+https://[")
@example("--hash=")
@example("a ;")
def test_any_requirements_are_read_or_refused(text: str) -> None:
    try:
        read = requirements.read(text)
    except MalformedError:
        return
    found = list(problems_of(read_lock(read.lock), accepted()))
    assert len(found) >= sum(not one.pinned for one in read.lock.entries)


@given(
    st.lists(
        st.sampled_from(
            ["version = 1", "[[package]]", 'name = "leaf"', 'version = "1.0"', "source = {}",
             'source = { registry = "https://pypi.org/simple" }', 'source = { git = "https://[" }',
             "wheels = [1, {}]", 'sdist = { url = "a", hash = 1 }', "[package.metadata]",
             'requires-dist = [{ name = "x", marker = "(" }, 3]', "[manifest]", 'members = "x"',
             'dependencies = [{ name = "y" }, "z"]', 'source = { virtual = "." }', "[options]"]
        ),
        max_size=14,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_uv_lock_is_judged_or_refused(lines: list[str]) -> None:
    try:
        read = uv.read("\n".join(lines))
    except MalformedError:
        return
    manifest = {
        "project": {"name": "leaf", "version": "1.0", "dependencies": ["x; os_name == 'a'"]}
    }
    comparison = uv_sync.compare(read, manifest, {})
    assert comparison.sync in Sync
    assert all(one.message for one in problems_of(read_lock(read.lock, comparison), accepted()))


@given(SCRIPT | st.text(max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_script_is_read(text: str) -> None:
    read = shell.read(text)
    for number, command in enumerate(read.commands):
        assert command.line >= 1
        assert command.inside is None or command.inside <= number
        assert command.words or command.assignments or command.redirects


@given(SCRIPT)
@settings(max_examples=300, deadline=None)
def test_any_instruction_is_classified_the_same_twice(text: str) -> None:
    first = classify(f"RUN true; {text}")
    assert first == classify(f"RUN true; {text}")
    ranks = [one.verdict.rank for one in first]
    assert ranks == sorted(ranks)
    assert all(one.verdict in Verdict and one.text.isprintable() for one in first)


@given(
    st.text(alphabet="ab/*?[]!\\-^.", max_size=20),
    st.text(alphabet="ab/.-", min_size=1, max_size=20),
)
@settings(max_examples=500, deadline=None)
def test_any_pattern_matches_or_is_refused(pattern: str, path: str) -> None:
    try:
        read = dockerignore.read(f"{pattern}\n!{path}")
        assert not read.excludes(path) or posixpath.normpath(path) != path.lstrip("/")
        assert PathPattern.parse("**").matches(path)
    except MalformedError:
        return


@given(st.sampled_from(["left-pad", "@tree/bark"]), st.sampled_from(["1.0.0", "2.1.3"]))
def test_what_npm_writes_has_no_problem(name: str, version: str) -> None:
    read = npm.read(npm_text({name: entry(name, version)}))
    comparison = npm_sync.compare(read, {"dependencies": {name: "*"}}, {})
    assert list(problems_of(read_lock(read.lock, comparison), accepted())) == []
