"""What must hold of core's values, and of the lock, for any input."""

from __future__ import annotations

import json as standard
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from supplychain.core.digest import Digest, InvalidDigestError
from supplychain.core.document import verdict_document
from supplychain.core.finding import Hit, Location, Severity, findings_of
from supplychain.core.lock import (
    MAX_SEEN,
    LockedImage,
    LockedPlatform,
    SeenDigest,
    lock_of,
    with_history,
)
from supplychain.core.reference import ImageReference, InvalidReferenceError, Platform
from supplychain.core.text import visible
from supplychain.core.verdict import Decision, decide
from supplychain.fleet.lock_file import lock_text, read_lock, write_lock
from supplychain.formats import json, oci
from supplychain.formats.text import MalformedError, printable
from supplychain.formats.words import SubstitutionError, expand
from tests.unit.core.samples import NOW, POLICY, WEB, gap

START = datetime(2026, 1, 1, tzinfo=UTC)

digests = st.binary(max_size=4).map(Digest.of) | st.binary(max_size=4).map(
    lambda data: Digest.of(data, "sha512")
)
components = st.from_regex(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*", fullmatch=True)
registries = st.from_regex(
    r"([a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-z]{2,}(:[0-9]{1,5})?|localhost(:[0-9]{1,5})?", fullmatch=True
)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
pieces = st.sampled_from(
    ["a", "A", "docker.io", "localhost", "/", ":", "@", ".", "-", "_", "[", "::1", "]", "5000",
     "sha256:", "0" * 64, "\0", "é", " ", "latest"]
)  # fmt: skip


@st.composite
def references(draw: st.DrawFn) -> ImageReference:
    name = "/".join(draw(st.lists(components, min_size=1, max_size=3)))
    registry = draw(st.none() | registries)
    tag, digest = draw(st.none() | tags), draw(st.none() | digests)
    text = f"{registry}/{name}" if registry else name
    text += f":{tag}" if tag else ""
    text += f"@{digest}" if digest else ""
    with suppress(InvalidReferenceError):
        return ImageReference.parse(text)
    return ImageReference.parse("node")


@settings(deadline=None)
@given(references())
def test_a_reference_written_out_is_itself(reference: ImageReference) -> None:
    assert ImageReference.parse(str(reference)) == reference
    assert ImageReference.parse(reference.lock_key).lock_key == reference.lock_key


@settings(deadline=None)
@given(references(), digests)
def test_a_pinned_reference_is_the_same_with_its_digest(
    reference: ImageReference, digest: Digest
) -> None:
    pinned = ImageReference.parse(reference.pinned(digest))
    assert pinned.digest == digest
    assert pinned.without_digest() == reference.without_digest()


@settings(deadline=None)
@given(st.lists(pieces, max_size=8).map("".join) | st.text(max_size=40))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    with suppress(InvalidReferenceError):
        reference = ImageReference.parse(text)
        assert ImageReference.parse(str(reference)) == reference
        assert reference.is_below(reference.registry)
        assert reference.is_below(reference.name)


@settings(deadline=None)
@given(st.text(max_size=80))
@example("sha256:" + "0" * 64)
def test_any_text_is_a_digest_or_refused(text: str) -> None:
    with suppress(InvalidDigestError):
        assert str(Digest.parse(text)) == text


words = st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True) | st.sampled_from(
    ["linux", "amd64", "x86_64", "arm", "armhf", "arm64", "v8", "8", "v7", "macos"]
)


@settings(deadline=None)
@given(words, words, st.none() | words)
def test_a_platform_written_out_is_itself(os: str, architecture: str, variant: str | None) -> None:
    platform = Platform.parse("/".join(filter(None, (os, architecture, variant))))
    assert Platform.parse(str(platform)) == platform


seen_digests = st.builds(
    SeenDigest,
    digest=digests,
    first_seen=st.integers(0, 10_000).map(lambda hours: START + timedelta(hours=hours)),
)
platforms = st.builds(
    LockedPlatform,
    platform=st.sampled_from(["linux/amd64", "linux/arm64", "linux/arm/v7"]).map(Platform.parse),
    digest=digests,
    layers=st.integers(0, 1000),
    chain_id=st.none() | digests,
)
images = st.builds(
    LockedImage,
    reference=references().map(lambda reference: reference.lock_key),
    digest=digests,
    media_type=st.sampled_from(oci.MANIFEST_TYPES),
    platforms=st.lists(platforms, max_size=3, unique_by=lambda one: one.platform).map(
        lambda some: tuple(sorted(some, key=lambda one: one.platform))
    ),
    seen=st.lists(seen_digests, max_size=4).map(tuple),
)


@given(st.lists(images, max_size=4))
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_lock_is_read_as_it_was_written(tmp_path: Path, locked: list[LockedImage]) -> None:
    lock = lock_of(locked)
    path = tmp_path / "supplychain.lock"
    write_lock(path, lock)
    assert read_lock(path) == lock
    assert lock_text(lock) == path.read_text(encoding="utf-8")


@given(images, st.lists(st.tuples(digests, st.integers(0, 99)), max_size=100))
@settings(deadline=None, max_examples=50)
def test_history_holds_the_locked_digest_and_never_too_much(
    image: LockedImage, moves: list[tuple[Digest, int]]
) -> None:
    locked = image
    for digest, hours in moves:
        newer = LockedImage(
            reference=image.reference,
            digest=digest,
            media_type=image.media_type,
            platforms=(),
            seen=(),
        )
        before = {one.digest: one.first_seen for one in locked.seen}
        locked = with_history(newer, locked, START + timedelta(hours=hours))
        assert locked.first_seen is not None
        assert len(locked.seen) <= MAX_SEEN
        for one in locked.seen:
            assert before.get(one.digest, one.first_seen) == one.first_seen
        assert list(locked.seen) == sorted(
            locked.seen, key=lambda one: (one.first_seen, str(one.digest))
        )


hits = st.builds(
    Hit,
    message=st.text(max_size=20),
    location=st.builds(
        Location, path=st.none() | st.text(max_size=5), line=st.none() | st.integers(1, 9)
    ),
    hint=st.just("h"),
    key=st.text(max_size=5),
    severity=st.none() | st.sampled_from(Severity),
    properties=st.dictionaries(
        st.text(max_size=3), st.none() | st.text(max_size=3) | st.booleans() | st.floats()
    ),
)


@settings(deadline=None)
@given(st.lists(hits, max_size=6), st.booleans(), st.randoms())
def test_findings_have_their_own_fingerprints_in_any_order_of_lines(
    some: list[Hit],
    with_gap: bool,  # noqa: FBT001 -- drawn by hypothesis
    random: object,
) -> None:
    found = findings_of("IMG001", "image-not-pinned", Severity.HIGH, WEB, some)
    prints = [one.fingerprint for one in found]
    assert len(set(prints)) == len(prints)
    gaps = [gap()] if with_gap else []
    verdict = decide(found, gaps, POLICY, NOW, subject=WEB)
    random.shuffle(found)  # type: ignore[attr-defined]
    assert decide(found, gaps, POLICY, NOW, subject=WEB) == verdict
    blocks = any(one.severity in (Severity.HIGH, Severity.CRITICAL) for one in found)
    assert (verdict.decision is Decision.FAIL) is blocks
    assert (verdict.decision is Decision.PASS) is (not blocks and not with_gap)
    told = verdict_document(verdict)
    assert [one["blocking"] for one in told["findings"]].count(True) == len(verdict.blocking)


@settings(deadline=None)
@given(st.text())
def test_visible_text_is_one_printable_line(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert visible(shown) == shown
    assert len(printable(text, 20)) <= 20


@settings(deadline=None)
@given(st.binary(max_size=60) | st.recursive(st.none() | st.text(max_size=3), st.lists).map(
    lambda value: str(value).replace("'", '"').encode(errors="surrogatepass")))  # fmt: skip
def test_any_bytes_are_json_or_malformed(data: bytes) -> None:
    with suppress(MalformedError):
        value = json.read(data, limit=1000)
        assert json.read(standard.dumps(value).encode(), limit=10_000) == value


documents: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    st.sampled_from(["schemaVersion", "mediaType", "manifests", "config", "layers", "rootfs",
                     "os", "architecture", "annotations"]),
    st.sampled_from([2, "x", None, [], {}, [{}], [{"digest": "sha256:x", "size": 1}],
                     {"diff_ids": ["sha256:" + "0" * 64]}, "linux", "amd64",
                     {"mediaType": "a", "size": 1, "digest": "sha256:" + "0" * 64}]),
)  # fmt: skip


@settings(deadline=None)
@given(documents, st.sampled_from(oci.MANIFEST_TYPES))
def test_any_document_is_an_image_or_malformed(document: dict[str, object], kind: str) -> None:
    data = standard.dumps(document).encode()
    with suppress(MalformedError):
        assert oci.read_manifest(data, kind).media_type == kind
    with suppress(MalformedError):
        read = oci.read_configuration(data)
        assert (read.platform.os, len(read.diff_ids)) == (document["os"], 1)


lexemes = st.sampled_from(
    ["$", "{", "}", "A", "B", "E", "'", '"', "\\", "/", "//", "#", "%", ":-", ":+", ":?", "-",
     "*", "?", "a", " ", "${A", "${B:-", "${A//", "é", "1"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(lexemes, max_size=12).map("".join))
def test_any_word_expands_or_is_refused(word: str) -> None:
    with suppress(SubstitutionError):
        expansion = expand(word, {"A": "1/2", "E": ""})
        assert set(expansion.used) <= {"A", "E"}
        assert not {"A", "E"} & set(expansion.missing)
