"""Which files of a project are subjects, by their names, and what a single file is, by content."""

from __future__ import annotations

import re

from supplychain.core.subject import SubjectKind
from supplychain.lockfiles.names import is_lock_or_manifest

SNIFF_BYTES = 4096  # bytes looked at to tell what a file with an unknown name is

_DOCKERFILE = re.compile(
    r"(?:dockerfile|containerfile)(?:\d+|[._-].+)?|.+\.(?:dockerfile|containerfile)",
    re.IGNORECASE | re.DOTALL,
)
_NO_DOCKERFILE = re.compile(r".*\.(?:dockerignore|containerignore|md|j2|tmpl|tpl)", re.DOTALL)
_MAYBE_DOCKERFILE = re.compile(
    r".*\.(?:txt|py|go|js|ts|sh)", re.DOTALL
)  # what is built, or what it is
_FROM = re.compile(rb"^FROM[ \t]+\S", re.MULTILINE)  # upper case, as no other language has it
_COMPOSE = re.compile(
    r"(?:(?:.+[._-])?compose(?:[._-].+)?|(?:docker-)?stack(?:[._-].+)?)\.ya?ml",
    re.IGNORECASE | re.DOTALL,
)
_MODEL = re.compile(r".+\.(?:gguf|safetensors)", re.IGNORECASE)
_INSTRUCTION = re.compile(
    rb"^[ \t]*(?:FROM[ \t]+\S|ARG[ \t]+[A-Za-z_]|#[ \t]*(?:syntax|escape|check)[ \t]*=)",
    re.IGNORECASE | re.MULTILINE,
)
_SERVICES = re.compile(rb"^(?:services[ \t]*:|\"services\"[ \t]*:)", re.MULTILINE)


def kind_by_name(name: str) -> SubjectKind | None:
    """Return what a file is by its name, or ``None`` where its name says nothing."""
    base = name.rpartition("/")[2]
    if _COMPOSE.fullmatch(base):
        return SubjectKind.COMPOSE
    if is_named_dockerfile(base) and not needs_a_look(base):
        return SubjectKind.DOCKERFILE
    if is_lock_or_manifest(name):
        return SubjectKind.LOCKFILE
    return None


def is_named_dockerfile(base: str) -> bool:
    """Say whether a file's own name is that of a Dockerfile, and not of a template of one."""
    return bool(_DOCKERFILE.fullmatch(base)) and not _NO_DOCKERFILE.fullmatch(base.lower())


def needs_a_look(base: str) -> bool:
    """Say whether a name such as ``Dockerfile.go`` may be a Dockerfile or a program's source."""
    return is_named_dockerfile(base) and bool(_MAYBE_DOCKERFILE.fullmatch(base.lower()))


def looks_like_dockerfile(head: bytes) -> bool:
    """Say whether the first bytes of a file with such a name are a Dockerfile's."""
    return bool(_FROM.search(head))


def kind_of_file(name: str, head: bytes) -> SubjectKind | None:
    """Return what a single file is: by its name, else by its first bytes, else ``None``.

    Models are told only here: in a project they lie where the fleet's tools put them, and a
    project is not read for gigabytes.
    """
    return kind_by_name(name) or kind_by_content(head) or _model(name, head)


def _model(name: str, head: bytes) -> SubjectKind | None:
    is_model = head.startswith(b"GGUF") or _MODEL.fullmatch(name)
    return SubjectKind.MODEL if is_model else None


def kind_by_content(head: bytes) -> SubjectKind | None:
    """Return what a file is by its first bytes, or ``None`` where they say nothing."""
    if _SERVICES.search(head):
        return SubjectKind.COMPOSE
    if _INSTRUCTION.search(head):
        return SubjectKind.DOCKERFILE
    return None
