from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.errors import ConfigError, UsageError
from supplychain.fleet.fleet_file import FLEET_NAME, FleetFile, Project, find_project


def write(folder: Path, text: str = "", name: str = FLEET_NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"version = 1\n{text}", encoding="utf-8")
    return path


def project(folder: Path, text: str) -> Project:
    write(folder, text)
    return find_project([folder])


@pytest.mark.parametrize(
    ("path", "name", "excluded"),
    [
        ("old", "old/Dockerfile", True),
        ("old/", "old/a/b/Dockerfile", True),
        ("old", "older/Dockerfile", False),
        ("old", "a/old/Dockerfile", False),
        ("old/Dockerfile", "old/Dockerfile", True),
        ("old/Dockerfile", "old/Dockerfile.dev", False),
        ("*.old.Dockerfile", "a/b.old.Dockerfile", True),
        ("*/old/*", "a/old/Dockerfile", True),
        ("[ab]/*", "b/Dockerfile", True),
        ("OLD", "old/Dockerfile", False),
        ("/", "Dockerfile", False),
        ("*", "a/Dockerfile", True),
    ],
)
def test_an_exclude_is_a_path_or_a_pattern(
    tmp_path: Path, path: str, name: str, *, excluded: bool
) -> None:
    found = project(tmp_path, f'[[exclude]]\npath = "{path}"\nreason = " kept "\n')
    assert found.exclusion(name) == ("kept" if excluded else None)


def test_platforms_are_those_of_most_servers_unless_told(tmp_path: Path) -> None:
    assert [str(one) for one in project(tmp_path, "").platforms] == ["linux/amd64"]
    found = project(tmp_path, 'platforms = ["linux/aarch64", "linux/arm/7"]\n')
    assert [str(one) for one in found.platforms] == ["linux/arm64", "linux/arm/v7"]


@pytest.mark.parametrize(
    ("policy", "chosen", "name"),
    [
        ("", None, "default"),
        ('policy = "strict"\n', None, "strict"),
        ('policy = "strict"\n', "default", "default"),
        ('policy = "rules/a.toml"\n', None, "{root}/rules/a.toml"),
        ('policy = "rules/a.toml"\n', "b.toml", "b.toml"),
    ],
)
def test_the_policy_is_the_chosen_one_else_the_fleets(
    tmp_path: Path, policy: str, chosen: str | None, name: str
) -> None:
    assert project(tmp_path, policy).policy_name(chosen) == name.format(root=tmp_path)


def test_waivers_are_the_named_ones_else_the_usual_ones(tmp_path: Path) -> None:
    found = project(tmp_path, "")
    assert found.waivers_path is None
    usual = write(tmp_path / "policies", name="waivers.toml")
    assert found.waivers_path == usual
    assert project(tmp_path, 'waivers = "w.toml"\n').waivers_path == tmp_path / "w.toml"


class TestFinding:
    def test_is_the_nearest_folder_that_says_so(self, tmp_path: Path) -> None:
        write(tmp_path)
        write(tmp_path / "a", name="supplychain.lock")
        (tmp_path / "a/b").mkdir()
        (tmp_path / "c").mkdir()
        assert find_project([tmp_path / "a/b"]).root == tmp_path / "a"
        assert find_project([tmp_path / "c"]).root == tmp_path
        assert find_project([tmp_path / "c"]).has_file

    def test_is_else_the_folder_given(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        file = tmp_path / "a" / "Dockerfile"
        file.parent.mkdir()
        file.touch()
        for given in (file, file.parent):
            found = find_project([given])
            assert (found.root, found.has_file) == (tmp_path / "a", False)
            assert found.fleet == FleetFile(version=1)

    def test_is_that_of_the_first_path(self, tmp_path: Path) -> None:
        write(tmp_path / "a")
        write(tmp_path / "b")
        assert find_project([tmp_path / "b", tmp_path / "a"]).root == tmp_path / "b"

    def test_is_the_current_folder_without_a_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path)
        monkeypatch.chdir(tmp_path)
        assert find_project([]).root == tmp_path

    def test_is_that_of_the_file_chosen(self, tmp_path: Path) -> None:
        chosen = write(tmp_path / "a", name="other.toml")
        write(tmp_path / "b")
        assert find_project([tmp_path / "b"], chosen).root == tmp_path / "a"

    def test_of_what_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="does not exist"):
            find_project([tmp_path / "none"])
        with pytest.raises(ConfigError, match="no such file"):
            find_project([], tmp_path / "none")


@pytest.mark.parametrize(
    "address", ["ftp://a", "http://u@a", "http://a/b", "a", "http://", "https://a b"]
)
def test_a_mirror_is_an_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match=r"registries\.mirrors"):
        project(tmp_path, f'[registries.mirrors]\n"docker.io" = "{address}"\n')
