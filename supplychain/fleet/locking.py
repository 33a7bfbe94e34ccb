"""The lock brought up to date: what is kept, what is asked, and what stands in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from supplychain.access.environment import Environment
from supplychain.access.failures import AccessError, Unreachable, forbidden
from supplychain.core.lock import Lock, LockedImage, with_history
from supplychain.core.reference import ImageReference, Platform
from supplychain.errors import UsageError
from supplychain.images.collect.resolution import registry_client
from supplychain.images.evidence import ImageUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One entry that the project's files ask for: its uses, its reference, its platforms."""

    reference: ImageReference
    platforms: tuple[Platform, ...]
    uses: tuple[ImageUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A lock before and after, and the references that could not be resolved."""

    before: Lock
    after: Lock
    failed: Mapping[str, AccessError] = field(default_factory=dict)

    @property
    def added(self) -> tuple[LockedImage, ...]:
        """Entries that the lock did not have."""
        return tuple(e for key, e in self.after.images.items() if key not in self.before.images)

    @property
    def changed(self) -> tuple[LockedImage, ...]:
        """Entries that the lock had otherwise."""
        before = self.before.images
        return tuple(e for key, e in self.after.images.items() if before.get(key, e) != e)

    @property
    def removed(self) -> tuple[LockedImage, ...]:
        """Entries that nothing uses any more."""
        return tuple(e for key, e in self.before.images.items() if key not in self.after.images)


def wanted_entries(uses: Iterable[ImageUse]) -> list[Wanted]:
    """Return the entries that a project needs, by their lock keys.

    Raises:
        UsageError: two files pin one tag to different digests.
    """
    grouped: dict[str, list[ImageUse]] = defaultdict(list)
    for use in uses:
        grouped[use.reference.lock_key].append(use)
    return [_wanted(grouped[key]) for key in sorted(grouped)]


def is_current(wanted: Wanted, entry: LockedImage | None) -> bool:
    """Say whether an entry of the lock still answers what the files ask for."""
    if entry is None:
        return False
    pinned = wanted.reference.digest
    if pinned is not None and pinned != entry.digest:
        return False
    return set(wanted.platforms) <= {one.platform for one in entry.platforms} | set(entry.absent)


def update(
    before: Lock, wanted: Sequence[Wanted], environment: Environment, *, upgrade: bool
) -> Update:
    """Resolve what is missing, or with ``upgrade`` everything, and keep the rest.

    An entry that only lacks a platform is asked for by its locked digest: its tag may have moved,
    and following it is what ``upgrade`` is for. An entry whose reference failed is missing from
    the result; the caller does not write it then.
    """
    if upgrade:
        asked = list(wanted)
    else:
        known_of = [(one, before.images.get(one.reference.lock_key)) for one in wanted]
        asked = [_as_locked(one, known) for one, known in known_of if not is_current(one, known)]
    answers = _ask(asked, environment)
    images = {}
    for one in wanted:
        key = one.reference.lock_key
        known, answer = before.images.get(key), answers.get(key)
        if isinstance(answer, LockedImage):
            images[key] = with_history(answer, known, environment.now)
        elif answer is None and known is not None:
            images[key] = known
    failed = {key: answer for key, answer in answers.items() if isinstance(answer, AccessError)}
    return Update(before=before, after=replace(before, images=images), failed=failed)


def _as_locked(wanted: Wanted, entry: LockedImage | None) -> Wanted:
    """Return what is wanted by the digest that the lock has, unless a file pins another one."""
    if entry is None or wanted.reference.digest is not None:
        return wanted
    locked = ImageReference.parse(f"{wanted.reference.lock_key}@{entry.digest}")
    return replace(wanted, reference=locked)


def _wanted(uses: Sequence[ImageUse]) -> Wanted:
    pins = {use.reference.digest: use for use in uses if use.reference.digest is not None}
    if len(pins) > 1:
        first, second = sorted(pins.values(), key=lambda use: str(use.location))[:2]
        message = (
            f"{second.location}: '{second.reference.lock_key}' is pinned to "
            f"{second.reference.digest}, but {first.location} pins it to {first.reference.digest}"
        )
        raise UsageError(message, "write the same digest in both files")
    reference = next(iter(pins.values())).reference if pins else uses[0].reference
    platforms = tuple(sorted({use.platform for use in uses}))
    return Wanted(reference=reference, platforms=platforms, uses=tuple(uses))


def _ask(
    wanted: Sequence[Wanted], environment: Environment
) -> Mapping[str, LockedImage | AccessError]:
    """Ask the registries; the HTTP client is imported only when there is something to ask."""
    if environment.offline:
        references = {one.reference.lock_key: one.reference for one in wanted}
        return {key: forbidden(one.registry, str(one)) for key, one in references.items()}
    if not wanted:
        return {}
    from supplychain.access.lanes import in_lanes  # noqa: PLC0415 -- loaded with the client
    from supplychain.fleet.resolve import locked_image  # noqa: PLC0415

    with registry_client(environment) as client:

        def resolved(one: Wanted) -> LockedImage | AccessError:
            if not environment.policy.allows(one.reference):
                return Unreachable("its registry is not on the allow list, so it was not asked")
            try:
                return locked_image(client, one.reference, one.platforms)
            except AccessError as error:
                return error

        answers = in_lanes(wanted, lambda one: one.reference.registry, resolved)
    return {one.reference.lock_key: answer for one, answer in answers.items()}
