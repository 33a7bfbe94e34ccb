"""The tree of an npm lock: which package finds which, and does it get what it asks for.

Rules: @npmcli/arborist of npm 11.19: ``node.js`` (``_loadDeps``, ``resolve``), ``edge.js``,
``dep-valid.js``, ``build-ideal-tree.js`` (``initTree``, ``problemEdges``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from supplychain.lockfiles.npm import NpmNode, table, text_of
from supplychain.lockfiles.npm_specs import Spec, SpecKind, read_git, read_spec
from supplychain.lockfiles.npm_versions import satisfies

_Table = Mapping[str, Any]


class EdgeKind(StrEnum):
    """Why a package asks for another."""

    PROD = "prod"
    DEV = "dev"
    OPTIONAL = "optional"
    PEER = "peer"
    PEER_OPTIONAL = "peer-optional"
    WORKSPACE = "workspace"


class State(StrEnum):
    """What became of an edge."""

    VALID = "valid"
    MISSING = "missing"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One package asking for another: by which name, for what, and why."""

    origin: str
    name: str
    wanted: str
    kind: EdgeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What ``overrides`` of the root's package.json replaces.

    ``values`` are replaced everywhere; of ``unjudged`` names we do not follow where and how.
    """

    values: Mapping[str, str]
    unjudged: frozenset[str]


def edges_of(
    origin: str, manifest: _Table, *, is_top: bool, legacy_peers: bool = False
) -> dict[str, Edge]:
    """Return what a package asks for, by name, the later kinds winning as in ``_loadDeps``."""
    found: dict[str, Edge] = {}
    meta = table(manifest.get("peerDependenciesMeta"))
    kinds = [
        (EdgeKind.PEER, "peerDependencies"),
        (EdgeKind.PROD, "dependencies"),
        (EdgeKind.OPTIONAL, "optionalDependencies"),
    ]
    if is_top:
        kinds.append((EdgeKind.DEV, "devDependencies"))
    for kind, key in kinds:
        if kind is EdgeKind.PEER and legacy_peers:
            continue
        for name, wanted in table(manifest.get(key)).items():
            if not isinstance(wanted, str):
                continue
            actual = kind
            if kind is EdgeKind.PEER and table(meta.get(name)).get("optional") is True:
                actual = EdgeKind.PEER_OPTIONAL
            found[name] = Edge(origin=origin, name=name, wanted=wanted, kind=actual)
    return found


def read_overrides(manifest: _Table) -> Overrides:
    """Return what the root's ``overrides`` replace; ``$name`` refers to a dependency of it."""
    values: dict[str, str] = {}
    unjudged: set[str] = set()
    waiting = [(table(manifest.get("overrides")), True)]
    while waiting:
        found, is_top = waiting.pop()
        for key, value in found.items():
            name = key[: key.find("@", 1)] if "@" in key[1:] else key
            if isinstance(value, Mapping):
                waiting.append((value, False))
                unjudged.add(name)
            elif is_top and name == key and isinstance(value, str):
                values[name] = _referred(value, manifest)
            else:
                unjudged.add(name)
    return Overrides(values=values, unjudged=frozenset(unjudged - {"."}))


def _referred(value: str, manifest: _Table) -> str:
    if not value.startswith("$"):
        return value
    for key in ("devDependencies", "optionalDependencies", "dependencies", "peerDependencies"):
        found = text_of(table(manifest.get(key)).get(value[1:]))
        if found is not None:
            return found
    return value


class Tree:
    """The nodes of a lock, with the manifests of the folders outside ``node_modules``."""

    def __init__(
        self,
        nodes: Mapping[str, NpmNode],
        manifests: Mapping[str, _Table],
        *,
        legacy_peers: bool = False,
    ) -> None:
        self._nodes = nodes
        self._manifests = manifests
        self._root = table(manifests.get(""))
        self._legacy_peers = legacy_peers
        self._overrides = read_overrides(self._root)
        self._found: dict[tuple[str, str], NpmNode | None] = {}

    def find(self, origin: str, name: str) -> NpmNode | None:
        """Return what ``name`` means for a package, looked up folder by folder."""
        key = (origin, name)
        if key not in self._found:
            self._found[key] = self._looked_up(origin, name)
        return self._found[key]

    def _looked_up(self, origin: str, name: str) -> NpmNode | None:
        folder = origin
        while True:
            if not folder.endswith("node_modules"):
                place = f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}"
                found = self._nodes.get(place)
                if found is not None:
                    return found
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def asked(self, edge: Edge) -> Spec | None:
        """Return what an edge asks for after overrides, ``None`` where we do not follow them."""
        if edge.name in self._overrides.unjudged:
            return None
        return read_spec(self._overrides.values.get(edge.name, edge.wanted))

    def target(self, node: NpmNode) -> NpmNode | None:
        """Return the node itself, or the one that it links to."""
        if not node.link:
            return node
        return self._nodes.get(posixpath.normpath(node.resolved or "."))

    def edges(self, node: NpmNode) -> Iterator[Edge]:
        """Yield what a node asks for; a folder's own package.json is believed over the lock."""
        outside = "node_modules" not in node.location.split("/")
        manifest = self._manifests.get(node.location) if outside else None
        found = edges_of(
            node.location,
            node.edges if manifest is None else manifest,
            is_top=outside,
            legacy_peers=self._legacy_peers,
        )
        for edge in found.values():
            if edge.name not in node.bundles or outside:
                yield edge

    def state(self, edge: Edge) -> State:
        """Say whether an edge leads to something that satisfies it."""
        found = self.find(edge.origin, edge.name)
        if found is None:
            return State.VALID if edge.kind is EdgeKind.PEER_OPTIONAL else State.MISSING
        if edge.kind is EdgeKind.PEER_OPTIONAL:
            return State.VALID
        if edge.kind is EdgeKind.WORKSPACE:
            return State.VALID if _links_to(found, "", edge.wanted) else State.INVALID
        if edge.name in self._overrides.unjudged:
            return State.VALID
        wanted = edge.wanted
        if not found.bundled:
            wanted = self._overrides.values.get(edge.name, wanted)
        target = self.target(found)
        if target is None:
            return State.MISSING
        return self._satisfied(found, target, read_spec(wanted), edge)

    def _satisfied(self, found: NpmNode, target: NpmNode, spec: Spec, edge: Edge) -> State:
        match spec.kind:
            case SpecKind.RANGE | SpecKind.ALIAS:
                return self._in_range(target, spec.text)
            case SpecKind.TAG:
                return State.VALID if _is_remote(found.resolved) else State.UNKNOWN
            case SpecKind.GIT:
                return self._same_git(found, target, spec, edge)
            case SpecKind.REMOTE:
                fits = found.resolved == spec.text
            case SpecKind.DIRECTORY:
                fits = _links_to(found, edge.origin, spec.text)
            case SpecKind.TARBALL:
                fits = _is_tarball(found, edge.origin, spec.text)
            case SpecKind.INVALID:
                fits = False
        return _valid_if(fits)

    def _in_range(self, target: NpmNode, wanted: str) -> State:
        version = target.version
        manifest = self._manifests.get(target.location)
        if manifest is not None:
            version = text_of(manifest.get("version")) or ""
        if wanted.strip() in ("", "*"):
            return State.VALID
        answer = satisfies(version, wanted)
        return State.UNKNOWN if answer is None else _valid_if(answer)

    def _same_git(self, found: NpmNode, target: NpmNode, spec: Spec, edge: Edge) -> State:
        locked = read_git(found.resolved or "")
        if locked is None or locked.repository != spec.repository:
            return State.INVALID
        if spec.semver is not None:
            return self._in_range(target, spec.semver)
        if spec.has_commit:
            return _valid_if(locked.committish == spec.committish)
        said = self._locked_committish(edge)
        return _valid_if(said is None or said == (spec.committish or ""))

    def _locked_committish(self, edge: Edge) -> str | None:
        """Return the branch or tag that the lock remembers of an edge (``lockedGitCommittish``)."""
        node = self._nodes.get(edge.origin)
        if node is None:
            return None
        for key in ("dependencies", "optionalDependencies", "devDependencies", "peerDependencies"):
            wanted = text_of(table(node.edges.get(key)).get(edge.name))
            if wanted is not None:
                git = read_spec(wanted)
                return (git.committish or "") if git.kind is SpecKind.GIT else None
        return None


def _valid_if(answer: bool) -> State:  # noqa: FBT001 -- a yes or no to translate
    return State.VALID if answer else State.INVALID


def _is_remote(resolved: str | None) -> bool:
    return resolved is not None and resolved.startswith(("http:", "https:"))


def _links_to(node: NpmNode, origin: str, path: str) -> bool:
    wanted = posixpath.normpath(posixpath.join(origin, path))
    return node.link and posixpath.normpath(node.resolved or "") == wanted


def _is_tarball(node: NpmNode, origin: str, path: str) -> bool:
    if node.link or node.resolved is None:
        return False
    wanted = posixpath.normpath(posixpath.join(origin, path))
    return posixpath.normpath(node.resolved.removeprefix("file:")) == wanted
