from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from supplychain.access.environment import Environment
from supplychain.access.failures import NotFound, Unreachable
from supplychain.core.lock import Lock
from supplychain.core.reference import Platform
from supplychain.errors import UsageError
from supplychain.fleet.locking import Update, is_current, update, wanted_entries
from tests.checks.image_evidence import digest, entry, use
from tests.simulators.images import image
from tests.simulators.registry import RegistrySimulator
from tests.unit.core.samples import NOW, POLICY, TOOL

NODE, REDIS = "docker.io/library/node:22", "docker.io/library/redis:8"
ARM = Platform.parse("linux/arm64")
ENVIRONMENT = Environment(
    now=NOW, tool=TOOL, policy=replace(POLICY, allowed_registries=("docker.io",))
)


@pytest.fixture
def registry() -> Iterator[RegistrySimulator]:
    images = [image("library/node", "22"), image("library/redis", "8")]
    with RegistrySimulator(images) as simulator:
        yield simulator


def updated(
    before: Lock, *texts: str, registry: RegistrySimulator, upgrade: bool = False
) -> Update:
    environment = replace(ENVIRONMENT, mirrors={"docker.io": registry.url})
    return update(before, wanted_entries(map(use, texts)), environment, upgrade=upgrade)


class TestWanted:
    def test_is_one_entry_for_each_tag(self) -> None:
        uses = [use("node:22"), use("node:22", platform=ARM), use("redis:8"), use("node:22")]
        node, redis = wanted_entries(uses)
        assert (str(node.reference), len(node.uses)) == (NODE, 3)
        assert [str(one) for one in node.platforms] == ["linux/amd64", "linux/arm64"]
        assert str(redis.reference) == REDIS

    def test_follows_the_pin_that_one_file_has(self) -> None:
        (node,) = wanted_entries([use("node:22"), use(f"node:22@{digest('a')}"), use("node:22")])
        assert node.reference.digest == digest("a")

    def test_takes_the_same_pin_twice(self) -> None:
        pinned = f"node:22@{digest('a')}"
        assert len(wanted_entries([use(pinned), use(pinned, line=2)])) == 1

    def test_refuses_two_pins(self) -> None:
        uses = [use(f"node:22@{digest('b')}", line=7), use(f"node:22@{digest('a')}", line=3)]
        with pytest.raises(UsageError) as caught:
            wanted_entries(uses)
        assert caught.value.message == (
            f"web/Dockerfile:7: '{NODE}' is pinned to {digest('b')}, "
            f"but web/Dockerfile:3 pins it to {digest('a')}"
        )

    def test_knows_digests_without_tags_apart(self) -> None:
        uses = [use(f"node@{digest('a')}"), use(f"node@{digest('b')}")]
        assert len(wanted_entries(uses)) == 2


@pytest.mark.parametrize(
    ("text", "platform", "current"),
    [
        ("node:22", "linux/amd64", True),
        (f"node:22@{digest('locked')}", "linux/amd64", True),
        (f"node:22@{digest('other')}", "linux/amd64", False),
        ("node:22", "linux/arm64", False),
    ],
)
def test_an_entry_is_current_for_what_it_answers(
    text: str, platform: str, *, current: bool
) -> None:
    (wanted,) = wanted_entries([use(text, platform=Platform.parse(platform))])
    assert is_current(wanted, entry("node:22")) is current
    assert not is_current(wanted, None)


class TestUpdate:
    def test_keeps_what_is_current_and_asks_for_the_rest(self, registry: RegistrySimulator) -> None:
        before = Lock(images={NODE: entry("node:22")})
        result = updated(before, "node:22", "redis:8", registry=registry)
        assert result.after.images[NODE] is before.images[NODE]
        assert [one.reference for one in result.added] == [REDIS]
        assert (result.changed, result.removed, dict(result.failed)) == ((), (), {})
        assert {one.repository for one in registry.log} == {"library/redis"}

    def test_drops_what_nothing_uses(self, registry: RegistrySimulator) -> None:
        before = Lock(images={NODE: entry("node:22"), REDIS: entry("redis:8")})
        result = updated(before, "node:22", registry=registry)
        assert [one.reference for one in result.removed] == [REDIS]
        assert registry.log == []

    def test_keeps_the_history_of_what_it_asks_again(self, registry: RegistrySimulator) -> None:
        before = Lock(images={NODE: entry("node:22")})
        result = updated(before, "node:22", registry=registry, upgrade=True)
        (changed,) = result.changed
        assert changed.digest != digest("locked")
        assert {one.digest for one in changed.seen} == {changed.digest, digest("locked")}
        later = replace(
            ENVIRONMENT, now=NOW + timedelta(days=1), mirrors={"docker.io": registry.url}
        )
        again = update(result.after, wanted_entries([use("node:22")]), later, upgrade=True)
        assert again.after == result.after

    def test_names_what_failed(self, registry: RegistrySimulator) -> None:
        before = Lock(images={"docker.io/library/node:23": entry("node:23")})
        texts = ("node:23", "redis:8", "registry.example/a:1")
        result = updated(before, *texts, registry=registry, upgrade=True)
        assert {key: type(error) for key, error in result.failed.items()} == {
            "docker.io/library/node:23": NotFound,
            "registry.example/a:1": Unreachable,
        }
        assert list(result.after.images) == [REDIS]

    def test_offline_asks_nothing(self, registry: RegistrySimulator) -> None:
        environment = replace(ENVIRONMENT, offline=True, mirrors={"docker.io": registry.url})
        result = update(Lock(), wanted_entries([use("node:22")]), environment, upgrade=False)
        assert isinstance(result.failed[NODE], Unreachable)
        assert registry.log == []

    def test_keeps_the_models_of_the_lock(self, registry: RegistrySimulator) -> None:
        before = Lock(models={"hf.co/a/b": None})  # type: ignore[dict-item]
        assert updated(before, registry=registry).after.models == before.models
