"""`supplychain mirror`: from the hub to the store, and what the store says afterwards."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from supplychain.cli import run
from supplychain.core.limits import MIB
from supplychain.fleet.schemas import schema_text
from tests.integration.mirror_cli import (
    NAME,
    REFERENCE,
    Mirror,
    isolated,
    small_model,
    weights,
    with_files,
)
from tests.simulators.hub import HubSimulator
from tests.simulators.hub_protocol import SimulatedModel


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return isolated(tmp_path, monkeypatch)


def ledger(mirror: Mirror) -> list[tuple[str, str]]:
    with sqlite3.connect(mirror.state / "ledger.sqlite3") as connection:
        return connection.execute("SELECT ref, decision FROM verdicts ORDER BY 1, 2").fetchall()


def test_a_good_model_is_admitted_with_every_file_under_its_digest(mirror: Mirror) -> None:
    wanted = small_model()
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
    assert (result.code, result.err.count("error")) == (0, 0)
    assert result.document()["decision"] == "pass"
    (listed,) = mirror.listed()
    assert (listed["ref"], listed["revision"]) == (REFERENCE, wanted.commit)
    assert {file["path"]: file["sha256"] for file in listed["files"]} == {
        name: file.sha256 for name, file in wanted.files.items()
    }
    for file in listed["files"]:
        blob = mirror.store / "blobs" / "sha256" / file["sha256"][:2] / file["sha256"]
        assert blob.read_bytes() == wanted.files[file["path"]].content
        assert blob.stat().st_mode & 0o777 == 0o444
    assert not (mirror.store / "quarantine").exists()
    assert ledger(mirror) == [(REFERENCE, "pass")]


def test_the_list_is_what_its_schema_says(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        mirror.pull(hub)
    document = mirror.run("list", "--output", "json").document()
    Draft202012Validator(json.loads(schema_text("models"))).validate(document)
    assert document["models"][0]["state"] == "admitted"


def test_a_second_pull_fetches_nothing_and_prints_the_same(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        text = ["pull", REFERENCE, "--endpoint", hub.url, "--state", str(mirror.state)]
        first = mirror.run(*text)
        before, asked = mirror.picture(), len(hub.asked("file"))
        second = mirror.run(*text)
        assert len(hub.asked("file")) == asked
    assert (first.code, second.code) == (0, 0)
    assert second.out == first.out
    assert mirror.picture() == before


def test_a_new_commit_fetches_only_what_changed(mirror: Mirror) -> None:
    old = small_model()
    new = small_model({"config.json": b'{"architectures": ["Other"]}'})
    with HubSimulator([old]) as hub:
        mirror.pull(hub)
    with HubSimulator([new]) as hub:
        assert mirror.pull(hub).code == 0
        assert {one.name for one in hub.asked("file")} == {"config.json"}
    assert [one["revision"] for one in mirror.listed()] == [old.commit, new.commit]


@pytest.mark.parametrize(
    ("suffix", "names"),
    [
        (":tiny.gguf", ["tiny.gguf"]),
        (":*.json", ["config.json", "sub/tokenizer.json"]),
        (":README.md,tiny.gguf", ["README.md", "tiny.gguf"]),
        (":Q4_K_M", ["tiny-Q4_K_M.gguf"]),
    ],
)
def test_files_are_chosen_behind_a_colon(mirror: Mirror, suffix: str, names: list[str]) -> None:
    base = small_model()
    wanted = small_model({"tiny-Q4_K_M.gguf": base.files["tiny.gguf"].content})
    with HubSimulator([wanted]) as hub:
        assert mirror.pull(hub, ref=REFERENCE + suffix).code == 0
        assert {one.name for one in hub.asked("file")} == set(names)
    (listed,) = mirror.listed()
    assert [file["path"] for file in listed["files"]] == names
    assert listed["ref"] == REFERENCE + suffix


def test_a_pattern_that_chooses_nothing_is_a_finding(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub, ref=f"{REFERENCE}:*.onnx")
    assert (result.code, result.findings()) == (1, ["MDL502"])
    assert "matches '*.onnx'" in result.words()


def test_a_dry_run_prints_the_plan_and_writes_nothing(mirror: Mirror) -> None:
    wanted = small_model()
    with HubSimulator([wanted]) as hub:
        text = mirror.run("pull", REFERENCE, "--dry-run", "--endpoint", hub.url)
        document = mirror.pull(hub, "--dry-run").document()
        assert hub.asked("file") == []
    assert text.code == 0
    assert "licences: apache-2.0" in text.out
    assert "to fetch" in text.out
    (plan,) = document["plans"]
    assert plan["decision"] == "pass"
    assert {one["path"]: one["stored"] for one in plan["files"]} == dict.fromkeys(
        wanted.files, False
    )
    assert plan["scan"] == {"done": True, "issues": []}
    assert mirror.picture() == {}
    assert not mirror.state.exists()


def test_a_dry_run_says_what_the_store_has(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        mirror.pull(hub)
        (plan,) = mirror.pull(hub, "--dry-run").document()["plans"]
    assert {one["stored"] for one in plan["files"]} == {True}
    assert plan["missing_size"] == 0


def test_pages_of_a_tree_are_followed(mirror: Mirror) -> None:
    with HubSimulator([small_model()], page=2) as hub:
        assert mirror.pull(hub).code == 0
        assert len(hub.asked("tree")) == 3
    assert len(mirror.listed()[0]["files"]) == 5


def test_the_token_goes_to_the_hub_and_to_nobody_else(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with HubSimulator([small_model()], token="hf_secret") as hub:  # noqa: S106 -- the fixture's
        assert mirror.pull(hub).code == 0
        assert {one.authorization for one in hub.log if one.server == "hub"} == {"Bearer hf_secret"}
        elsewhere = [one for one in hub.log if one.server == "cdn"]
    assert len(elsewhere) > 1
    assert {one.authorization for one in elsewhere} == {""}


def test_the_token_is_found_where_the_hubs_own_client_keeps_it(mirror: Mirror) -> None:
    folder = mirror.home / ".cache" / "huggingface"
    folder.mkdir(parents=True)
    (folder / "token").write_text("hf_stored\n")
    with HubSimulator([small_model()], token="hf_stored") as hub:  # noqa: S106 -- the fixture's
        assert mirror.pull(hub).code == 0


def test_a_private_model_without_token_is_a_gap_that_says_what_to_do(mirror: Mirror) -> None:
    with HubSimulator([small_model()], token="hf_x") as hub:  # noqa: S106 -- the fixture's
        result = mirror.pull(hub)
    assert (result.code, result.gaps()) == (3, ["model-unreachable"])
    assert "does not exist" in result.words()
    assert "HF_TOKEN" in result.words()


def test_the_hub_is_named_by_the_environment_too(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubSimulator([small_model()]) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert mirror.run("pull", REFERENCE, "--state", str(mirror.state)).code == 0
    assert mirror.listed()[0]["source"] == hub.url


def test_offline_opens_no_socket(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub, "--offline")
        assert hub.log == []
    assert (result.code, result.gaps()) == (3, ["model-unreachable"])


def test_two_models_are_two_verdicts_and_the_worse_decides(mirror: Mirror) -> None:
    bad = with_files({"model.pkl": b"\x80\x04K\x01."}, name="example/bad")
    with HubSimulator([small_model(), bad]) as hub:
        result = mirror.pull(hub, "hf.co/example/bad")
    assert result.code == 1
    assert [one["decision"] for one in result.document()["subjects"]] == ["pass", "fail"]
    assert [one["ref"] for one in mirror.listed()] == [REFERENCE]


def test_a_limited_rate_is_kept(mirror: Mirror) -> None:
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub, "--limit-rate", "20M")
        bad = mirror.pull(hub, "--limit-rate", "fast")
    assert (result.code, bad.code) == (0, 2)
    assert "no number of bytes" in bad.err


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ('publishers = ["google"]', "MDL503"),
        ('licences = ["mit"]', "MDL504"),
        ('formats = ["gguf"]', "MDL505"),
        ("max_size = 1000", "MDL506"),
        ("max_files = 4", "MDL506"),
    ],
)
def test_a_policy_refuses_before_any_byte(mirror: Mirror, rule: str, check: str) -> None:
    policy = mirror.home / "models.toml"
    policy.write_text(f'version = 1\nextends = "default"\n[models]\n{rule}\n')
    with HubSimulator([small_model()]) as hub:
        result = mirror.pull(hub, "--policy", str(policy))
        assert hub.asked("file") == []
    assert (result.code, result.findings()) == (1, [check])
    assert mirror.picture() == {}
    assert ledger(mirror) == [(REFERENCE, "fail")]


def test_what_the_hubs_scanners_call_unsafe_is_refused(mirror: Mirror) -> None:
    wanted = small_model()
    wanted.issues = (("tiny.gguf", "unsafe"),)
    with HubSimulator([wanted]) as hub:
        result = mirror.pull(hub)
        assert hub.asked("file") == []
    assert (result.code, result.findings()) == (1, ["MDL507"])


def test_show_tells_of_one_model_and_an_unknown_one_is_an_error(mirror: Mirror) -> None:
    wanted = small_model()
    with HubSimulator([wanted]) as hub:
        mirror.pull(hub)
    shown = mirror.run("show", REFERENCE)
    assert shown.code == 0
    assert wanted.commit in shown.out
    assert "sub/tokenizer.json" in shown.out
    absent = mirror.run("show", "hf.co/example/other")
    assert absent.code == 2
    assert "is not in the store" in absent.err


def test_an_empty_store_lists_nothing(mirror: Mirror) -> None:
    assert mirror.listed() == []
    assert mirror.run("verify").code == 2


class TestVerify:
    @pytest.fixture
    def filled(self, mirror: Mirror) -> SimulatedModel:
        wanted = small_model()
        with HubSimulator([wanted]) as hub:
            mirror.pull(hub)
        return wanted

    def blob(self, mirror: Mirror, wanted: SimulatedModel, name: str) -> Path:
        digest = wanted.files[name].sha256
        return mirror.store / "blobs" / "sha256" / digest[:2] / digest

    def test_passes_over_a_whole_store(self, mirror: Mirror, filled: SimulatedModel) -> None:
        assert filled.files
        result = mirror.run("verify", "--output", "json")
        assert (result.code, result.findings()) == (0, [])
        assert len(result.document()["subjects"]) == 2

    def test_finds_one_flipped_byte(self, mirror: Mirror, filled: SimulatedModel) -> None:
        path = self.blob(mirror, filled, "model.safetensors")
        path.chmod(0o644)
        with path.open("r+b") as stream:
            stream.seek(2 * MIB)
            byte = stream.read(1)
            stream.seek(2 * MIB)
            stream.write(bytes([byte[0] ^ 1]))
        result = mirror.run("verify", "--output", "json")
        assert (result.code, result.findings()) == (1, ["MDL509"])
        assert "is damaged" in result.words()

    def test_finds_a_missing_blob(self, mirror: Mirror, filled: SimulatedModel) -> None:
        self.blob(mirror, filled, "config.json").unlink()
        result = mirror.run("verify", "--output", "json")
        assert (result.code, result.findings()) == (1, ["MDL509"])
        assert "'config.json' is missing" in result.words()

    def test_finds_what_nothing_reaches_and_a_broken_document(
        self, mirror: Mirror, filled: SimulatedModel
    ) -> None:
        assert filled.files
        (document,) = (mirror.store / "refs" / "huggingface").iterdir()
        document.write_text("{}")
        (mirror.store / "blobs" / "sha256" / "zz").mkdir()
        (mirror.store / "blobs" / "sha256" / "zz" / "stray").write_bytes(b"x")
        result = mirror.run("verify", "--output", "json")
        assert (result.code, result.findings()) == (1, ["MDL509", "MDL509"])
        assert "is no name of a blob" in result.words()
        assert mirror.run("list").code == 0

    def test_a_pull_brings_back_what_is_gone(self, mirror: Mirror, filled: SimulatedModel) -> None:
        self.blob(mirror, filled, "config.json").unlink()
        with HubSimulator([filled]) as hub:
            assert mirror.pull(hub).code == 0
            assert {one.name for one in hub.asked("file")} == {"config.json"}
        assert mirror.run("verify").code == 0


class TestSync:
    @pytest.fixture(autouse=True)
    def fleet(self, mirror: Mirror) -> None:
        (mirror.home / "supplychain.toml").write_text(
            f'version = 1\n[[model]]\nref = "{REFERENCE}"\nfiles = ["*.gguf", "config.json"]\n'
        )

    def sync(self, mirror: Mirror, url: str, *arguments: str) -> tuple[int, str, str]:
        fixed = ["--endpoint", url, "--state", str(mirror.state), "--output", "json"]
        result = mirror.run("sync", *fixed, *arguments)
        return result.code, result.out, result.err

    def test_pulls_and_locks_then_needs_no_hub(self, mirror: Mirror) -> None:
        wanted = small_model()
        with HubSimulator([wanted]) as hub:
            assert self.sync(mirror, hub.url)[0] == 0
            asked = len(hub.log)
            lock = (mirror.home / "supplychain.lock").read_text()
            assert self.sync(mirror, hub.url, "--offline")[0] == 0
            assert len(hub.log) == asked
        assert f'revision = "{wanted.commit}"' in lock
        assert f'digest = "{mirror.listed()[0]["digest"]}"' in lock
        assert (mirror.home / "supplychain.lock").read_text() == lock

    def test_pulls_the_locked_commit_and_refuses_other_files(self, mirror: Mirror) -> None:
        wanted = small_model()
        with HubSimulator([wanted]) as hub:
            self.sync(mirror, hub.url)
            lock = mirror.home / "supplychain.lock"
            digest = mirror.listed()[0]["digest"]
            lock.write_text(lock.read_text().replace(digest, f"sha256:{'0' * 64}"))
            code, out, _ = self.sync(mirror, hub.url)
            assert code == 1
            assert "MDL508" in out
            other = Mirror(mirror.home)
            code, out, _ = self.sync(other, hub.url)
            assert code == 1
            assert "MDL508" in out
            assert other.listed() == []

    def test_a_lock_of_images_keeps_the_models(self, mirror: Mirror) -> None:
        with HubSimulator([small_model()]) as hub:
            self.sync(mirror, hub.url)
        lock = (mirror.home / "supplychain.lock").read_text()
        (mirror.home / "Dockerfile").write_text("FROM scratch\n")
        assert run(["lock", "--quiet"]) == 0
        assert (mirror.home / "supplychain.lock").read_text() == lock


def test_sync_without_models_has_nothing_to_do(mirror: Mirror) -> None:
    result = mirror.run("sync", "--endpoint", "http://127.0.0.1:9")
    assert result.code == 2
    assert "names no model" in result.err


@pytest.mark.parametrize(
    "ref", ["example/tiny", "hf.co/", "hf.co/a/b/c", "hf.co/a/b@", "hf.co/a/b:../x", "hf.co/-a/b"]
)
def test_what_is_no_reference_is_a_usage_error(mirror: Mirror, ref: str) -> None:
    result = mirror.run("pull", ref)
    assert result.code == 2
    assert result.err.startswith("error: ")


def test_a_file_in_two_places_is_stored_once(mirror: Mirror) -> None:
    content = weights(2 * MIB)
    wanted = with_files({"a.safetensors": content, "b/a.safetensors": content})
    with HubSimulator([wanted]) as hub:
        assert mirror.pull(hub).code == 0
        assert hub.sent["cdn"] == len(content)
    (listed,) = mirror.listed()
    digest = hashlib.sha256(content).hexdigest()
    assert [file["sha256"] for file in listed["files"]] == [digest, digest]
    assert NAME in listed["ref"]
