"""Requirements of strangers: packaging reads markers by recursion, so their depth is bounded."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement

MAX_DEPTH = 40  # brackets within brackets; packaging takes a few of Python's 1,000 frames for each


def is_too_deep(text: str) -> bool:
    """Say whether brackets lie within brackets deeper than we read."""
    depth = 0
    for sign in text:
        if sign == "(":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif sign == ")":
            depth -= 1
    return False


def read_requirement(text: str) -> Requirement:
    """Read a requirement.

    Raises:
        InvalidRequirement: it is none, or its marker is too deep.
    """
    if is_too_deep(text):
        reason = f"has more than {MAX_DEPTH} brackets within one another"
        raise InvalidRequirement(reason)
    return Requirement(text)
