"""Images of the simulators are byte for byte the same everywhere."""

from __future__ import annotations

import pytest

from tests.simulators.images import image


@pytest.mark.parametrize(
    ("options", "digits"),
    [
        ({}, "68ba740ebad99f31711887ce4b6ec8d9fd4c945482c56ead76394a0fd98a7b9c"),
        ({"release": 2}, "a031978ae698192ae0b3655f3003b98be5e9f1157caa7b22fbec9003461f0a17"),
        ({"attested": True}, "d02d0413f78162a35fb435025167f4511c1491f8c3285f2d791b840f80f14ad0"),
        ({"family": "docker"}, "90177bae160de8aed1b67a7ddb0a6a42d37cb3434ea575cbbffbea16af5d2cf4"),
        (
            {"platforms": ["linux/arm/v7"], "is_index": False},
            "07983755934bb3885f2f07b2d2a8605aa4c71304338bad5b6e69c2ab5eee67af",
        ),
    ],
)
def test_an_image_has_its_digest_on_every_machine(options: dict[str, object], digits: str) -> None:
    assert image("library/tiny", "1.0", **options).digest == f"sha256:{digits}"  # type: ignore[arg-type]


def test_a_chain_id_covers_all_layers_in_order() -> None:
    part = image("library/tiny", "1.0", layers=3).platforms["linux/amd64"]
    assert len(set(part.diff_ids)) == 3
    assert (
        part.chain_id == "sha256:f7aa34ae78a234ef1cb6457e9831bccab70f41e035ebbb341e6cead811adc8b7"
    )
