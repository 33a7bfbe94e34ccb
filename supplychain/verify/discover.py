"""Every check of every stage, found by looking into the stages' packages."""

from __future__ import annotations

import importlib
import pkgutil

from supplychain.core.check import Check, checks_in

# Which stage has the checks of which family.
STAGES = {
    "compose": ("CMP",),
    "images": ("IMG", "BLD"),
    "lockfiles": ("LCK",),
    "models": ("MDL",),
    "scans": ("VUL", "SCN"),
}


def all_checks() -> tuple[Check, ...]:
    """Return every check of every module of every stage, by id.

    They are found, not listed: a forgotten line in a list would switch a check off silently.

    Raises:
        RuntimeError: two checks share an id or a name, or a stage has one of another's family.
    """
    found = [item for stage in STAGES for item in checks_of(stage)]
    for key in ("id", "name"):
        names = [getattr(item, key) for item in found]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"check {key} {twice} is declared twice"
            raise RuntimeError(message)
    return tuple(sorted(found, key=lambda item: item.id))


def checks_of(stage: str) -> list[Check]:
    """Return the checks of one stage, importing no other.

    Raises:
        RuntimeError: one of them has a family that is not the stage's.
    """
    found: list[Check] = []
    package = importlib.import_module(f"supplychain.{stage}.checks")
    for module in sorted(item.name for item in pkgutil.iter_modules(package.__path__)):
        found += checks_in(vars(importlib.import_module(f"{package.__name__}.{module}")))
    for item in found:
        if item.family not in STAGES[stage]:
            message = f"check {item.id} does not belong into {package.__name__}"
            raise RuntimeError(message)
    return found
