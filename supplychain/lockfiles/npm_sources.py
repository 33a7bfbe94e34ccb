"""Packages of an npm lock that come from elsewhere, or are others, than what is asked for.

``npm ci`` compares versions alone (npm 11.19, ``dep-valid.js``): a git source or an alias that
nobody asked for passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from supplychain.formats.text import printable
from supplychain.lockfiles.model import Level, Problem
from supplychain.lockfiles.npm import NpmNode, name_at
from supplychain.lockfiles.npm_specs import Spec, SpecKind, read_git
from supplychain.lockfiles.npm_tree import Edge, EdgeKind, Tree

_REGISTRY = frozenset({SpecKind.RANGE, SpecKind.TAG, SpecKind.ALIAS})


def foreign_sources(
    tree: Tree, root: Iterable[Edge], reached: Mapping[str, NpmNode], workspaces: frozenset[str]
) -> Iterator[Problem]:
    """Yield what is asked of the registry and comes from git, a file or under another name."""
    asked: dict[str, list[Spec | None]] = {}
    edges = [*root]
    edges += [edge for node in reached.values() if not node.link for edge in tree.edges(node)]
    for edge in edges:
        node = tree.find(edge.origin, edge.name)
        if node is not None:
            own = edge.kind is EdgeKind.WORKSPACE
            asked.setdefault(node.location, []).append(None if own else tree.asked(edge))
    for place, specs in asked.items():
        node = reached.get(place)
        if node is None or any(one is None or one.kind not in _REGISTRY for one in specs):
            continue
        if _is_elsewhere(node, workspaces):
            yield _problem(node, f"comes from '{printable(node.resolved or '', 100)}'")
        names = {one.name for one in specs if one is not None}
        if node.package not in (None, name_at(place)) and node.package not in names:
            yield _problem(node, f"is the package '{printable(node.package or '', 100)}'")


def _is_elsewhere(node: NpmNode, workspaces: frozenset[str]) -> bool:
    resolved = node.resolved or ""
    if node.link:
        return resolved.rstrip("/") not in workspaces
    if resolved.startswith("file:"):
        return True
    is_web = resolved.startswith(("http:", "https:"))
    return not is_web and bool(resolved) and read_git(resolved) is not None


def _problem(node: NpmNode, instead: str) -> Problem:
    name = name_at(node.location)
    return Problem(
        code="unsatisfied-edge",
        level=Level.BLOCKING,
        name=name,
        message=f"'{printable(name, 80)}' is asked of the registry, and {instead}",
        hint="remove the entry and run `npm install` again",
        place=node.location,
    )
