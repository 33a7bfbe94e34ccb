from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.files import UnreadableError
from supplychain.core.digest import Digest
from supplychain.core.reference import Platform
from supplychain.core.subject import SubjectKind
from supplychain.errors import UsageError
from supplychain.formats.compose import ComposeFile
from supplychain.formats.text import MalformedError
from supplychain.verify.plan import Plan, plan

COMPOSE = """\
services:
  api:
    platform: linux/arm64
    build:
      context: api
      dockerfile: ../odd/name.df
      args: {A: "1", B: "${MISSING}", C: null}
      target: final
  web:
    build: {context: api, dockerfile: ../odd/name.df}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def add(root: Path, name: str, content: str = "FROM scratch\n") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def planned(root: Path, *paths: str) -> Plan:
    return plan([Path(path) for path in paths], root)


def test_a_target_knows_its_name_in_the_project_and_as_given(root: Path) -> None:
    add(root, "web/Dockerfile")
    (target,) = planned(root, "../project/web").targets
    assert target.subject.kind is SubjectKind.DOCKERFILE
    assert (target.subject.ref, target.subject.path) == (
        "web/Dockerfile",
        "../project/web/Dockerfile",
    )
    assert target.subject.digest == Digest.of(b"FROM scratch\n")
    assert target.folder == root / "web"


def test_targets_come_in_the_order_of_their_paths(root: Path) -> None:
    for name in ("b/Dockerfile", "a.Dockerfile", "a/Dockerfile"):
        add(root, name)
    paths = [one.subject.path for one in planned(root, "b", ".").targets]
    assert paths == ["a.Dockerfile", "a/Dockerfile", "b/Dockerfile"]


def test_a_linked_file_lies_where_the_link_does(root: Path) -> None:
    add(root, "real/recipe")
    (root / "web").mkdir()
    (root / "web/Dockerfile").symlink_to("../real/recipe")
    (target,) = planned(root, "web").targets
    assert target.folder == root / "web"


def test_a_folder_outside_is_a_tree_of_its_own(root: Path) -> None:
    add(root.parent / "other", "Dockerfile")
    (target,) = planned(root, "../other").targets
    assert (target.subject.ref, target.subject.path) == ("Dockerfile", "../other/Dockerfile")


class TestCompose:
    def test_brings_its_dockerfiles_and_how_it_builds_them(self, root: Path) -> None:
        add(root, "stack/compose.yaml", COMPOSE)
        add(root, "stack/odd/name.df")
        found = planned(root, "stack")
        paths = [one.subject.path for one in found.targets]
        assert paths == ["stack/compose.yaml", "stack/odd/name.df"]
        first, second = found.builds["stack/odd/name.df"]
        assert (first.arguments, first.target) == ({"A": "1"}, "final")
        assert first.platform == Platform.parse("linux/arm64")
        assert (second.arguments, second.platform, second.target) == ({}, None, None)
        assert isinstance(found.compose["stack/compose.yaml"], ComposeFile)

    def test_brings_a_dockerfile_above_it(self, root: Path) -> None:
        add(root, "stack/compose.yaml", "services: {a: {build: ..}}\n")
        add(root, "Dockerfile")
        paths = [one.subject.path for one in planned(root, "stack").targets]
        assert paths == ["Dockerfile", "stack/compose.yaml"]

    @pytest.mark.parametrize(
        "build",
        ["https://x.example/a.git", "/abs", "../..", "{dockerfile_inline: 'FROM a'}", "none"],
    )
    def test_brings_nothing_that_is_not_there(self, root: Path, build: str) -> None:
        add(root, "compose.yaml", f"services: {{a: {{build: {build}}}}}\n")
        found = planned(root, ".")
        assert [one.subject.path for one in found.targets] == ["compose.yaml"]
        assert found.builds == {}

    def test_that_is_malformed_is_kept_as_its_trouble(self, root: Path) -> None:
        add(root, "compose.yaml", "services: [\n")
        assert isinstance(planned(root, ".").compose["compose.yaml"], MalformedError)

    def test_that_leads_out_is_kept_as_its_trouble(self, root: Path) -> None:
        add(root.parent, "elsewhere", "services: {}\n")
        (root / "compose.yaml").symlink_to("../elsewhere")
        assert isinstance(planned(root, ".").compose["compose.yaml"], UnreadableError)

    def test_takes_variables_from_its_own_folder_only(self, root: Path) -> None:
        add(root, ".env", "A=outer\n")
        add(root, "sub/.env", "A=inner\n")
        text = "services: {a: {image: 'x:${A:-none}'}}\n"
        for name in ("compose.yaml", "sub/compose.yaml", "bare/compose.yaml"):
            add(root, name, text)
        read = planned(root, ".").compose
        images = {
            path: one.services[0].image.text
            for path, one in read.items()
            if isinstance(one, ComposeFile) and one.services[0].image
        }
        assert images == {
            "compose.yaml": "x:outer",
            "sub/compose.yaml": "x:inner",
            "bare/compose.yaml": "x:none",
        }


class TestNothing:
    def test_is_an_error(self, root: Path) -> None:
        with pytest.raises(UsageError, match=r'nothing to judge in "\."'):
            planned(root, ".")

    def test_tells_how_much_was_left_out(self, root: Path) -> None:
        add(root, "a/Dockerfile")
        add(root, "b/Dockerfile")
        with pytest.raises(UsageError) as caught:
            plan([Path()], root, excluded=lambda name: "old" if name.startswith("a") else "new")
        assert caught.value.hint == "2 files are left out; look at the excludes"

    def test_tells_of_paths_in_one_line(self, root: Path) -> None:
        (root / "a\nb").mkdir()
        with pytest.raises(UsageError, match=r'nothing to judge in "a\\nb"'):
            planned(root, "a\nb")
