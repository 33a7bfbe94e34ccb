"""Dockerfiles as BuildKit reads them: stages, and the images they refer to.

Tokens come from e2b-dockerfile-utils; everything that gives them meaning is ours.
"""

from supplychain.formats.dockerfile.model import (
    Dockerfile,
    Reference,
    ReferenceKind,
    Stage,
)
from supplychain.formats.dockerfile.reader import read

__all__ = ["Dockerfile", "Reference", "ReferenceKind", "Stage", "read"]
