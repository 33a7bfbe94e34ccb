from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.access.environment import Environment
from supplychain.errors import UsageError
from supplychain.images.evidence import ImageUse, LockLookup
from supplychain.verify import collect as collect_module
from supplychain.verify.collect import collect, own_dossiers, uses_in
from supplychain.verify.plan import plan
from supplychain.verify.run import verdicts_of
from tests.unit.core.samples import NOW, POLICY, TOOL

ENVIRONMENT = Environment(now=NOW, tool=TOOL, policy=POLICY)


def test_a_target_says_by_itself_what_it_uses(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nFROM b\n", encoding="utf-8")
    (dossier,) = own_dossiers(plan([tmp_path], tmp_path).targets, ENVIRONMENT)
    assert [one.raw for one in uses_in([dossier])] == ["a", "b"]
    assert dossier.of(LockLookup) == []


def test_what_all_ask_for_comes_to_each(tmp_path: Path) -> None:
    for name in ("a.Dockerfile", "b.Dockerfile"):
        (tmp_path / name).write_text("FROM x\nFROM y\n", encoding="utf-8")
    dossiers = collect(plan([tmp_path], tmp_path).targets, ENVIRONMENT)
    assert [len(one.of(ImageUse)) for one in dossiers] == [2, 2]
    assert [len(one.of(LockLookup)) for one in dossiers] == [2, 2]
    assert [len(one.gaps) for one in dossiers] == [2, 2], "no registry is allowed"


def test_more_references_than_a_project_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect_module, "MAX_REFERENCES", 1)
    (tmp_path / "Dockerfile").write_text("FROM a\nFROM a\n", encoding="utf-8")
    assert collect(plan([tmp_path], tmp_path).targets, ENVIRONMENT)
    (tmp_path / "Dockerfile").write_text("FROM a\nFROM b\n", encoding="utf-8")
    with pytest.raises(UsageError, match="more than 1 distinct image references"):
        collect(plan([tmp_path], tmp_path).targets, ENVIRONMENT)


def test_verdicts_come_by_path_whatever_part_they_are_of(tmp_path: Path) -> None:
    for name in ("a.Dockerfile", "b.Dockerfile", "c.Dockerfile"):
        (tmp_path / name).write_text("FROM scratch\n", encoding="utf-8")
    targets = plan([tmp_path], tmp_path).targets
    parts = [(ENVIRONMENT, targets[1:]), (ENVIRONMENT, targets[:1])]
    refs = [one.subject.ref for one in verdicts_of(parts) if one.subject]
    assert refs == ["a.Dockerfile", "b.Dockerfile", "c.Dockerfile"]
