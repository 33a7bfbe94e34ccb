"""Does an npm lock hold what its package.json asks for, as ``npm ci`` would say.

``npm ci`` compares the tree of the lock with the one it would build (npm 11.19,
``validate-lockfile.js``): an edge that is missing or not satisfied makes the two differ. What the
root asks for decides about ``sync``; an edge further down is a hole in the lock itself.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from supplychain.formats.text import printable
from supplychain.lockfiles.model import Comparison, Level, Problem, Sync
from supplychain.lockfiles.npm import NpmLock, NpmNode, name_at, text_of
from supplychain.lockfiles.npm_sources import foreign_sources
from supplychain.lockfiles.npm_tree import Edge, EdgeKind, State, Tree, edges_of

_Table = Mapping[str, Any]
_HINT = "run `npm install` and commit the lock that it writes"


def compare(
    lock: NpmLock,
    manifest: _Table,
    members: Mapping[str, _Table],
    *,
    workspaces: frozenset[str] = frozenset(),
    legacy_peers: bool = False,
) -> Comparison:
    """Compare a lock with the root's package.json and those of the workspace and linked folders.

    ``members`` are the manifests by their folder; those of ``workspaces`` must be in the lock, the
    others count where the lock links to them.
    """
    tree = Tree(lock.nodes, {"": manifest, **members}, legacy_peers=legacy_peers)
    root = edges_of("", manifest, is_top=True, legacy_peers=legacy_peers)
    for folder in sorted(workspaces):
        name = text_of(members[folder].get("name")) or posixpath.basename(folder)
        root[name] = Edge(origin="", name=name, wanted=folder, kind=EdgeKind.WORKSPACE)
    states = {edge: tree.state(edge) for edge in root.values()}
    own = [edge for edge in states if states[edge] in (State.MISSING, State.INVALID)]
    problems = [_out_of_sync(edge, states[edge], tree) for edge in own]
    unknown = [edge for edge in states if states[edge] is State.UNKNOWN]
    reached = _reached(lock, tree, list(root.values()))
    problems += _holes(tree, reached, workspaces)
    problems += foreign_sources(tree, root.values(), reached, workspaces)
    problems += _drift(lock, manifest, states)
    problems += _extras(lock, manifest, reached)
    blocking = any(problem.code == "out-of-sync" for problem in problems)
    if blocking:
        return Comparison(sync=Sync.OUT_OF_SYNC, problems=tuple(problems))
    if unknown:
        reason = f"only the registry knows whether '{printable(unknown[0].name, 80)}' is the tag"
        return Comparison(sync=Sync.UNDECIDABLE, problems=tuple(problems), reason=reason)
    return Comparison(sync=Sync.IN_SYNC, problems=tuple(problems))


def _out_of_sync(edge: Edge, state: State, tree: Tree) -> Problem:
    return Problem(
        code="out-of-sync",
        level=Level.BLOCKING,
        name=edge.name,
        message=f"package.json asks for '{_shown(edge)}', {_instead(edge, state, tree)}",
        hint=_HINT,
        place="",
    )


def _instead(edge: Edge, state: State, tree: Tree) -> str:
    found = tree.find(edge.origin, edge.name)
    if state is State.MISSING or found is None:
        return "which the lock does not hold"
    target = tree.target(found) or found
    return f"the lock holds {printable(target.version or found.resolved or 'another', 80)}"


def _shown(edge: Edge) -> str:
    return printable(f"{edge.name}@{edge.wanted}", 160)


def _reached(lock: NpmLock, tree: Tree, first: list[Edge]) -> dict[str, NpmNode]:
    """Return every node that the root reaches, by its place."""
    found: dict[str, NpmNode] = {}
    waiting = list(first)
    while waiting:
        edge = waiting.pop()
        node = tree.find(edge.origin, edge.name)
        for one in (node, tree.target(node) if node else None):
            if one is not None and one.location not in found:
                found[one.location] = one
                if not one.link:
                    waiting += tree.edges(one)
    return {place: found[place] for place in lock.nodes if place in found}


def _holes(
    tree: Tree, reached: Mapping[str, NpmNode], workspaces: frozenset[str]
) -> Iterator[Problem]:
    for place, node in reached.items():
        if node.link or not place:
            continue
        for edge in tree.edges(node):
            state = tree.state(edge)
            if state not in (State.MISSING, State.INVALID):
                continue
            if place in workspaces:
                yield _out_of_sync(edge, state, tree)
                continue
            missing = state is State.MISSING
            yield Problem(
                code="incomplete-tree" if missing else "unsatisfied-edge",
                level=Level.BLOCKING,
                name=name_at(place),
                message=f"'{printable(name_at(place), 80)}' asks for '{_shown(edge)}', "
                f"{_instead(edge, state, tree)}",
                hint=_HINT,
                place=place,
            )


def _drift(lock: NpmLock, manifest: _Table, states: Mapping[Edge, State]) -> Iterator[Problem]:
    """Yield ranges that package.json and the lock write differently, though both are satisfied."""
    said = edges_of("", lock.root, is_top=True)
    for edge, state in states.items():
        locked = said.get(edge.name)
        if state is not State.VALID or edge.kind is EdgeKind.WORKSPACE:
            continue
        if locked is None or locked.wanted != edge.wanted:
            was = "nothing" if locked is None else f"'{printable(locked.wanted, 80)}'"
            yield Problem(
                code="range-drift",
                level=Level.INFO,
                name=edge.name,
                message=f"package.json asks for '{_shown(edge)}', the lock says {was}",
                hint=_HINT,
                place="",
            )
    wanted = edges_of("", manifest, is_top=True)
    for name in said:
        if name not in wanted:
            yield Problem(
                code="stale-extra",
                level=Level.INFO,
                name=name,
                message=f"the lock names '{printable(name, 80)}', package.json no longer does",
                hint=_HINT,
                place="",
            )


def _extras(lock: NpmLock, manifest: _Table, reached: Mapping[str, NpmNode]) -> Iterator[Problem]:
    told = set(edges_of("", lock.root, is_top=True)) - set(edges_of("", manifest, is_top=True))
    for place, node in lock.nodes.items():
        name = name_at(place)
        if not place or place in reached or node.extraneous or name in told:
            continue
        yield Problem(
            code="stale-extra",
            level=Level.INFO,
            name=name,
            message=f"nothing asks for '{printable(place, 120)}'",
            hint=_HINT,
            place=place,
        )
