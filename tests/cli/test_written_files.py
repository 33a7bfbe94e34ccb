"""Errors in the files that people write: each names file and line, and what was meant."""

from __future__ import annotations

import pytest

from tests.cli.entry import Entry, Workplace

WAIVER = """\
version = 1
[[waiver]]
check = "BLD001"
reason = "r"
owner = "o"
expires = 2026-12-31
"""
LOCKED = """\
version = 1
[[image]]
reference = "docker.io/library/node:22"
digest = "sha256:{digits}"
media_type = "application/vnd.oci.image.index.v1+json"
platforms = []
seen = []
""".format(digits="1" * 64)

CASES = [
    ("supplychain.toml", "version = 1\nplatform = []\n", 2, "unknown key 'platform'", "platforms"),
    (
        "supplychain.toml",
        "version = 1\n[[exclude]]\npath = 'a'\nreason = 'b'\n[[exclude]]\npaht = 'a'\n",
        6,
        "unknown key 'exclude.1.paht'",
        "path",
    ),
    (
        "supplychain.toml",
        "version = 1\n[registries.mirror]\na = 'http://b'\n",
        2,
        "mirror",
        "mirrors",
    ),
    ("supplychain.toml", "version = 1\nzzzzzz = 1\n", 2, "unknown key 'zzzzzz'", "remove it"),
    ("policy.toml", "version = 1\n\n[decide]\nblok_at = 'low'\n", 4, "decide.blok_at", "block_at"),
    ("policy.toml", "version = 1\n[descide]\n", 2, "unknown key 'descide'", "decide"),
    (
        "policy.toml",
        "version = 1\n[images]\nallowed_registry = []\n",
        3,
        "images.allowed_registry",
        "allowed_registries",
    ),
    ("policies/waivers.toml", WAIVER + "subjct = '*'\n", 7, "waiver.0.subjct", "subject"),
    ("policies/waivers.toml", "version = 1\n[[waivers]]\n", 2, "unknown key 'waivers'", "waiver"),
    ("supplychain.lock", LOCKED + "digst = 1\n", 8, "image.0.digst", "digest"),
    ("supplychain.toml", "platforms = []\n", 1, "has no 'version'", "version = 1"),
    ("supplychain.toml", "\nversion = 2\n", 2, "version 2 is newer", "update supplychain"),
    ("policy.toml", "version = 99\n", 1, "version 99 is newer", "update supplychain"),
    ("policies/waivers.toml", "version = 2\n", 1, "version 2 is newer", "update supplychain"),
    ("supplychain.lock", "version = 2\n", 1, "version 2 is newer", "update supplychain"),
    ("supplychain.toml", "version = '1'\n", 1, "version '1' is no version", "version = 1"),
    ("supplychain.toml", "version = true\n", 1, "version True is no version", "version = 1"),
    ("supplychain.toml", "version = 0\n", 1, "version 0 is no version", "version = 1"),
    ("supplychain.toml", "version = 1\na = \n", 2, "is no TOML", "syntax of that line"),
    ("supplychain.toml", "version = 1\na = [", 2, "is no TOML", "syntax of that line"),
    ("supplychain.toml", b"version = 1\n# \xff\n", 2, "is not UTF-8", "UTF-8"),
    (
        "supplychain.toml",
        "version = 1\nplatforms = ['linux']\n",
        2,
        "'platforms' cannot be",
        "docs",
    ),
    ("supplychain.toml", "version = 1\nplatforms = []\n", 2, "name at least one platform", "docs"),
    ("policy.toml", "version = 1\nextends = 'lax'\n", 2, "'extends' cannot be 'lax'", "docs"),
    (
        "policy.toml",
        "version = 1\n[decide]\nthresholds = {XYZ = 'low'}\n",
        3,
        "cannot be 'XYZ'",
        "docs",
    ),
    ("policies/waivers.toml", "version = 1\n[[waiver]]\ncheck = 'a'\n", 2, "is missing", "add "),
    (
        "supplychain.lock",
        LOCKED.replace("docker.io/library/node", "node"),
        3,
        "is not written out: 'docker.io/library/node:22'",
        "docs",
    ),
    ("supplychain.lock", LOCKED.replace("1" * 64, "1"), 4, "64 lower-case", "docs"),
]


@pytest.mark.parametrize(
    ("name", "content", "line", "message", "hint"),
    CASES,
    ids=[f"{name} {message}" for name, _, _, message, _ in CASES],
)
def test_names_file_and_line_and_what_was_meant(
    workplace: Workplace,
    entry: Entry,
    name: str,
    content: str | bytes,
    line: int,
    message: str,
    hint: str,
) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    path = workplace.write(name, content)
    result = entry.run("gate", ".", *(["--policy", name] if name == "policy.toml" else []))
    told = result.err.splitlines()
    shown = name if name == "policy.toml" else str(path)
    assert (result.code, result.out, len(told)) == (2, "", 2)
    assert told[0].startswith(f"error: {shown}:{line}: ")
    assert message in told[0]
    assert told[1].startswith("hint: ")
    assert hint in told[1]


def test_counts_the_other_problems(workplace: Workplace, entry: Entry) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    workplace.write("supplychain.toml", "version = 1\na = 1\nb = 2\nc = 3\n")
    assert "supplychain.toml:2: unknown key 'a' (and 2 more)" in entry.run("gate", ".").err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version = 1\nx = " + b"[" * 5000, "supplychain.toml"),
        (b"version = 1\nx = " + b"1" * 5000, "is no TOML"),
        (b"version = 1\n" + b"#" * 1024 * 1024, "has more than 1048576 bytes"),
    ],
    ids=["deep", "long number", "large"],
)
def test_hostile_ones_are_errors_as_well(
    workplace: Workplace, entry: Entry, content: bytes, message: str
) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    workplace.write("supplychain.toml", content)
    result = entry.run("gate", ".")
    assert result.code == 2
    assert message in result.err


@pytest.mark.parametrize("name", ["supplychain.lock", "policies/waivers.toml"])
def test_a_folder_in_the_place_of_a_file_is_not_taken_for_nothing(
    workplace: Workplace, entry: Entry, name: str
) -> None:
    workplace.write("Dockerfile", "FROM scratch\n")
    if name.endswith(".toml"):
        workplace.write("supplychain.toml", f'version = 1\nwaivers = "{name}"\n')
    (workplace.root / name).mkdir(parents=True)
    result = entry.run("gate", ".")
    assert result.code == 2
    assert f"{name}': is a folder" in result.err


def test_a_mirror_must_be_a_host(workplace: Workplace, entry: Entry) -> None:
    workplace.write("Dockerfile", "FROM node:22\n")
    workplace.write(
        "supplychain.toml", 'version = 1\n[registries.mirrors]\n"docker.io" = "http://mirror"\n'
    )
    result = entry.run("gate", ".")
    assert result.code == 2
    assert "is plain http" in result.err


class TestProjectFolder:
    def test_is_the_nearest_upwards(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("supplychain.toml", "version = 1\nnonsense = 1\n")
        workplace.write("a/b/Dockerfile", "FROM scratch\n")
        assert entry.run("gate", "a/b").code == 2

    def test_is_not_beyond_the_checkout(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("supplychain.toml", "version = 1\nnonsense = 1\n")
        workplace.write("a/.git", "gitdir: nowhere\n")
        workplace.write("a/b/Dockerfile", "FROM scratch\n")
        assert entry.run("gate", "a/b").code == 0

    def test_is_told_by_a_lock_as_well(self, workplace: Workplace, entry: Entry) -> None:
        (workplace.root / "supplychain.toml").unlink()
        workplace.write("supplychain.lock", "version = 2\n")
        workplace.write("a/Dockerfile", "FROM scratch\n")
        assert entry.run("gate", "a").code == 2

    def test_may_be_chosen(self, workplace: Workplace, entry: Entry) -> None:
        workplace.write("Dockerfile", "FORM scratch\n")
        chosen = workplace.write(
            "ci/fleet.toml", 'version = 1\n[[exclude]]\npath = "Dockerfile"\nreason = "r"\n'
        )
        assert entry.run("gate", ".", "--config", str(chosen)).code == 1, "its root is another"
        chosen = chosen.rename(workplace.root / "fleet.toml")
        workplace.write("a/Dockerfile", "FROM scratch\n")
        assert entry.run("gate", ".", "--config", str(chosen)).code == 0
