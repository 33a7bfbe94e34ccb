"""The published schemas, as users get them out of the installed package."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

NAMES = ("report", "inspect", "checks")


def schema(name: str) -> dict[str, Any]:
    """Return a published schema."""
    text = files("supplychain").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def errors_in(name: str, document: object) -> list[str]:
    """Return where and how a document breaks a published schema."""
    validator = Draft202012Validator(schema(name))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
