from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from supplychain.core.finding import Severity
from supplychain.core.reference import ImageReference
from supplychain.errors import ConfigError, UsageError
from supplychain.fleet.policy_file import SHIPPED, load_policy, shipped_text
from tests.cli.entry import ROOT


def write(folder: Path, text: str, name: str = "ours.toml") -> Path:
    path = folder / name
    path.write_text(f"version = 1\n{text}", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_ones_lie_in_the_checkout(name: str) -> None:
    assert shipped_text(name) == (ROOT / "policies" / f"{name}.toml").read_bytes()
    policy = load_policy(name)
    assert policy.name == name
    assert policy.files[0] == f"policies/{name}.toml"


def test_the_default_blocks_high_and_allows_the_usual_registries() -> None:
    policy = load_policy("default")
    assert (policy.block_at, policy.block_unknown) == (Severity.HIGH, False)
    for text in ("node", "ghcr.io/a/b", "quay.io/a/b", "nvcr.io/a/b", "localhost:5000/a"):
        assert policy.allows(ImageReference.parse(text))
    assert not policy.allows(ImageReference.parse("registry.example/a"))


def test_strict_takes_from_the_default_what_it_does_not_say() -> None:
    strict, default = load_policy("strict"), load_policy("default")
    assert (strict.block_at, strict.block_unknown) == (Severity.MEDIUM, True)
    assert strict.allowed_registries == default.allowed_registries


class TestOwn:
    def test_that_extends_nothing_stands_alone(self, tmp_path: Path) -> None:
        policy = load_policy(str(write(tmp_path, "")))
        assert (policy.name, policy.allowed_registries) == ("ours", ())
        assert policy.block_at is Severity.HIGH

    def test_that_extends_one_has_its_own_name(self, tmp_path: Path) -> None:
        policy = load_policy(str(write(tmp_path, 'extends = "default"\n')))
        assert policy.name == "ours"
        assert policy.files == (f"{tmp_path}/ours.toml", "policies/default.toml")
        assert load_policy(str(write(tmp_path, 'name = "acme"\n'))).name == "acme"

    def test_that_extends_strict_extends_the_default_as_well(self, tmp_path: Path) -> None:
        text = 'extends = "strict"\n[decide]\nblock_at = "critical"\nthresholds = {IMG = "low"}\n'
        policy = load_policy(str(write(tmp_path, text)))
        assert (policy.block_at, policy.block_unknown) == (Severity.CRITICAL, True)
        assert policy.thresholds["IMG"] is Severity.LOW
        assert len(policy.files) == 3
        assert policy.allows(ImageReference.parse("node"))

    def test_that_is_silent_by_an_empty_list_means_it(self, tmp_path: Path) -> None:
        text = 'extends = "default"\n[images]\nallowed_registries = []\n'
        assert load_policy(str(write(tmp_path, text))).allowed_registries == ()

    def test_may_have_any_file_name(self, tmp_path: Path) -> None:
        assert load_policy(str(write(tmp_path, "", name="rules"))).name == "rules"

    def test_names_what_may_be_missing_and_who_speaks_plainly(self, tmp_path: Path) -> None:
        text = '[evidence]\noptional = ["a"]\n[images]\ninsecure_registries = ["r:5000"]\n'
        policy = load_policy(str(write(tmp_path, text)))
        assert policy.optional_evidence == {"a"}
        assert policy.insecure_registries == {"r:5000"}


class TestDigest:
    def test_changes_with_every_file(self, tmp_path: Path) -> None:
        one = load_policy(str(write(tmp_path, 'extends = "default"\n')))
        same = load_policy(str(write(tmp_path, 'extends = "default"\n')))
        spaced = load_policy(str(write(tmp_path, 'extends = "default" \n')))
        other = load_policy(str(write(tmp_path, 'extends = "strict"\n')))
        waivers = write(tmp_path, "", name="waivers.toml")
        waived = load_policy(str(write(tmp_path, 'extends = "default"\n')), waivers)
        assert one.digest == same.digest
        assert len({one.digest, spaced.digest, other.digest, waived.digest}) == 4

    def test_cannot_be_kept_by_moving_bytes_between_files(self, tmp_path: Path) -> None:
        policy = write(tmp_path, "# a\n")
        waivers = write(tmp_path, "# b\n", name="waivers.toml")
        first = load_policy(str(policy), waivers)
        policy.write_text("version = 1\n# a\n# x\n", encoding="utf-8")
        second = load_policy(str(policy), waivers)
        assert first.digest != second.digest


class TestWaivers:
    TEXT = """
[[waiver]]
check = "IMG001"
subject = "web/*"
reason = " because "
owner = "me"
expires = 2026-12-31
[[waiver]]
vulnerability = "CVE-2026-1"
package = "openssl"
reason = "r"
owner = "o"
expires = 2027-01-01
"""

    def test_are_read(self, tmp_path: Path) -> None:
        policy = load_policy("default", write(tmp_path, self.TEXT))
        first, second = policy.waivers
        assert (first.check, first.subject, first.reason) == ("IMG001", "web/*", "because")
        assert (first.expires, first.scope) == (date(2026, 12, 31), None)
        assert (second.check, second.subject) == (None, "*")
        assert second.scope is not None
        assert (second.scope.vulnerability, second.scope.package) == ("CVE-2026-1", "openssl")

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('check = "IMG001"\n', "", "name a check or a vulnerability"),
            ('vulnerability = "CVE-2026-1"\n', 'check = "VUL001"\n', "need a vulnerability"),
            ('reason = "r"\n', 'reason = ""\n', "at least 1 character"),
            ('reason = "r"\n', 'reason = "  "\n', "at least 1 character"),
            ('reason = "r"\n', "", "'waiver.1.reason' is missing"),
            ('owner = "o"\n', "", "'waiver.1.owner' is missing"),
            ("expires = 2027-01-01\n", "", "'waiver.1.expires' is missing"),
            ("expires = 2027-01-01", 'expires = "never"', "cannot be 'never'"),
            ("expires = 2027-01-01", "expires = 2027-01-01T01:00:00", "cannot be"),
        ],
    )
    def test_that_say_too_little_are_refused(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        with pytest.raises(ConfigError, match=message):
            load_policy("default", write(tmp_path, self.TEXT.replace(old, new)))


@pytest.mark.parametrize(
    ("name", "hint"), [("defualt", "did you mean 'default'?"), ("x", "default, strict")]
)
def test_one_that_is_not_there_is_a_users_error(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_policy(name)
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_a_file_cannot_take_the_name_of_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, '[decide]\nblock_at = "critical"\n', name="default")
    assert load_policy("default").block_at is Severity.HIGH
