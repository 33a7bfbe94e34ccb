"""The simulator speaks the hub's protocol: its own client downloads from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from supplychain.core.limits import MIB
from tests.integration.mirror_cli import NAME, small_model, weights
from tests.simulators.hub import HubSimulator

SECONDS = 120
_DOWNLOAD = """
import sys
from huggingface_hub import HfApi, snapshot_download
endpoint, name, cache = sys.argv[1:]
print(snapshot_download(name, endpoint=endpoint, cache_dir=cache, max_workers=2))
api = HfApi(endpoint=endpoint)
print(api.model_info(name, securityStatus=True).card_data.license)
print(sorted(entry.path for entry in api.list_repo_tree(name, recursive=True)))
"""


def test_the_hubs_own_client_downloads_every_file(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    wanted = small_model({"other.safetensors": weights(2 * MIB, seed=3)})
    with HubSimulator([wanted], page=2) as hub:
        finished = subprocess.run(
            [sys.executable, "-c", _DOWNLOAD, hub.url, NAME, str(tmp_path / "cache")],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "PYTHONPATH": ":".join(sys.path),
                "HF_HUB_DISABLE_XET": "1",
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert finished.returncode == 0, finished.stderr
    folder, licence, names = finished.stdout.splitlines()
    assert Path(folder).name == wanted.commit
    assert licence == "apache-2.0"
    assert names == str(sorted([*wanted.files, "sub"]))
    for name, file in wanted.files.items():
        assert (Path(folder) / name).read_bytes() == file.content
