"""What a hub, or somebody between it and us, does wrong: refused, and the store as it was."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

import pytest

from supplychain.core.limits import MIB
from supplychain.mirror import transfer
from tests.generators.gguf import KEYS, array, gguf
from tests.integration.mirror_cli import (
    REFERENCE,
    Mirror,
    isolated,
    lying_gguf,
    small_model,
    weights,
    with_files,
)
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_faults import HubFault
from tests.simulators.hub_protocol import SimulatedModel

LARGE = "model.safetensors"
CDN_OVERHEAD = 24 * MIB  # bytes that may be under way when we hang up: sockets, and one read
TOO_LONG = 20.0  # seconds, contract: a pull that cannot succeed ends within them

# What each fault must end in: the exit code, what the message says, and the finding or gap.
REFUSED = [
    (HubFault.FILE_FLIPPED, "are not those of"),
    (HubFault.FILE_JUNK, "makes the header|claims"),
    (HubFault.FILE_WRONG_ETAG, "says that .* is .*, and lists"),
    (HubFault.FILE_WRONG_COMMIT, "of commit"),
    (HubFault.FILE_WRONG_SIZE, "has 1 bytes, not"),
    (HubFault.FILE_SHORT, "sends 10485.. bytes for .*, not 1048576"),
    (HubFault.FILE_LONG, "sends 10485.. bytes for .*, not 1048576"),
    (HubFault.FILE_ENDLESS, "more than the .* bytes"),
    (HubFault.FILE_GONE, "does not exist"),
    (HubFault.FILE_WRONG_RANGE, "bytes 5-9/10"),
    (HubFault.FILE_TO_DISK, "has the scheme 'file'"),
    (HubFault.FILE_TO_METADATA, "link-local"),
    (HubFault.TREE_ENDLESS, "without an end"),
    (HubFault.TREE_ELSEWHERE, "elsewhere"),
    (HubFault.TREE_HUGE, "sent more than"),
    (HubFault.TREE_DEEP, "nested deeper"),
    (HubFault.TREE_NO_JSON, "is not JSON"),
    (HubFault.REVISION_DISABLED, "has disabled"),
    (HubFault.REVISION_NO_COMMIT, "as the commit"),
    (HubFault.REVISION_OTHER_MODEL, "else/where"),
]
UNREACHED = [
    (HubFault.FILE_NO_COMMIT, "X-Repo-Commit"),
    (HubFault.FILE_NO_ETAG, "ETag"),
    (HubFault.FILE_CUT, "failed|ended"),
    (HubFault.FILE_RESET, "failed"),
    (HubFault.FILE_HTML, "HTML"),
    (HubFault.FILE_COMPRESSED, "compresses"),
    (HubFault.FILE_FORBIDDEN, "denies access"),
    (HubFault.FILE_ERROR, "answered 500"),
    (HubFault.FILE_LOOP, "redirects more than"),
    (HubFault.TREE_HTML, "text/html"),
    (HubFault.REVISION_GATED, "accept its terms at http"),
    (HubFault.REVISION_PRIVATE, "set HF_TOKEN"),
    (HubFault.REVISION_FORBIDDEN, "denies access"),
    (HubFault.REVISION_LIMITED, "too many requests"),
    (HubFault.REVISION_ERROR, "answered 500"),
    (HubFault.REVISION_HTML, "text/html"),
]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    monkeypatch.setattr(transfer, "FIRST_WAIT", 0.01)
    return isolated(tmp_path, monkeypatch)


def admitted_before(mirror: Mirror) -> dict[str, str]:
    """Admit another model and return what the store then holds."""
    other = with_files({LARGE: weights(2 * MIB, seed=2)}, name="example/before")
    with HubSimulator([other]) as hub:
        assert mirror.pull(hub, ref="hf.co/example/before").code == 0
    return mirror.picture()


@pytest.mark.parametrize(("fault", "said"), REFUSED, ids=[fault for fault, _ in REFUSED])
def test_an_answer_that_lies_is_refused_and_leaves_no_trace(
    mirror: Mirror, fault: HubFault, said: str
) -> None:
    before = admitted_before(mirror)
    with HubSimulator([small_model()], fault=fault, only=LARGE) as hub:
        result = mirror.pull(hub)
        fetched = hub.sent["cdn"]
    assert result.code == 1, result.out
    assert fetched < CDN_OVERHEAD
    assert _says(result.words(), said), result.words()
    assert mirror.picture() == before
    assert [one["ref"] for one in mirror.listed()] == ["hf.co/example/before"]


@pytest.mark.parametrize(("fault", "said"), UNREACHED, ids=[fault for fault, _ in UNREACHED])
def test_a_hub_that_gives_no_answer_is_a_gap(mirror: Mirror, fault: HubFault, said: str) -> None:
    with HubSimulator([small_model()], fault=fault, only=LARGE, reset_after=0) as hub:
        started = time.monotonic()
        result = mirror.pull(hub)
        took = time.monotonic() - started
    assert (result.code, result.gaps()) == (3, ["model-unreachable"]), result.out
    assert _says(result.words(), said), result.words()
    assert took < TOO_LONG
    assert mirror.listed() == []
    assert [name for name in mirror.picture() if not name.startswith("quarantine/")] == []


def test_a_hub_that_is_off_is_a_gap(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        url = hub.url
    result = mirror.pull(url)
    assert (result.code, result.gaps()) == (3, ["model-unreachable"])
    assert "refuses connections" in result.words()
    assert mirror.picture() == {}


def test_a_silent_blob_host_is_left_in_time(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert transfer.PATIENCE < TOO_LONG
    monkeypatch.setattr(transfer, "PATIENCE", 1.5)
    with HubSimulator([small_model()], fault=HubFault.FILE_SILENT, only=LARGE) as hub:
        started = time.monotonic()
        result = mirror.pull(hub)
        took = time.monotonic() - started
    assert (result.code, result.gaps()) == (3, ["model-unreachable"])
    assert took < transfer.PATIENCE + 3


@pytest.mark.parametrize("after", [0, 300_000, 2 * MIB])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(mirror: Mirror, after: int) -> None:
    wanted = small_model()
    faulty = HubSimulator(
        [wanted], fault=HubFault.FILE_RESET, times=3, only=LARGE, reset_after=after
    )
    with faulty as hub:
        assert mirror.pull(hub).code == 0
        ranges = [one.headers.get("range", "") for one in hub.asked("file", "cdn")]
        assert hub.sent["cdn"] < len(wanted.files[LARGE].content) + 3 * MIB
    assert any(one and not one.startswith("bytes=0-") for one in ranges) or after == 0
    assert len(mirror.listed()) == 1


def test_a_server_without_ranges_is_asked_for_the_whole(mirror: Mirror) -> None:
    with HubSimulator([small_model()], fault=HubFault.FILE_NO_RANGES) as hub:
        assert mirror.pull(hub).code == 0
    assert len(mirror.listed()) == 1


def test_an_error_that_passes_is_overcome(mirror: Mirror) -> None:
    with HubSimulator([small_model()], fault=HubFault.REVISION_ERROR, times=1) as hub:
        assert mirror.pull(hub).code == 0


HOSTILE_NAMES = {
    "up": "../evil.safetensors",
    "inner-up": "a/../../evil",
    "absolute": "/etc/cron.d/evil",
    "nul": "a\0b.gguf",
    "control": "a\x1b[2Jb.gguf",
    "newline": "a\nb",
    "direction": "a\u202egpj.py",
    "backslash": "..\\evil",
    "dot": "./config.json",
    "empty-part": "a//b",
    "git": ".git/hooks/post-checkout",
    "long": "a" * 300,
    "deep": "/".join("a" * 40),
    "empty": "",
    "surrogate": "a\ud800b",
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
def test_a_hostile_name_is_refused_before_any_byte(mirror: Mirror, name: str) -> None:
    wanted = small_model()
    wanted.entries = [{"type": "file", "oid": "0" * 40, "size": 1, "path": name}]
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
        assert hub.asked("file") == []
    assert (result.code, result.findings()) == (1, ["MDL501"])
    assert "is called" in result.words()
    assert mirror.picture() == {}
    assert sorted(path.name for path in mirror.store.parent.iterdir()) == ["home", "state", "store"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Config.json"], "one name to some systems"),
        (["config.json"], "one name to some systems"),
        (["config.json/x"], "is a file and the folder of"),
        (["ﬁle", "file"], "one name to some systems"),
    ],
)
def test_names_that_clash_are_refused(mirror: Mirror, names: list[str], said: str) -> None:
    wanted = small_model()
    wanted.entries = [{"type": "file", "oid": "0" * 40, "size": 1, "path": one} for one in names]
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.findings()) == (1, ["MDL501"])
    assert said in result.words()


@pytest.mark.parametrize(
    "other",
    [
        {"size": -1},
        {"size": True},
        {"size": None},
        {"oid": "x"},
        {"path": ["a"]},
        {"lfs": {"oid": "../x", "size": 1}},
        {"lfs": {"oid": "A" * 64, "size": 1}},
        {"lfs": "x"},
    ],
)
def test_an_entry_without_identity_is_refused(mirror: Mirror, other: dict[str, object]) -> None:
    wanted = small_model()
    wanted.entries = [{"type": "file", "oid": "0" * 40, "size": 1, "path": "a", **other}]
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.findings()) == (1, ["MDL501"])


@pytest.mark.parametrize(("count", "check"), [(10_000, "MDL501"), (2_500, "MDL506")])
def test_ten_thousand_files_are_refused(mirror: Mirror, count: int, check: str) -> None:
    wanted = small_model()
    wanted.entries = [
        {"type": "file", "oid": "0" * 40, "size": 1, "path": f"f/{number}"}
        for number in range(count)
    ]
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
        assert hub.asked("file") == []
    assert (result.code, result.findings()) == (1, [check])
    assert mirror.picture() == {}


CONTENTS: dict[str, tuple[SimulatedModel, str]] = {
    "gguf-array": (with_files({"model.gguf": lying_gguf(40 * MIB)}), "MDL001"),
    "pickle-by-content": (with_files({"weights": b"\x80\x04" + b"K\x01." * 900_000}), "MDL002"),
    "pickle-by-name": (with_files({"pytorch_model.bin": bytes(40 * MIB)}), "MDL002"),
    "code": (with_files({"modeling_tiny.py": b"print(1)\n"}), "MDL003"),
    "program": (with_files({"tokenizer.model": b"\x7fELF" + bytes(40 * MIB)}), "MDL003"),
    "safetensors": (with_files({"model.safetensors": b"\xff" * (40 * MIB)}), "MDL001"),
    "html": (with_files({"model.gguf": b"<!doctype html><html>"}), "MDL004"),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_bad_content_ends_the_pull_before_the_bulk(mirror: Mirror, content: str) -> None:
    wanted, check = CONTENTS[content]
    before = admitted_before(mirror)
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
        assert hub.sent["cdn"] < 2 * MIB
    assert result.code == 1
    assert check in result.findings()
    assert mirror.picture() == before


def test_a_refused_model_is_recorded(mirror: Mirror) -> None:
    with HubSimulator([small_model()], fault=HubFault.FILE_FLIPPED) as hub:
        assert mirror.pull(hub).code == 1
    recorded = (mirror.state / "ledger.sqlite3").read_bytes()
    recorded += (mirror.state / "ledger.sqlite3-wal").read_bytes() if _has_wal(mirror) else b""
    assert REFERENCE.encode() in recorded


def test_a_small_file_is_compared_by_its_git_object_id(mirror: Mirror) -> None:
    fault, only = HubFault.FILE_FLIPPED, "config.json"
    with HubSimulator([small_model()], fault=fault, only=only) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.findings()) == (1, ["MDL501"])
    assert "'config.json'" in result.words()


def left_behind(mirror: Mirror, wanted: SimulatedModel, data: bytes) -> Path:
    """Put what an earlier pull would have left of the large file into quarantine."""
    identity = hashlib.sha256(wanted.name.encode()).hexdigest()[:32]
    part = mirror.store / "quarantine" / identity / f"{wanted.files[LARGE].sha256}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(data)
    return part


def test_bytes_that_power_loss_spoilt_are_fetched_again(mirror: Mirror) -> None:
    wanted = small_model()
    content = wanted.files[LARGE].content
    left_behind(mirror, wanted, content[:MIB] + bytes(MIB))
    with HubSimulator([wanted]) as hub:
        assert mirror.pull(hub).code == 0
        assert hub.sent["cdn"] > len(content)
    assert mirror.run("verify").code == 0


def test_bytes_of_another_commit_under_the_same_name_are_not_reused(mirror: Mirror) -> None:
    wanted = small_model()
    part = left_behind(mirror, wanted, wanted.files[LARGE].content + b"more")
    with HubSimulator([wanted]) as hub:
        assert mirror.pull(hub).code == 0
    assert not part.exists()
    assert mirror.run("verify").code == 0


def test_a_link_in_quarantine_is_not_followed(mirror: Mirror) -> None:
    wanted = small_model()
    part = left_behind(mirror, wanted, b"")
    victim = mirror.home / "victim"
    part.unlink()
    part.symlink_to(victim)
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.gaps()) == (3, ["store-unwritable"])
    assert not victim.exists()


def test_a_header_longer_than_the_first_look_is_inspected_all_the_same(mirror: Mirror) -> None:
    words = [f"token{number:07}" for number in range(150_000)]
    keys = (*KEYS[:-3], ("tokenizer.ggml.tokens", array(8, words)))
    good = with_files({"model.gguf": gguf(keys)})
    with HubSimulator([good]) as hub:
        assert mirror.pull(hub).code == 0
    twice = (*keys, ("general.name", KEYS[1][1]))
    bad = with_files({"model.gguf": gguf(twice).ljust(40 * MIB, b"\0")}, name="example/bad")
    with HubSimulator([bad]) as hub:
        result = mirror.pull(hub, ref="hf.co/example/bad")
        assert hub.sent["cdn"] < 10 * MIB
    assert result.code == 1
    assert "MDL104" in result.findings()


def _says(words: str, pattern: str) -> bool:
    return re.search(pattern, words) is not None


def _has_wal(mirror: Mirror) -> bool:
    return (mirror.state / "ledger.sqlite3-wal").exists()
