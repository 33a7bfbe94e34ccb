from __future__ import annotations

import threading
from pathlib import Path

import pytest

from supplychain.errors import UnavailableError
from supplychain.mirror import quarantine
from supplychain.mirror.quarantine import working
from supplychain.mirror.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_an_empty_workspace_leaves_nothing(store: Store) -> None:
    with working(store, "a/b") as workspace:
        assert workspace.folder.is_dir()
    assert list(store.root.iterdir()) == []


def test_what_is_left_stays_for_the_next_pull_until_it_is_discarded(store: Store) -> None:
    with working(store, "a/b") as workspace:
        workspace.part("x").write_bytes(b"1")
        workspace.remember("x", '"tag"')
    with working(store, "A/B") as workspace:
        assert workspace.part("x").read_bytes() == b"1"
        assert workspace.tag("x") == '"tag"'
        workspace.discard()
        assert workspace.tag("x") is None
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"x" * 2000])
def test_a_tag_that_is_none_is_forgotten(store: Store, content: bytes) -> None:
    with working(store, "a/b") as workspace:
        (workspace.folder / "x.tag").write_bytes(content)
        assert workspace.tag("x") in (None, "\ufffd")
        workspace.remember("x", None)
        assert not (workspace.folder / "x.tag").exists()


def test_two_repositories_do_not_wait_for_each_other(store: Store) -> None:
    with working(store, "a/b") as first, working(store, "a/c") as second:
        assert first.folder != second.folder


def test_the_second_waits_until_the_first_is_done(store: Store) -> None:
    told, order = threading.Event(), list[str]()

    def second() -> None:
        with working(store, "a/b", told.set):
            order.append("second")

    with working(store, "a/b"):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_waiting_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MAX_WAIT", 0.0)
    with (
        working(store, "a/b"),
        pytest.raises(UnavailableError, match="another process"),
        working(store, "a/b"),
    ):
        pass
