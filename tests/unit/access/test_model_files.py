"""Which files of a folder make up a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.files import UnreadableError
from supplychain.access.model_files import ModelFiles


def test_hidden_files_and_folders_are_listed(tmp_path: Path) -> None:
    wanted = [".cache/a.pkl", ".gitattributes", ".git/hooks/b", "sub/.x/c", "model.gguf"]
    for name in wanted:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert list(ModelFiles.below(tmp_path).names()) == sorted(wanted)


def test_a_folder_that_is_a_link_is_listed_and_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    model = tmp_path / "model"
    model.mkdir()
    (model / "linked").symlink_to(tmp_path / "other", target_is_directory=True)
    files = ModelFiles.below(model)
    assert list(files.names()) == ["linked"]
    with pytest.raises(UnreadableError):
        files.open("linked")
