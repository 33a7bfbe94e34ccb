"""A writer of archives for fixtures; the same input gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)


def zipped(files: Mapping[str, bytes], *, comment: bytes = b"") -> bytes:
    """Return a ZIP archive of files by name, stored as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
        archive.comment = comment
    return stream.getvalue()
