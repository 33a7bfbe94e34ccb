"""Git is asked for facts only; nothing that a hostile checkout configures may run."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from supplychain.access import git as git_module
from supplychain.access.git import GitUnavailableError, listed_files


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def git_says(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for name in ("tracked", "folder/tracked", "ignored/Dockerfile", "new"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (folder / ".gitignore").write_text("ignored/\n", encoding="utf-8")
    git(folder, "add", "tracked", "folder", ".gitignore")
    return folder


def test_lists_what_is_tracked_or_would_be(checkout: Path) -> None:
    assert listed_files(checkout).names == [".gitignore", "folder/tracked", "new", "tracked"]


def test_lists_a_folder_of_it_by_its_own_names(checkout: Path) -> None:
    assert listed_files(checkout / "folder").names == ["tracked"]


def test_lists_what_is_tracked_though_ignored(checkout: Path) -> None:
    git(checkout, "add", "--force", "ignored/Dockerfile")
    assert "ignored/Dockerfile" in listed_files(checkout).names


def test_lists_odd_names_as_they_are(checkout: Path) -> None:
    for name in ("line\nbreak", "größe", '"quoted"', "tab\t"):
        (checkout / name).touch()
    (checkout / "latin-\udcff").touch()
    assert {"line\nbreak", "größe", '"quoted"', "tab\t", "latin-\udcff"} <= set(
        listed_files(checkout).names
    )


def test_lists_each_name_of_a_conflict_once(checkout: Path) -> None:
    git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a")
    blob = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD:tracked"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    stages = "".join(f"100644 {blob} {stage}\ttracked\n" for stage in (1, 2, 3))
    git(checkout, "rm", "--cached", "--quiet", "tracked")
    subprocess.run(
        ["git", "-C", str(checkout), "update-index", "--index-info"],
        input=stages.encode(),
        check=True,
    )
    assert listed_files(checkout).names.count("tracked") == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.fsmonitor", "{program}"),
        ("core.hooksPath", "{hooks}"),
        ("filter.evil.clean", "{program}"),
        ("core.pager", "{program}"),
        ("core.sshCommand", "{program}"),
        ("core.askPass", "{program}"),
        ("alias.ls-files", "!{program}"),
        ("diff.external", "{program}"),
    ],
)
def test_runs_nothing_that_the_checkout_configures(
    checkout: Path, tmp_path: Path, key: str, value: str
) -> None:
    proof = tmp_path / "proof"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{proof}'\n", encoding="utf-8")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman"):
        (hooks / hook).symlink_to(program)
    (checkout / ".gitattributes").write_text("* filter=evil\n", encoding="utf-8")
    git(checkout, "config", key, value.format(program=program, hooks=hooks))
    assert "tracked" in listed_files(checkout).names
    assert not proof.exists()


def test_fetches_nothing_that_a_partial_clone_lacks(checkout: Path, tmp_path: Path) -> None:
    blob = git_says(checkout, "rev-parse", ":.gitignore")
    git(checkout, "update-index", "--skip-worktree", ".gitignore")
    (checkout / ".gitignore").unlink()  # git now looks for what it says among its objects
    (checkout / ".git/objects" / blob[:2] / blob[2:]).unlink()
    proof = tmp_path / "proof"
    for key, value in (
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(checkout)),
        ("remote.origin.uploadpack", f"touch '{proof}'; false"),
    ):
        git(checkout, "config", key, value)
    with suppress(GitUnavailableError):
        assert "tracked" in listed_files(checkout).names
    assert not proof.exists()
    subprocess.run(
        ["git", "-C", str(checkout), "ls-files", "-o", "--exclude-standard"], check=False
    )
    assert proof.exists(), "plain git would have run it"


def test_lists_no_more_than_its_limit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = len(str(checkout)) + 1
    monkeypatch.setattr(git_module, "MAX_OUTPUT", top)
    for number in range(top):
        (checkout / f"{number}").touch()
    with pytest.raises(GitUnavailableError, match=f"wrote more than {top} bytes"):
        listed_files(checkout)


def test_hides_nothing_that_the_checkouts_configuration_would(
    checkout: Path, tmp_path: Path
) -> None:
    everything = tmp_path / "everything"
    everything.write_text("*\n", encoding="utf-8")
    git(checkout, "config", "core.excludesFile", str(everything))
    assert "new" in listed_files(checkout).names


def test_hides_nothing_that_the_users_configuration_would(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ignored = tmp_path / "home/.config/git/ignore"
    ignored.parent.mkdir(parents=True)
    ignored.write_text("*\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert "new" in listed_files(checkout).names


def test_a_checkout_that_points_elsewhere_is_no_answer(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    git(checkout, "config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(GitUnavailableError, match="its files lie in '/"):
        listed_files(checkout)


def test_a_plain_folder_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(GitUnavailableError, match="not a git repository"):
        listed_files(tmp_path)


def test_a_broken_index_is_no_answer(checkout: Path) -> None:
    (checkout / ".git/index").write_bytes(b"nonsense")
    with pytest.raises(GitUnavailableError):
        listed_files(checkout)


def test_without_git_there_is_no_answer(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitUnavailableError):
        listed_files(checkout)
