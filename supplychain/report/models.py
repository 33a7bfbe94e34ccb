"""Mirrored models and plans of pulls, for machines and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supplychain.report.escape import document, line_start, one_line

MODELS_SCHEMA = "supplychain.models/1"
PLAN_SCHEMA = "supplychain.plan/1"
_UNITS = ("kB", "MB", "GB", "TB")
_SHORT = 12  # digits of a commit or a digest that are shown to people

_Item = Mapping[str, Any]


def render_models_json(models: Sequence[_Item]) -> str:
    """Return models as one document."""
    return document({"schema": MODELS_SCHEMA, "models": list(models)})


def render_plans_json(plans: Sequence[_Item]) -> str:
    """Return plans as one document."""
    return document({"schema": PLAN_SCHEMA, "plans": list(plans)})


def render_models_text(models: Sequence[_Item]) -> str:
    """Return one line a model."""
    return "".join(f"{_model_line(model)}\n" for model in models)


def render_model_text(model: _Item) -> str:
    """Return all that is known of a model, a line a file."""
    lines = [
        one_line(str(model["ref"])),
        f"  source: {one_line(str(model['source']))}",
        f"  revision: {model['revision']}",
        f"  digest: {model['digest']}",
        f"  licences: {', '.join(map(one_line, model['licences'])) or 'none named'}",
        f"  state: {model['state']} {model['admitted_at']}",
        f"  policy: {one_line(str(model['policy']['name']))}",
        f"  size: {shown_size(model['size'])} in {len(model['files'])} files",
    ]
    lines += [
        f"    {file['sha256'][:_SHORT]}  {shown_size(file['size']):>9}  {one_line(file['path'])}"
        for file in model["files"]
    ]
    return "".join(f"{line_start(line)}\n" for line in lines)


def render_plans_text(plans: Sequence[_Item]) -> str:
    """Return what pulls would do, a line a file."""
    return "".join("".join(f"{line}\n" for line in _plan(plan)) for plan in plans)


def shown_size(size: int) -> str:
    """Return bytes for people: decimal units, as disks and hubs count."""
    if size < 1000:  # noqa: PLR2004 -- the first unit
        return f"{size} B"
    value = float(size)
    for unit in _UNITS:
        value /= 1000
        if value < 999.95 or unit == _UNITS[-1]:  # noqa: PLR2004 -- rounds to less than 1000
            break
    return f"{value:.1f} {unit}"


def _model_line(model: _Item) -> str:
    count = len(model["files"])
    files = f"{count} file{'' if count == 1 else 's'}"
    told = f"{one_line(str(model['ref']))}  {model['revision'][:_SHORT]}  {files}"
    return line_start(f"{told}  {shown_size(model['size'])}  {model['state']}")


def _plan(plan: _Item) -> Iterator[str]:
    yield line_start(one_line(str(plan["ref"])))
    if "files" not in plan:
        return
    yield f"  revision: {plan['revision']}"
    yield f"  licences: {', '.join(map(one_line, plan['licences'])) or 'none named'}"
    yield f"  hub scan: {_scan(plan['scan'])}"
    for file in plan["files"]:
        state = "here" if file["stored"] else "fetch"
        yield f"    {state:<5}  {shown_size(file['size']):>9}  {one_line(file['path'])}"
    size, missing = shown_size(plan["size"]), shown_size(plan["missing_size"])
    yield f"  {missing} of {size} to fetch, {shown_size(plan['free'])} free"


def _scan(scan: _Item) -> str:
    states = {True: "done", False: "not done", None: "nothing said"}
    issues = [f"{one_line(one['path'])} {one_line(one['level'])}" for one in scan["issues"]]
    return "; ".join([states[scan["done"]], *issues])
