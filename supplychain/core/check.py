"""How a check is declared: one decorated generator function over evidence."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from supplychain.core.evidence import Evidence
from supplychain.core.finding import Hit, Severity

FAMILIES = ("IMG", "BLD", "LCK", "VUL", "SCN", "MDL", "SIG", "CMP", "RTM", "PLC")
_ID = re.compile(rf"({'|'.join(FAMILIES)})\d{{3}}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")

CheckFunction = Callable[..., Iterator[Hit]]


class LockMoment(Enum):
    """When the ``lock`` command judges.

    Before registries are asked, after they answered, and with ``--check``.
    """

    BEFORE = "before"
    AFTER = "after"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A declared check.

    ``on`` is the type of evidence it is run on, once a piece; ``needs`` are types joined by the
    piece's link and given as further arguments. ``judges_lock`` tells when the ``lock`` command
    runs it; never where it is empty, as whether a reference may be used is the gate's business.
    ``run`` is pure.
    """

    id: str
    name: str
    severity: Severity
    on: type[Evidence]
    needs: tuple[type[Evidence], ...]
    since: str
    judges_lock: frozenset[LockMoment]
    run: CheckFunction

    @property
    def family(self) -> str:
        """The three letters its id starts with."""
        return self.id[:3]

    @property
    def documentation(self) -> str:
        """Its docstring, served by ``explain``."""
        first, _, rest = (self.run.__doc__ or "").partition("\n")
        return f"{first.strip()}\n{textwrap.dedent(rest)}".strip()

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.documentation.partition("\n")[0]


def check(
    check_id: str,
    name: str,
    *,
    on: type[Evidence],
    severity: Severity,
    needs: tuple[type[Evidence], ...] = (),
    since: str = "0.1.0",
    lock: Iterable[LockMoment] = (),
) -> Callable[[CheckFunction], Check]:
    """Declare the decorated generator function as a check.

    Raises:
        ValueError: the id or the name has the wrong shape.
    """
    if not _ID.fullmatch(check_id) or not _NAME.fullmatch(name):
        message = f"check {check_id!r} {name!r}: an id is IMG001, a name has-dashes"
        raise ValueError(message)

    def declare(function: CheckFunction) -> Check:
        return Check(
            id=check_id,
            name=name,
            severity=severity,
            on=on,
            needs=needs,
            since=since,
            judges_lock=frozenset(lock),
            run=function,
        )

    return declare


def checks_in(namespace: dict[str, Any]) -> list[Check]:
    """Return the checks that a module defines, by id."""
    found = [value for value in namespace.values() if isinstance(value, Check)]
    return sorted(found, key=lambda item: item.id)
