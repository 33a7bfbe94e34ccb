"""Checks on compose files themselves (CMP)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.compose.evidence import MalformedCompose
from supplychain.core.check import LockMoment, check
from supplychain.core.finding import Hit, Severity


@check("CMP001", "compose-malformed", on=MalformedCompose, severity=Severity.HIGH, lock=LockMoment)
def compose_malformed(file: MalformedCompose) -> Iterator[Hit]:
    """A compose file is not one that Docker Compose accepts.

    ## What it does
    Reports files that are not YAML, hold a key twice, or have another shape than the Compose
    specification allows.

    ## Why it matters
    What cannot be read cannot be judged, and a key that stands twice means different things to
    different tools.

    ## Example
    ```yaml
    services:
      web: {image: "nginx:1.29"}
      web: {image: "registry.evil.example/nginx"}
    ```

    ## How to fix
    Correct the line that the finding names; `docker compose config --quiet` shows the same.
    """
    yield Hit(
        message=f"compose file {file.reason}",
        location=file.at,
        hint="correct the file until `docker compose config --quiet` accepts it",
        key=file.reason,
    )
