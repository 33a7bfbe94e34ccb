"""Which checks speak about which file: one owner a fault, severities as documented."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

import pytest

from supplychain.access.environment import Environment
from supplychain.core.digest import Digest
from supplychain.core.evidence import Producer
from supplychain.core.policy import Policy
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.verdict import Decision, Verdict
from supplychain.models.checks import gguf_layout
from supplychain.models.collect import local
from supplychain.models.gguf_tables import ValueType
from supplychain.models.hits import MAX_HITS
from supplychain.verify.discover import checks_of
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge
from tests.checks.model_evidence import gguf_file
from tests.generators.archives import zipped
from tests.generators.gguf import KEYS, Tensor, array, gguf, scalar, text
from tests.generators.safetensors import safetensors, tensor
from tests.generators.splits import part, sharded_model, split_model

MODEL = Subject(kind=SubjectKind.MODEL, ref="tiny", path="tiny")
NOW = datetime(2026, 11, 25, tzinfo=UTC)
POLICY = Policy(name="test", digest=Digest.of(b""))
ENVIRONMENT = Environment(now=NOW, tool=Producer(name="supplychain", version="1"), policy=POLICY)
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
PICKLE = pickle.dumps({"weight": [1.0]})


@dataclass
class MemoryTree:
    files: Mapping[str, bytes]

    def names(self) -> list[str]:
        return sorted(self.files)

    def path(self, name: str) -> str:
        return f"tiny/{name}"

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.files[name])


def verdict(files: Mapping[str, bytes]) -> Verdict:
    dossier = Dossier(MODEL, local.collect(MODEL, MemoryTree(files), ENVIRONMENT))
    return judge(dossier, checks_of("models"), POLICY, NOW)


def said(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    return sorted({(one.id, one.severity.value) for one in verdict(files).findings})


SNAPSHOT = {
    "README.md": b"---\nlicense: mit\n---\n# Tiny\n",
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": safetensors(),
    "tokenizer.json": b'{"version": "1.0"}',
    ".gitattributes": b"*.safetensors filter=lfs\n",
}


@pytest.mark.parametrize(
    "files",
    [
        {"model.gguf": gguf()},
        {"model.gguf": gguf(version=2)},
        {"vocab.gguf": gguf(tensors=[])},
        {"model.gguf": gguf(tensors=[Tensor(f"blk.{n}.weight", (9,)) for n in range(50)])},
        split_model("Tiny-Q8_0", 3),
        SNAPSHOT,
        SNAPSHOT | sharded_model(2, folder="sub/"),
    ],
)
def test_good_models_pass_without_a_word(files: Mapping[str, bytes]) -> None:
    found = verdict(files)
    assert (found.decision, found.findings, found.gaps) == (Decision.PASS, (), ())


HOSTILE_METADATA = {
    "array of 2^61": (array(ValueType.UINT8, count=2**61), "MDL001"),
    "strings of 2^61": (array(ValueType.STRING, count=2**61), "MDL001"),
    "bool 2": (scalar(2, ValueType.BOOL), "MDL103"),
    "nul": (text("a\0b"), "MDL103"),
    "latin 1": (text(b"\xe9"), "MDL103"),
}


@pytest.mark.parametrize("name", HOSTILE_METADATA)
def test_a_hostile_value_has_one_owner(name: str) -> None:
    value, owner = HOSTILE_METADATA[name]
    assert said({"model.gguf": gguf([*KEYS, ("x.y", value)])}) == [(owner, "high")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (gguf(version=1), [("MDL001", "high")]),
        (gguf()[:100], [("MDL001", "high")]),
        (gguf()[:-1], [("MDL114", "high")]),
        (gguf([*KEYS, KEYS[0]]), [("MDL104", "high")]),
        (gguf([*KEYS, ("a\0", scalar(1))]), [("MDL101", "high")]),
        (gguf([*KEYS, ("A", scalar(1))]), [("MDL102", "low")]),
        (gguf(KEYS[1:]), [("MDL106", "high")]),
        (gguf([*KEYS, ("general.alignment", scalar(0))]), [("MDL110", "high")]),
        (gguf([*KEYS, ("general.alignment", scalar(16))]), [("MDL110", "medium")]),
        (gguf(tensors=[Tensor("a"), Tensor("b", offset=32)]), [("MDL112", "high")]),
        (gguf(tensors=[Tensor("a"), Tensor("b", offset=128)]), [("MDL113", "high")]),
        (gguf(tensors=[Tensor("a", (2**20,))], data_size=64), [("MDL114", "high")]),
        (gguf(tail=b"leftover"), [("MDL115", "medium")]),
        (gguf(tail=bytes(64)), [("MDL115", "medium")]),
        (gguf(tail=ELF), [("MDL115", "high")]),
        (gguf(tail=PICKLE), [("MDL115", "high")]),
        (gguf(tail=zipped({"a": b""})), [("MDL006", "high"), ("MDL115", "high")]),
        (gguf(tensors=[Tensor("a" * 64)]), [("MDL120", "high")]),
        (gguf(tensors=[Tensor("a"), Tensor("a")]), [("MDL121", "high")]),
        (gguf(tensors=[Tensor("a", (0,))]), [("MDL122", "medium")]),
        (gguf(tensors=[Tensor("a", (33,), 8)]), [("MDL122", "high")]),
        (gguf(tensors=[Tensor("a", type=4)]), [("MDL123", "high")]),
        (b"<!doctype html><html>Sign in</html>", [("MDL004", "high")]),
        (PICKLE, [("MDL002", "high")]),
        (ELF, [("MDL003", "high")]),
        (safetensors(), [("MDL004", "high")]),
        (zipped({"a.txt": b""}), [("MDL005", "high")]),
        (b"\x00\x01\x02", [("MDL001", "high")]),
        (b"", [("MDL001", "high")]),
    ],
)
def test_a_hostile_gguf_file_has_one_owner(data: bytes, expected: list[tuple[str, str]]) -> None:
    assert said({"model.gguf": data}) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"model.safetensors": safetensors()[:-1]}, ["MDL202"]),
        ({"model.safetensors": safetensors() + b"x"}, ["MDL202"]),
        ({"model.safetensors": safetensors([tensor("a", 0, 32), tensor("b", 16, 40)])}, ["MDL201"]),
        ({"model.safetensors": safetensors([tensor("a", 0, 40, shape=[2])])}, ["MDL203"]),
        ({"model.safetensors": b"\xff" * 40}, ["MDL001"]),
        ({"m-00001-of-00002.safetensors": safetensors()}, ["MDL211"]),
        ({"m-00001-of-00002.gguf": part(0, 2)}, ["MDL130"]),
        ({**split_model("m", 2), "m-00002-of-00002.gguf": part(0, 2)}, ["MDL131"]),
        ({**SNAPSHOT, "pytorch_model.bin": PICKLE}, ["MDL002"]),
        ({**SNAPSHOT, "modeling_tiny.py": b"import os\n"}, ["MDL003"]),
        ({**SNAPSHOT, "tf_model.h5": b"\x89HDF\r\n\x1a\n"}, ["MDL005"]),
        ({**SNAPSHOT, "model.safetensors.index.json": b"{"}, ["MDL001"]),
        (
            {"model.safetensors.index.json": b'{"weight_map": {"a": "../b.safetensors"}}'},
            ["MDL210", "MDL211"],
        ),
    ],
)
def test_a_hostile_snapshot_is_rejected(files: Mapping[str, bytes], expected: list[str]) -> None:
    found = verdict(files)
    assert found.decision is Decision.FAIL
    assert sorted({one.id for one in found.blocking}) == expected


def test_a_single_flipped_byte_in_the_header_is_never_overlooked_by_a_length() -> None:
    data = bytearray(gguf())
    data[24] ^= 0x80  # the length of the first key
    assert verdict({"model.gguf": bytes(data)}).decision is Decision.FAIL


def test_a_file_of_many_faults_gives_a_report_that_somebody_reads() -> None:
    data = gguf(tensors=[Tensor("a", type=99)] * 1000)
    counts: dict[str, int] = {}
    for finding in verdict({"model.gguf": data}).findings:
        counts[finding.id] = counts.get(finding.id, 0) + 1
    assert counts == {"MDL121": MAX_HITS + 1, "MDL123": MAX_HITS + 1}


def test_the_end_is_not_judged_before_it_is_here() -> None:
    file = gguf_file(gguf(tail=ELF))
    assert list(gguf_layout.gguf_trailing_bytes.run(file))
    assert not list(gguf_layout.gguf_trailing_bytes.run(replace(file, trailing=None)))


def test_hostile_names_are_printed_escaped() -> None:
    (finding,) = verdict({"model.gguf": gguf([*KEYS, ("k\x1b[2J", scalar(1))])}).findings
    assert finding.message == (
        r"key 'k\x1b[2J' holds a control character or one that cannot be seen"
    )
    assert finding.location.at == "kv[9].key"
