"""Checks on Dockerfiles themselves (BLD)."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.core.check import LockMoment, check
from supplychain.core.finding import Hit, Severity
from supplychain.images.evidence import MalformedDockerfile


@check(
    "BLD001",
    "dockerfile-malformed",
    on=MalformedDockerfile,
    severity=Severity.HIGH,
    lock=LockMoment,
)
def dockerfile_malformed(file: MalformedDockerfile) -> Iterator[Hit]:
    """A Dockerfile is not one that BuildKit accepts.

    ## What it does
    Reports files that BuildKit would refuse: unknown instructions or flags, no FROM, text that is
    not UTF-8, empty files, files beyond our limits.

    ## Why it matters
    What cannot be read cannot be judged. A file that one tool refuses and another half
    understands is also a way to hide an image from a check.

    ## Example
    ```dockerfile
    FORM node:22
    ```

    ## How to fix
    Correct the line that the finding names; `docker build --check .` shows the same.
    """
    yield Hit(
        message=f"Dockerfile {file.reason}"
        if file.reason.startswith(("is ", "has ", "holds "))
        else f"Dockerfile cannot be read: {file.reason}",
        location=file.at,
        hint="correct the file until `docker build --check` accepts it",
        key=file.reason,
    )
