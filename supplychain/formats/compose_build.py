"""Where the Dockerfile of a compose service's ``build:`` lies in the project.

Rules: Compose specification, build.md: ``context`` is relative to the compose file's folder,
``dockerfile`` to the context; the default is ``Dockerfile`` in the context.
"""

from __future__ import annotations

import posixpath

from supplychain.formats.compose import Build

_REMOTE = ("http://", "https://", "git://", "git@", "ssh://", "github.com/", "service:")


def dockerfile_name(compose_name: str, build: Build) -> str | None:
    """Return the Dockerfile's path in the tree of the compose file.

    ``None`` where it lies outside the tree: a remote context, an absolute path, a path upwards.
    An inline Dockerfile has no path, either.
    """
    context = build.context.text if build.context else "."
    dockerfile = build.dockerfile.text if build.dockerfile else "Dockerfile"
    if context is None or dockerfile is None or build.dockerfile_inline is not None:
        return None
    if context.startswith(_REMOTE) or posixpath.isabs(context) or posixpath.isabs(dockerfile):
        return None
    folder = posixpath.dirname(compose_name)
    name = posixpath.normpath(posixpath.join(folder, context, dockerfile))
    return None if name.startswith("../") else name
