"""The images that one subject names, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from supplychain.access.environment import Environment
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.reference import ImageReference, InvalidReferenceError, Platform
from supplychain.core.subject import Subject
from supplychain.formats.text import printable
from supplychain.images.evidence import ImageUse, InvalidReference, UseKind


class Uses:
    """Turns the words that name images in one subject into evidence, leaving out repetitions."""

    def __init__(self, subject: Subject, environment: Environment) -> None:
        self._subject = subject
        self._environment = environment
        self._seen: set[tuple[object, ...]] = set()

    def image(
        self, image: str, *, kind: UseKind, raw: str, location: Location, platform: Platform
    ) -> Iterator[Evidence]:
        """Yield the use of an image, or that the word is no reference."""
        try:
            reference = ImageReference.parse(image)
        except InvalidReferenceError as error:
            yield from self.invalid(raw, f"'{printable(image, 80)}' {error}", location)
            return
        if self._is_new("use", reference, platform, kind, location):
            yield ImageUse(
                subject=self._subject,
                producer=self._environment.tool,
                observed_at=self._environment.now,
                digest=self._subject.digest,
                link=str(reference),
                reference=reference,
                kind=kind,
                raw=raw,
                location=location,
                platform=platform,
            )

    def invalid(self, raw: str, reason: str, location: Location) -> Iterator[Evidence]:
        """Yield that a word is no reference."""
        if self._is_new("invalid", raw, location):
            yield InvalidReference(
                subject=self._subject,
                producer=self._environment.tool,
                observed_at=self._environment.now,
                digest=self._subject.digest,
                raw=raw,
                reason=reason,
                location=location,
            )

    def unresolved(self, raw: str, missing: Sequence[str], location: Location) -> Iterator[Gap]:
        """Yield that variables without a value hide which image is meant."""
        if self._is_new("unresolved", raw, location):
            names = ", ".join(f"'{printable(name, 80)}'" for name in missing)
            yield Gap(
                id="unresolved-variable",
                wanted=f"the image that '{printable(raw, 120)}' names",
                reason=f"{'variables' if len(missing) > 1 else 'variable'} {names} without a value",
                hint=f"give {names} a default",
                location=location,
            )

    def _is_new(self, *key: object) -> bool:
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
