"""OCI and Docker documents; chain ids as image-spec v1.1.1 ``identity`` computes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supplychain.core.digest import Digest
from supplychain.core.limits import MAX_IMAGE_CONFIG, MAX_INDEX_ENTRIES, MAX_LAYERS, MAX_MANIFEST
from supplychain.core.reference import Platform
from supplychain.formats import oci
from supplychain.formats.oci import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MAX_SIZE,
    OCI_INDEX,
    OCI_MANIFEST,
    ImageIndex,
    ImageManifest,
    chain_id,
    read_configuration,
    read_manifest,
)
from supplychain.formats.text import MalformedError
from tests.simulators.images import image

# The diff ids of the example of image-spec, config.md.
BOTTOM = "sha256:c6f988f4874bb0add23a778f753c65efe992244e148a1d2ec2a8b664fb66bbd1"
TOP = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


def descriptor(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON value
    whole = {"mediaType": "application/octet-stream", "digest": DIGEST, "size": 1, **changes}
    return {key: value for key, value in whole.items() if value is not ...}


def platform(**changes: str) -> dict[str, str]:
    return {"os": "linux", "architecture": "amd64", **changes}


def index(*entries: object, **changes: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "manifests": list(entries), **changes}).encode()


def manifest(**changes: object) -> bytes:
    whole = {"schemaVersion": 2, "config": descriptor(), "layers": [descriptor()], **changes}
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def configuration(**changes: object) -> bytes:
    whole = {**platform(), "rootfs": {"type": "layers", "diff_ids": [BOTTOM, TOP]}, **changes}
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


class TestChainId:
    @pytest.mark.parametrize(
        ("diff_ids", "chain"),
        [
            ([BOTTOM], BOTTOM),
            (
                [BOTTOM, TOP],
                "sha256:c3191d32a37d7159b2e30830937d2e30268ad6c375a773a8994911a3aba9b93f",
            ),
            (
                [BOTTOM, TOP, BOTTOM],
                "sha256:ce60e381e7c2941cc3c11bc7a60b267bb56a3be80df231da8c523c53af72518b",
            ),
        ],
    )
    def test_is_that_of_the_specification(self, diff_ids: list[str], chain: str) -> None:
        assert str(chain_id([Digest.parse(one) for one in diff_ids])) == chain

    def test_of_nothing_is_not_defined(self) -> None:
        with pytest.raises(ValueError, match="without layers has no chain id"):
            chain_id([])


class TestIndex:
    @pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
    def test_lists_manifests_by_platform(self, media_type: str) -> None:
        arm = platform(architecture="arm64", variant="v8")
        read = read_manifest(
            index(
                descriptor(platform=platform(), size=7),
                descriptor(platform=arm),
                mediaType=media_type,
            ),
            media_type,
        )
        assert isinstance(read, ImageIndex)
        assert read.media_type == media_type
        assert [str(one.platform) for one in read.entries] == ["linux/amd64", "linux/arm64"]
        entry = read.entry_for(Platform.parse("linux/amd64"))
        assert entry is not None
        assert (str(entry.descriptor.digest), entry.descriptor.size) == (DIGEST, 7)
        assert read.entry_for(Platform.parse("linux/arm/v7")) is None

    def test_takes_the_first_of_equal_platforms(self) -> None:
        two = index(descriptor(platform=platform()), descriptor(platform=platform(), size=2))
        read = read_manifest(two, OCI_INDEX)
        assert isinstance(read, ImageIndex)
        entry = read.entry_for(Platform.parse("linux/amd64"))
        assert entry is not None
        assert entry.descriptor.size == 1

    def test_tells_variants_apart(self) -> None:
        read = read_manifest(
            index(
                descriptor(platform=platform(architecture="arm", variant="v6")),
                descriptor(platform=platform(architecture="arm", variant="7"), size=7),
            ),
            OCI_INDEX,
        )
        assert isinstance(read, ImageIndex)
        entry = read.entry_for(Platform.parse("linux/arm"))
        assert entry is not None
        assert entry.descriptor.size == 7

    def test_of_buildkit_has_attestations_without_platform(self) -> None:
        made = image("acme/a", "1", attested=True)
        read = read_manifest(made.top.body, OCI_INDEX)
        assert isinstance(read, ImageIndex)
        shown = [str(one.platform) if one.platform else None for one in read.entries]
        assert shown == ["linux/amd64", "linux/arm64", None, None]

    def test_may_be_empty_or_have_entries_without_platform(self) -> None:
        assert read_manifest(index(), OCI_INDEX) == ImageIndex(media_type=OCI_INDEX, entries=())
        read = read_manifest(index(descriptor()), OCI_INDEX)
        assert isinstance(read, ImageIndex)
        assert [one.platform for one in read.entries] == [None]

    @pytest.mark.parametrize(
        ("data", "at", "reason"),
        [
            (b"[]", "$", "is no object"),
            (b'{"schemaVersion": 2}', "$.manifests", "is no array"),
            (index(schemaVersion=1), "$.schemaVersion", "has no schemaVersion 2"),
            (index(schemaVersion="2"), "$.schemaVersion", "has no schemaVersion 2"),
            (index(mediaType=OCI_MANIFEST), "$.mediaType", "calls itself"),
            (index(mediaType=None), "$.mediaType", "calls itself 'None'"),
            (index(1), "$.manifests[0]", "is no object"),
            (index(descriptor(), descriptor(platform=[])), "$.manifests[1].platform", "no object"),
            (
                index(descriptor(platform={"os": "linux"})),
                "$.manifests[0].platform",
                "names no operating system and architecture",
            ),
            (
                index(descriptor(platform=platform(os="a/b"))),
                "$.manifests[0].platform",
                "has a slash in the name",
            ),
            (
                index(descriptor(platform=platform(os="a b"))),
                "$.manifests[0].platform",
                "is not OS/ARCHITECTURE",
            ),
            (
                index(descriptor(platform=platform(os="\x1b[2J"))),
                "$.manifests[0].platform",
                r"'\\x1b\[2J/amd64'",
            ),
            (
                index(*[descriptor()] * (MAX_INDEX_ENTRIES + 1)),
                "$.manifests",
                f"has more than {MAX_INDEX_ENTRIES} entries",
            ),
        ],
    )
    def test_is_refused_with_the_place(self, data: bytes, at: str, reason: str) -> None:
        with pytest.raises(MalformedError, match=reason) as caught:
            read_manifest(data, OCI_INDEX)
        assert caught.value.at == at


class TestManifest:
    @pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
    def test_has_configuration_and_layers(self, media_type: str) -> None:
        data = manifest(mediaType=media_type, config=descriptor(size=5), layers=[descriptor()] * 2)
        read = read_manifest(data, media_type)
        assert isinstance(read, ImageManifest)
        assert (read.media_type, read.config.size, len(read.layers)) == (media_type, 5, 2)
        assert read.base == (None, None)

    def test_may_claim_a_base(self) -> None:
        claims = {oci.BASE_NAME: "docker.io/library/node:22", oci.BASE_DIGEST: DIGEST, "x": 1}
        read = read_manifest(manifest(annotations=claims), OCI_MANIFEST)
        assert isinstance(read, ImageManifest)
        assert read.base == ("docker.io/library/node:22", Digest.parse(DIGEST))

    @pytest.mark.parametrize("claims", [{oci.BASE_DIGEST: "sha256:x"}, {}, None, [], "x"])
    def test_claims_that_are_none_are_not_believed(self, claims: object) -> None:
        read = read_manifest(manifest(annotations=claims), OCI_MANIFEST)
        assert isinstance(read, ImageManifest)
        assert read.base == (None, None)

    @pytest.mark.parametrize(
        ("data", "at", "reason"),
        [
            (manifest(config=...), "$.config", "is no object"),
            (manifest(layers=...), "$.layers", "is no array"),
            (manifest(layers={}), "$.layers", "is no array"),
            (manifest(layers=[[]]), "$.layers[0]", "is no object"),
            (manifest(config=descriptor(mediaType=...)), "$.config", "has no mediaType"),
            (manifest(config=descriptor(mediaType="")), "$.config", "has no mediaType"),
            (manifest(config=descriptor(mediaType=1)), "$.config", "has no mediaType"),
            (manifest(config=descriptor(size=...)), "$.config", "has no size"),
            (manifest(config=descriptor(size=-1)), "$.config", "has no size"),
            (manifest(config=descriptor(size=1.0)), "$.config", "has no size"),
            (manifest(config=descriptor(size=True)), "$.config", "has no size"),
            (manifest(config=descriptor(size="1")), "$.config", "has no size"),
            (manifest(config=descriptor(size=MAX_SIZE + 1)), "$.config", "has no size"),
            (manifest(config=descriptor(digest=...)), "$.config.digest", "is no digest"),
            (manifest(config=descriptor(digest="x")), "$.config.digest", "is not sha256 or sha512"),
            (
                manifest(config=descriptor(digest=DIGEST.upper())),
                "$.config.digest",
                "is not sha256 or sha512",
            ),
            (
                manifest(layers=[descriptor()] * (MAX_LAYERS + 1)),
                "$.layers",
                f"has more than {MAX_LAYERS} entries",
            ),
        ],
    )
    def test_is_refused_with_the_place(self, data: bytes, at: str, reason: str) -> None:
        with pytest.raises(MalformedError, match=reason) as caught:
            read_manifest(data, OCI_MANIFEST)
        assert caught.value.at == at

    def test_takes_sizes_and_layers_up_to_their_limits(self) -> None:
        data = manifest(config=descriptor(size=MAX_SIZE), layers=[descriptor(size=0)] * MAX_LAYERS)
        read = read_manifest(data, OCI_MANIFEST)
        assert isinstance(read, ImageManifest)
        assert (read.config.size, len(read.layers)) == (MAX_SIZE, MAX_LAYERS)

    @pytest.mark.parametrize(
        "media_type",
        [
            "application/vnd.docker.distribution.manifest.v1+prettyjws",
            "application/json",
            "",
            "x" * 500,
        ],
    )
    def test_of_another_type_is_refused(self, media_type: str) -> None:
        with pytest.raises(MalformedError, match="which is no image manifest"):
            read_manifest(manifest(), media_type)

    def test_larger_than_registries_accept_is_refused(self) -> None:
        with pytest.raises(MalformedError, match=f"has more than {MAX_MANIFEST} bytes"):
            read_manifest(manifest() + b" " * MAX_MANIFEST, OCI_MANIFEST)


class TestConfiguration:
    def test_has_platform_layers_and_age(self) -> None:
        read = read_configuration(configuration(created="2026-01-02T03:04:05.678Z"))
        assert str(read.platform) == "linux/amd64"
        assert [str(one) for one in read.diff_ids] == [BOTTOM, TOP]
        assert read.created == "2026-01-02T03:04:05.678Z"
        assert read.chain_id == chain_id(read.diff_ids)

    @pytest.mark.parametrize(
        "created", ["yesterday", "", None, 1, "2026-01-02", "2026-01-02T03:04:05", "x" * 99]
    )
    def test_an_age_that_is_no_time_is_not_believed(self, created: object) -> None:
        assert read_configuration(configuration(created=created)).created is None

    def test_may_have_no_layers(self) -> None:
        read = read_configuration(configuration(rootfs={"diff_ids": []}))
        assert read.diff_ids == ()

    @pytest.mark.parametrize(
        ("data", "at", "reason"),
        [
            (configuration(rootfs=...), "$.rootfs", "is no object"),
            (configuration(rootfs={}), "$.rootfs.diff_ids", "is no array"),
            (configuration(rootfs={"diff_ids": [1]}), "$.rootfs.diff_ids[0]", "is no digest"),
            (
                configuration(rootfs={"diff_ids": [BOTTOM, "sha256:x"]}),
                "$.rootfs.diff_ids[1]",
                "64 lower-case",
            ),
            (configuration(os=...), "$", "names no operating system"),
            (configuration(architecture=""), "$", "names no operating system"),
            (configuration(variant=7), "$", "names no operating system"),
            (
                configuration(rootfs={"diff_ids": [BOTTOM] * (MAX_LAYERS + 1)}),
                "$.rootfs.diff_ids",
                f"has more than {MAX_LAYERS} entries",
            ),
        ],
    )
    def test_is_refused_with_the_place(self, data: bytes, at: str, reason: str) -> None:
        with pytest.raises(MalformedError, match=reason) as caught:
            read_configuration(data)
        assert caught.value.at == at

    def test_larger_than_any_real_one_is_refused(self) -> None:
        with pytest.raises(MalformedError, match=f"has more than {MAX_IMAGE_CONFIG} bytes"):
            read_configuration(configuration() + b" " * MAX_IMAGE_CONFIG)


@pytest.mark.parametrize(
    "twice",
    [
        b'{"schemaVersion": 2, "config": {}, "config": {}, "layers": []}',
        b'{"schemaVersion": 2, "Config": {}, "config": {}, "layers": []}',
    ],
)
def test_keys_that_tools_read_differently_are_refused(twice: bytes) -> None:
    with pytest.raises(MalformedError, match=r"twice|case alone"):
        read_manifest(twice, OCI_MANIFEST)
