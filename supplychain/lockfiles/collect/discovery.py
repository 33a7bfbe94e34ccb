"""Which files of a tree are subjects: locks, and manifests that should have one."""

from __future__ import annotations

from supplychain.access.files import UnreadableError
from supplychain.access.tree import Tree
from supplychain.formats.text import MalformedError
from supplychain.lockfiles.collect.pairs import (
    ManifestError,
    hash_mode,
    read_json,
    read_requirements,
    read_toml,
    uv_members,
    workspace_folders,
)
from supplychain.lockfiles.model import Format
from supplychain.lockfiles.names import (
    LOCKS,
    NODE_LOCKS,
    PYTHON_LOCKS,
    base_of,
    beside,
    folder_of,
    lock_format,
    rivals,
)
from supplychain.lockfiles.npm import table

_NODE_ASKS = ("dependencies", "devDependencies", "optionalDependencies")


def is_subject(tree: Tree, name: str) -> bool:
    """Say whether a file found in a folder is judged: a lock, or a manifest without one.

    A manifest that asks for nothing needs no lock; a member of a workspace has its root's.
    """
    if lock_format(name) is not None:
        return True
    return lacks_lock(tree, name) is not None


def lacks_lock(tree: Tree, name: str) -> str | None:
    """Return the name of the lock that a manifest should have and does not, else ``None``."""
    try:
        return _lacking(tree, name)
    except (UnreadableError, ManifestError):
        return "a lock"


def is_plain_list(tree: Tree, name: str) -> bool:
    """Say whether a requirements file is a wish list: nothing hashed, and not all of it pinned.

    Raises:
        UnreadableError: it is missing or may not be read.
        ManifestError: pip would refuse it.
    """
    read = read_requirements(tree, name)
    if not read.lock.entries:
        return False
    return not hash_mode(tree, name, read) and not read.is_pinned


def other_locks(tree: Tree, name: str) -> tuple[str, ...]:
    """Return the locks of other managers for the same language in a lock's folder."""
    written = lock_format(name)
    family = rivals(written) if written else frozenset[Format]()
    return tuple(
        beside(name, other)
        for other, its in LOCKS.items()
        if its in family and its is not written and tree.has(beside(name, other))
    )


def _lacking(tree: Tree, name: str) -> str | None:
    base = base_of(name)
    if base == "package.json":
        return _node(tree, name)
    if base == "pyproject.toml":
        return _python(tree, name)
    compiled = f"{name.removesuffix('.in')}.txt"
    if tree.has(compiled) or not read_requirements(tree, name).lock.entries:
        return None
    return base_of(compiled)


def _node(tree: Tree, name: str) -> str | None:
    content = read_json(tree, name)
    if not any(table(content.get(key)) for key in _NODE_ASKS):
        return None
    if any(tree.has(beside(name, lock)) for lock in NODE_LOCKS):
        return None
    folder = folder_of(name)
    for above in _above(folder):
        top = f"{above}/package.json" if above else "package.json"
        if tree.has(top):
            inside = folder[len(above) :].strip("/")
            if inside in workspace_folders(tree, above, read_json(tree, top)):
                return None
        if tree.has(f"{above}/pnpm-workspace.yaml" if above else "pnpm-workspace.yaml"):
            return None
    return "package-lock.json"


def _python(tree: Tree, name: str) -> str | None:
    content = read_toml(tree, name)
    project = table(content.get("project"))
    poetry = table(table(table(content.get("tool")).get("poetry")).get("dependencies"))
    if not project.get("dependencies") and not poetry:
        return None
    if any(tree.has(beside(name, lock)) for lock in PYTHON_LOCKS):
        return None
    folder = folder_of(name)
    prefix = f"{folder}/" if folder else ""
    for other in tree.names():
        compiled = other.startswith(prefix) and lock_format(other) is Format.REQUIREMENTS
        if compiled and other[len(prefix) :].count("/") <= 1 and not _is_plain(tree, other):
            return None
    for above in _above(folder):
        top = f"{above}/pyproject.toml" if above else "pyproject.toml"
        if tree.has(top):
            inside = folder[len(above) :].strip("/")
            if inside in uv_members(tree, above, read_toml(tree, top)):
                return None
    return "uv.lock"


def _is_plain(tree: Tree, name: str) -> bool:
    try:
        return is_plain_list(tree, name)
    except (UnreadableError, MalformedError):
        return True


def _above(folder: str) -> list[str]:
    """Return the folders above one, the nearest first."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:count]) for count in range(len(parts) - 1, -1, -1)]
