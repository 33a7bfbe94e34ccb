from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.core.reference import Platform
from supplychain.errors import UsageError
from supplychain.fleet.session import open_session


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "supplychain.toml": 'version = 1\nplatforms = ["linux/arm64"]\n',
        "supplychain.lock": "version = 1\n",
        "Dockerfile": "FROM scratch\n",
        "sub/supplychain.toml": 'version = 1\npolicy = "strict"\n',
        "sub/Dockerfile": "FROM scratch\n",
        "sub/deep/Dockerfile": "FROM scratch\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_has_one_clock_without_parts_of_seconds(root: Path) -> None:
    session = open_session([root])
    assert session.environment.now.microsecond == 0
    assert session.run([]).started_at == session.environment.now


@pytest.mark.usefixtures("root")
def test_targets_belong_to_the_project_they_lie_in() -> None:
    session = open_session([Path()])
    parts = session.parts(session.plan([Path()]))
    shown = {
        environment.lock_path: [one.subject.path for one in targets]
        for environment, targets in parts
    }
    assert shown == {
        "supplychain.lock": ["Dockerfile"],
        "sub/supplychain.lock": ["sub/Dockerfile", "sub/deep/Dockerfile"],
    }
    outer, inner = (environment for environment, _ in parts)
    assert (outer.lock is None, inner.lock is None) == (False, True)
    assert outer.platforms == (Platform.parse("linux/arm64"),)
    assert inner.platforms == (Platform.parse("linux/amd64"),)
    assert inner.policy.name == outer.policy.name == "default"


@pytest.mark.usefixtures("root")
def test_its_own_are_those_outside_of_others() -> None:
    session = open_session([Path()])
    _, targets = session.own(session.plan([Path()]))
    assert [one.subject.path for one in targets] == ["Dockerfile"]
    with pytest.raises(UsageError, match="nothing to lock in"):
        session.own(session.plan([Path("sub")]))
