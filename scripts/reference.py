"""Write docs/reference.md from the models that read the files; `--check` compares instead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from supplychain.fleet.fleet_file import FleetFile
from supplychain.fleet.lock_file import LockFile
from supplychain.fleet.policy_file import PolicyFile, WaiversFile
from supplychain.verify.discover import all_checks

TARGET = Path(__file__).parents[1] / "docs" / "reference.md"
FILES = (
    ("supplychain.toml", "what a project's fleet has", FleetFile),
    ("policy files", "what is allowed; `policies/default.toml` is one", PolicyFile),
    ("policies/waivers.toml", "what somebody accepted, why, and until when", WaiversFile),
    ("supplychain.lock", "what was resolved; written by `supplychain lock`", LockFile),
)
HEAD = """\
# Reference

Written by `scripts/reference.py` from the code. Every file starts with `version = 1`; a newer
version and an unknown key are errors that name the line.
"""


def text() -> str:
    """Return the page."""
    parts = [HEAD]
    for name, what, model in FILES:
        schema = model.model_json_schema()
        parts.append(f"## {name}\n\n{what[:1].upper()}{what[1:]}.\n")
        parts.append("| key | type | default | meaning |\n|---|---|---|---|")
        parts.append("\n".join(_rows(schema, schema, "")) + "\n")
    parts.append("## Checks\n\n| id | name | severity | what it finds |\n|---|---|---|---|")
    parts.append(
        "\n".join(f"| {c.id} | {c.name} | {c.severity.value} | {c.summary} |" for c in all_checks())
    )
    return "\n".join(parts) + "\n"


def _rows(schema: dict[str, Any], table: dict[str, Any], prefix: str) -> Iterator[str]:
    required = set(table.get("required", ()))
    for key, described in table.get("properties", {}).items():
        name = f"{prefix}{key}"
        inner, is_list = _table(schema, described)
        if inner is not None:
            yield from _rows(schema, inner, f"{name}{'[]' if is_list else ''}.")
            continue
        default = "required" if key in required else _default(described.get("default"))
        meaning = described.get("description", "").replace("|", "\\|")
        yield f"| `{name}` | {_type(described)} | {default} | {meaning} |"


def _table(schema: dict[str, Any], described: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    is_list = described.get("type") == "array"
    reference = (described.get("items", {}) if is_list else described).get("$ref")
    if reference is None:
        return None, is_list
    return schema["$defs"][reference.rpartition("/")[2]], is_list


def _type(described: dict[str, Any]) -> str:
    if "anyOf" in described:
        return " or ".join(_type(one) for one in described["anyOf"] if one.get("type") != "null")
    if "const" in described:
        return f"`{described['const']}`"
    if "enum" in described:
        return ", ".join(f"`{value}`" for value in described["enum"])
    if described.get("type") == "array":
        return f"list of {_type(described.get('items', {}))}"
    if described.get("type") == "object":
        return f"table of {_type(described.get('additionalProperties', {}))}"
    return str(described.get("format") or described.get("type", "value"))


def _default(value: object) -> str:
    return "" if value in (None, [], {}) else f"`{value}`"


def main() -> None:
    """Write the page, or with --check compare it."""
    if "--check" in sys.argv[1:]:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text():
            sys.exit(
                f"error: {TARGET.name} is not current\nhint: run `python -m scripts.reference`"
            )
    else:
        TARGET.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
