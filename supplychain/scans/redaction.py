"""Reports without the secrets they carry, fit to be kept. Pure.

Both scanners copy the image's configuration into their reports: a token in ``ENV`` or in a build
argument stands there in clear, although the secret finding beside it is masked.
"""

from __future__ import annotations

import json
from typing import Any

from supplychain.formats import json as bounded_json
from supplychain.scans.encoding import MAX_REPORT, json_bytes

REDACTED = "[redacted]"

# Trivy: ImageConfig.config, .container_config and .history, Layers, Secrets (pkg/types/report.go);
# a "Code" holds the lines around a finding.
_ENVIRONMENT = frozenset({"Env"})
_HISTORY = frozenset({"created_by", "comment", "CreatedBy"})
_EXCERPTS = frozenset({"Match", "Code"})
# Grype: source.target holds the configuration and the manifest in base64.
_ENCODED = frozenset({"config", "manifest"})


def redacted(data: bytes) -> bytes:
    """Return a report with every environment value, history line and excerpt taken out.

    Raises:
        MalformedError: it is no JSON, or larger or deeper than the limits allow.
    """
    document = bounded_json.read(bytes(json_bytes(data)), limit=MAX_REPORT)
    return json.dumps(_clean(document), ensure_ascii=False, allow_nan=False).encode(
        errors="backslashreplace"
    )


def _clean(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    if isinstance(value, dict):
        return {key: _field(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _field(key: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON
    if key in _ENVIRONMENT and isinstance(value, list):
        return [_variable(str(one)) for one in value]
    if key in _EXCERPTS or (key in _HISTORY | _ENCODED and isinstance(value, str)):
        return REDACTED
    return _clean(value)


def _variable(text: str) -> str:
    name, sign, _ = text.partition("=")
    return f"{name}={REDACTED}" if sign else REDACTED
