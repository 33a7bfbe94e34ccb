"""Folders that cannot be looked into: nobody knows what they hold, so each is a gap."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.access.environment import Environment
from supplychain.access.tree import Tree
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.subject import Subject
from supplychain.formats.text import printable


def collect(subject: Subject, tree: Tree, environment: Environment) -> Iterator[Evidence | Gap]:  # noqa: ARG001 -- the signature of every collector
    """Yield that nothing is known of the folder that ``subject`` is."""
    yield Gap(
        id="folder-unreadable",
        wanted=f"the files in '{printable(subject.path or subject.ref)}'",
        reason="the folder cannot be read",
        hint="make it readable, or exclude it with a reason",
        location=Location(path=subject.path),
    )
