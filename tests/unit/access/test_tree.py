from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest

from supplychain.access import tree as tree_module
from supplychain.access.files import MissingError, TooLargeError, UnreadableError
from supplychain.access.tree import WorkingTree
from supplychain.errors import UsageError

FILES = ("Dockerfile", "web/Dockerfile", "web/.env")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name in FILES:
        add(folder, name)
    return folder


def add(folder: Path, name: str, content: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def left_out(tree: WorkingTree) -> dict[str, int]:
    tree.names()
    return {one.reason: one.count for one in tree.left_out}


ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
NOBODY = 65534


def close(root: Path, name: str) -> None:
    """Add a folder that nobody but root may read."""
    add(root, f"{name}/Dockerfile")
    (root / name).chmod(0)
    for folder in (root, *root.parents[:3]):
        folder.chmod(0o755)


def told_to_nobody(root: Path) -> tuple[list[str], dict[str, int], list[str]]:
    """Return what another user is told: unreadable folders, what is left out, names."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setuid(NOBODY)
        tree = WorkingTree(root)
        counts = left_out(tree)
        os.write(sender, repr((tree.unreadable, counts, list(tree.names()))).encode())
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, encoding="utf-8") as stream:
        unreadable, counts, names = ast.literal_eval(stream.read())
    os.waitpid(child, 0)
    return unreadable, counts, names


class TestWithoutGit:
    def test_lists_every_file_sorted(self, root: Path) -> None:
        assert list(WorkingTree(root).names()) == sorted(FILES)

    def test_leaves_out_what_tools_fill(self, root: Path) -> None:
        for folder in ("node_modules/a", "web/.venv/b", "x/vendor/c", ".git/hooks"):
            add(root, f"{folder}/Dockerfile")
        add(root, "vendor.d/Dockerfile")
        assert list(WorkingTree(root).names()) == sorted([*FILES, "vendor.d/Dockerfile"])

    def test_lists_pipes_and_links_but_follows_no_folder(self, root: Path) -> None:
        os.mkfifo(root / "pipe")
        (root / "link").symlink_to("Dockerfile")
        (root / "loop").symlink_to(".")
        (root / "dangling").symlink_to("none")
        assert set(WorkingTree(root).names()) == {*FILES, "pipe", "link", "dangling"}

    def test_has_what_it_lists(self, root: Path) -> None:
        tree = WorkingTree(root)
        assert tree.has("web/Dockerfile")
        assert not tree.has("web")
        assert not tree.has("none")

    def test_lists_what_there_was_at_first(self, root: Path) -> None:
        tree = WorkingTree(root)
        tree.names()
        add(root, "later")
        assert not tree.has("later")

    def test_refuses_more_files_than_a_project_has(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tree_module, "MAX_TREE_NAMES", 2)
        with pytest.raises(UsageError, match="more than 2 files below"):
            WorkingTree(root).names()

    def test_counts_folders_that_tools_fill(self, root: Path) -> None:
        add(root, "node_modules/a/Dockerfile")
        add(root, "web/vendor/Dockerfile")
        assert left_out(WorkingTree(root)) == {"vendored folders": 2}

    @ONLY_ROOT
    def test_tells_of_folders_that_it_may_not_read(self, root: Path) -> None:
        close(root, "web/closed")
        told = told_to_nobody(root)
        assert told == (["web/closed"], {}, sorted(FILES))


class TestWithGit:
    @pytest.fixture(autouse=True)
    def _checkout(self, root: Path) -> None:
        git(root, "init", "--quiet")
        git(root, "add", ".")

    def test_leaves_out_what_git_ignores(self, root: Path) -> None:
        add(root, ".gitignore", b"build/\n.env\n")
        add(root, "build/Dockerfile")
        add(root, "new/Dockerfile")
        tree = WorkingTree(root)
        assert set(tree.names()) == {*FILES, ".gitignore", "new/Dockerfile"}
        assert left_out(tree) == {}

    def test_counts_what_is_tracked_in_folders_that_tools_fill(self, root: Path) -> None:
        add(root, "vendor/a/Dockerfile")
        add(root, "node_modules/b/Dockerfile")
        tree = WorkingTree(root)
        assert list(tree.names()) == sorted(FILES)
        assert left_out(tree) == {"vendored": 2}

    def test_counts_what_is_tracked_and_not_there(self, root: Path) -> None:
        (root / "Dockerfile").unlink()
        tree = WorkingTree(root)
        assert not tree.has("Dockerfile")
        assert left_out(tree) == {"not checked out": 1}

    def test_counts_repositories_of_their_own(self, root: Path, tmp_path: Path) -> None:
        add(root, "nested/Dockerfile")
        git(root / "nested", "init", "--quiet")
        module = tmp_path / "module"
        add(module, "Dockerfile")
        git(module, "init", "--quiet")
        git(module, "add", ".")
        git(module, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a")
        allowed = ("-c", "protocol.file.allow=always")
        git(root, *allowed, "submodule", "--quiet", "add", str(module), "module")
        tree = WorkingTree(root)
        assert set(tree.names()) == {*FILES, ".gitmodules"}
        assert left_out(tree) == {"git repositories of their own": 2}

    @ONLY_ROOT
    @pytest.mark.parametrize(("below", "name"), [(".", "web/clo'sed"), ("web", "clo'sed")])
    def test_tells_of_folders_that_git_may_not_read(
        self, root: Path, below: str, name: str
    ) -> None:
        close(root, "web/clo'sed")
        close(root, "web/node_modules")
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        for closed in ("clo'sed", "node_modules"):
            os.chown(root / "web" / closed, 0, 0)
        unreadable, counts, names = told_to_nobody(root / below)
        assert (unreadable, counts) == ([name], {})
        assert Path(names[0]).name in {"Dockerfile", ".env"}

    @ONLY_ROOT
    def test_tells_where_git_refuses_the_owner(self, root: Path) -> None:
        add(root, ".gitignore", b"build/\n")
        add(root, "build/Dockerfile")
        for path in (root, root / ".git"):
            os.chown(path, NOBODY, NOBODY)
        tree = WorkingTree(root)
        assert tree.has("build/Dockerfile")
        reason = "git refuses this folder's owner, so ignored files are judged too"
        assert left_out(tree) == {reason: 1}

    def test_may_be_a_folder_of_the_checkout(self, root: Path) -> None:
        assert list(WorkingTree(root / "web").names()) == [".env", "Dockerfile"]

    def test_walks_where_git_refuses(self, root: Path) -> None:
        (root / ".git/index").write_bytes(b"nonsense")
        assert list(WorkingTree(root).names()) == sorted(FILES)

    def test_keeps_names_whose_folder_became_a_loop(self, root: Path) -> None:
        (root / "web/Dockerfile").unlink()
        (root / "web/.env").unlink()
        (root / "web").rmdir()
        (root / "web").symlink_to("web")
        tree = WorkingTree(root)
        assert tree.has("web/Dockerfile")
        with pytest.raises(UnreadableError, match="too many levels of symbolic links"):
            tree.read("web/Dockerfile", 10)


class TestReading:
    def test_gives_the_same_bytes_each_time(self, root: Path) -> None:
        tree = WorkingTree(root)
        assert tree.read("Dockerfile", 10) == b"x"
        add(root, "Dockerfile", b"changed")
        assert tree.read("Dockerfile", 10) == b"x"

    def test_keeps_to_the_limit_also_of_what_was_read_before(self, root: Path) -> None:
        add(root, "Dockerfile", b"12345")
        tree = WorkingTree(root)
        with pytest.raises(TooLargeError):
            tree.read("Dockerfile", 4)
        assert tree.read("Dockerfile", 5) == b"12345"
        with pytest.raises(TooLargeError):
            tree.read("Dockerfile", 4)

    def test_remembers_no_more_than_it_may(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tree_module, "MAX_REMEMBERED", 1)
        tree = WorkingTree(root)
        assert tree.read("Dockerfile", 10) == tree.read("web/.env", 10) == b"x"
        add(root, "Dockerfile", b"a")
        add(root, "web/.env", b"b")
        assert (tree.read("Dockerfile", 10), tree.read("web/.env", 10)) == (b"x", b"b")

    @pytest.mark.parametrize(
        ("link", "reason"),
        [
            ("../secret", "leads out of the project"),
            ("/etc/hostname", "leads out of the project"),
            ("web/../../secret", "leads out of the project"),
            ("web", "is a folder"),
            ("link", "too many levels of symbolic links"),
        ],
    )
    def test_does_not_leave_the_project(self, root: Path, link: str, reason: str) -> None:
        add(root.parent, "secret")
        (root / "link").symlink_to(link)
        with pytest.raises(UnreadableError) as caught:
            WorkingTree(root).read("link", 10)
        assert caught.value.reason == reason

    def test_follows_links_inside(self, root: Path) -> None:
        (root / "link").symlink_to("web/Dockerfile")
        assert WorkingTree(root).read("link", 10) == b"x"

    def test_may_begin_behind_a_link(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "alias").symlink_to(root)
        assert WorkingTree(tmp_path / "alias").read("Dockerfile", 10) == b"x"

    def test_reads_what_is_not_listed(self, root: Path) -> None:
        add(root, "node_modules/a")
        assert WorkingTree(root).read("node_modules/a", 10) == b"x"

    def test_says_what_is_missing(self, root: Path) -> None:
        with pytest.raises(MissingError):
            WorkingTree(root).read("none", 10)
