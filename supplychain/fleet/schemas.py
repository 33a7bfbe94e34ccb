"""The published JSON Schemas: of the files that people write, and of what commands print."""

from __future__ import annotations

import json
from importlib import resources

from pydantic import BaseModel

from supplychain.errors import UsageError
from supplychain.fleet.fleet_file import FleetFile
from supplychain.fleet.lock_file import LockFile
from supplychain.fleet.policy_file import PolicyFile, WaiversFile

_FILES: dict[str, type[BaseModel]] = {
    "fleet": FleetFile,
    "lock": LockFile,
    "policy": PolicyFile,
    "waivers": WaiversFile,
}
_OUTPUTS = ("checks", "inspect", "models", "report")
SCHEMAS = tuple(sorted((*_FILES, *_OUTPUTS)))


def schema_text(name: str) -> str:
    """Return a schema as JSON text.

    Raises:
        UsageError: there is no schema of that name.
    """
    if name in _OUTPUTS:
        return (resources.files("supplychain") / "schemas" / f"{name}.json").read_text("utf-8")
    if name not in _FILES:
        message = f"there is no schema {name!r}"
        raise UsageError(message, f"use one of {', '.join(SCHEMAS)}")
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:supplychain:{name}:1",
        **_FILES[name].model_json_schema(),
    }
    return json.dumps(schema, indent=2, sort_keys=False) + "\n"
