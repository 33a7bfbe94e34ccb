"""SBOMs are counted, and give the digests of the image that they are about."""

from __future__ import annotations

import json

import pytest

from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError
from supplychain.scans.model import Packages
from supplychain.scans.sbom import Sbom, read_sbom
from tests.generators.scanner_reports import IMAGE_ID, MANIFEST


def read(document: object) -> Sbom:
    return read_sbom(json.dumps(document).encode())


def test_cyclonedx_counts_what_has_a_purl_and_names_the_image_in_any_of_three_ways() -> None:
    components = [
        {"type": "library", "purl": "pkg:deb/debian/zlib1g@1?distro=debian-12"},
        {"type": "library", "purl": "pkg:npm/lodash@4.17.4"},
        {"type": "operating-system", "name": "debian"},
    ]
    property_ = {"name": "aquasecurity:trivy:RepoDigest", "value": f"app@{IMAGE_ID}"}
    for about in (
        {"version": IMAGE_ID},
        {"purl": f"pkg:oci/app@{IMAGE_ID.replace(':', '%3A')}?arch=amd64"},
        {"properties": [property_, {"name": "other", "value": MANIFEST}]},
    ):
        document = {
            "bomFormat": "CycloneDX",
            "components": components,
            "metadata": {"component": {"type": "container", "bom-ref": "r", **about}},
        }
        sbom = read(document)
        assert sbom.packages == Packages(system=1, language=1)
        assert [str(digest) for digest in sbom.digests] == [IMAGE_ID]
        assert (sbom.reference, sbom.unplaced) == ("r", 0)


def test_spdx_counts_what_has_a_purl_and_leaves_the_image_out() -> None:
    def package(purl: str, **more: str) -> dict[str, object]:
        return {"externalRefs": [{"referenceType": "purl", "referenceLocator": purl}], **more}

    document = {
        "spdxVersion": "SPDX-2.3",
        "packages": [
            package(f"pkg:oci/app@{IMAGE_ID}", primaryPackagePurpose="CONTAINER")
            | {"versionInfo": IMAGE_ID},
            package("pkg:apk/alpine/musl@1.2.5?distro=3.22"),
            {"name": "a file", "externalRefs": [{"referenceType": "cpe23Type"}]},
        ],
    }
    sbom = read(document)
    assert sbom.packages == Packages(system=1, language=0)
    assert [str(digest) for digest in sbom.digests] == [IMAGE_ID]
    assert sbom.unplaced == 1


def test_syft_counts_by_type_and_names_the_image_by_all_its_digests() -> None:
    metadata = {"imageID": IMAGE_ID, "manifestDigest": MANIFEST, "repoDigests": ["app@nothing"]}
    artifacts = [{"type": "deb"}, {"type": "python"}, {"type": "rpm"}]
    sbom = read({"artifacts": artifacts, "source": {"type": "image", "metadata": metadata}})
    assert sbom.packages == Packages(system=2, language=1)
    assert {str(digest) for digest in sbom.digests} == {IMAGE_ID, MANIFEST}


def test_an_sbom_may_name_no_image() -> None:
    nameless: list[object] = [{"bomFormat": "CycloneDX"}, {"artifacts": []}, {"spdxVersion": "2.3"}]
    for document in nameless:
        assert read(document).digests == frozenset()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"components": 3}', b'{"x": ' + b"[" * 100_000]
)
def test_what_is_no_whole_sbom_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_sbom(data)


def test_what_is_no_sbom_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="is no SBOM"):
        read({"runs": []})
