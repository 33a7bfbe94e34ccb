"""A writer of images as ``docker save`` writes them; the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Files = Mapping[str, bytes]


def docker_archive(path: Path, *layers: Files, env: Sequence[str] = ()) -> str:
    """Write an image of these layers, tagged ``app:1``, and return its configuration's digest."""
    bodies = [archived(layer) for layer in layers]
    digests = [hashlib.sha256(body).hexdigest() for body in bodies]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": list(env)},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created_by": f"RUN |1 {' '.join(env)}"} for _ in layers],
    }
    data = json.dumps(config).encode()
    own = hashlib.sha256(data).hexdigest()
    names = [f"{digest}.tar" for digest in digests]
    manifest = [{"Config": f"{own}.json", "RepoTags": ["app:1"], "Layers": names}]
    files = {f"{own}.json": data, **dict(zip(names, bodies, strict=True))}
    path.write_bytes(archived({**files, "manifest.json": json.dumps(manifest).encode()}))
    return f"sha256:{own}"


def archived(files: Files) -> bytes:
    """Return a tar archive of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o644, 0
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()
