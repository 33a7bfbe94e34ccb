"""The mirror's commands as a user calls them, and models to pull with them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from supplychain.cli import run
from supplychain.core.limits import MIB
from tests.generators.gguf import array, gguf
from tests.generators.safetensors import safetensors, tensor
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_protocol import SimulatedModel, model

NAME = "example/tiny"
REFERENCE = f"hf.co/{NAME}"
_VARIABLES = (
    "HF_ENDPOINT",
    "HF_HOME",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HUGGING_FACE_HUB_TOKEN",
    "SUPPLYCHAIN_STORE",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
)
_REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    def document(self) -> Any:  # noqa: ANN401 -- JSON
        """Return what it wrote to stdout as JSON."""
        return json.loads(self.out)

    def findings(self) -> list[str]:
        """Return the ids of the findings of a JSON report."""
        return [one["id"] for subject in self.document()["subjects"] for one in subject["findings"]]

    def gaps(self) -> list[str]:
        """Return the ids of the gaps of a JSON report."""
        return [one["id"] for subject in self.document()["subjects"] for one in subject["gaps"]]

    def words(self) -> str:
        """Return what a JSON report says of findings and gaps, and the hints."""
        parts = [
            str(one.get("message") or one.get("reason")) + " " + str(one["hint"])
            for subject in self.document()["subjects"]
            for one in (*subject["findings"], *subject["gaps"])
        ]
        return "\n".join(parts)


class Mirror:
    """A store and a ledger of their own, and the commands on them."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.state = folder / "state"
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)

    def run(self, *arguments: str) -> Result:
        """Run a command on the store in this process."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["mirror", *arguments, "--store", str(self.store)])
        return Result(code=code, out=out.getvalue(), err=err.getvalue())

    def pull(self, hub: HubSimulator | str, *arguments: str, ref: str = REFERENCE) -> Result:
        """Pull with a JSON report in this process."""
        return self.run(*self.pull_arguments(hub, *arguments, ref=ref))

    def pull_arguments(
        self, hub: HubSimulator | str, *arguments: str, ref: str = REFERENCE
    ) -> list[str]:
        """Return the arguments of a pull behind ``mirror``."""
        url = hub if isinstance(hub, str) else hub.url
        fixed = ["--endpoint", url, "--state", str(self.state), "--output", "json"]
        return ["pull", ref, *fixed, *arguments]

    def start(self, hub: HubSimulator, *arguments: str, ref: str = REFERENCE) -> Popen:
        """Start a pull as a process of its own."""
        command = [sys.executable, "-m", "supplychain", "mirror"]
        command += self.pull_arguments(hub, *arguments, ref=ref)
        return subprocess.Popen(
            [*command, "--store", str(self.store)],
            cwd=self.home,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a command: ours, without what would point elsewhere."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if key.startswith("COVERAGE") or key in {"PATH", "LANG"}
        }
        return {**kept, "HOME": str(self.home), "PYTHONPATH": str(_REPOSITORY)}

    def listed(self) -> list[dict[str, Any]]:
        """Return the models that `mirror list` names."""
        models: list[dict[str, Any]] = self.run("list", "--output", "json").document()["models"]
        return models

    def picture(self) -> dict[str, str]:
        """Return every file below the store with the digest of its bytes and its mode."""
        return {
            path.relative_to(self.store).as_posix(): _fingerprint(path)
            for path in sorted(self.store.rglob("*"))
            if path.is_file()
        }


Popen = subprocess.Popen[bytes]


def isolated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """Return a mirror in ``folder``, and keep the user's own hub, token and store away from it."""
    mirror = Mirror(folder)
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(mirror.home))
    monkeypatch.chdir(mirror.home)
    return mirror


def small_model(extra: Mapping[str, bytes] | None = None, name: str = NAME) -> SimulatedModel:
    """Return a model with a configuration and weights in both formats, and of ``extra`` files."""
    contents = {
        "README.md": b"# Tiny\n",
        "config.json": b'{"architectures": ["LlamaForCausalLM"]}',
        "sub/tokenizer.json": b'{"version": "1.0"}',
        "model.safetensors": weights(3 * MIB),
        "tiny.gguf": gguf(),
    }
    return model(name, {**contents, **(extra or {})})


def with_files(contents: Mapping[str, bytes], name: str = NAME) -> SimulatedModel:
    """Return a model of these files."""
    return model(name, contents)


def weights(size: int, seed: int = 1) -> bytes:
    """Return a safetensors file with ``size`` bytes of one tensor, none of them zero for long."""
    head = safetensors([tensor("model.weight", 0, size)], data_size=0)
    return head + Random(seed).randbytes(size)  # noqa: S311 -- content, no secret


def lying_gguf(size: int = 2 * MIB) -> bytes:
    """Return a GGUF file whose first array claims 2^61 elements, ``size`` bytes long."""
    keys = (("general.tags", array(8, (), count=2**61)),)
    return gguf(keys).ljust(size, b"\0")


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{path.stat().st_mode:o} {digest}"
