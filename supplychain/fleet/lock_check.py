"""``lock --check``: does the lock still agree with the files and with the registries?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from supplychain.access.environment import Environment
from supplychain.core.check import LockMoment
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.finding import Location
from supplychain.core.lock import Lock, LockedImage
from supplychain.core.reference import ImageReference
from supplychain.core.subject import Subject, SubjectKind
from supplychain.core.verdict import Verdict
from supplychain.fleet.lock_file import LOCK_ENTRY, LOCK_NAME
from supplychain.images.collect.resolution import answer_evidence, ask, lookup
from supplychain.images.evidence import ImageUse, LockedTag, Resolution
from supplychain.verify.discover import all_checks
from supplychain.verify.dossier import Dossier
from supplychain.verify.judge import judge


def checked(
    dossiers: Sequence[Dossier],
    uses: Sequence[ImageUse],
    lock: Lock,
    lock_path: Path,
    environment: Environment,
) -> tuple[Verdict, ...]:
    """Return a verdict on the lock and on every subject, asking the registry for every tag.

    A reference that is locked is asked by its tag, so that a tag that moved is seen; one that the
    files pin and the lock does not know by its own digest. A project without a lock is one whose
    lock says nothing.
    """
    environment = replace(environment, lock=lock)
    asked = {use.reference: _asked(use.reference, lock) for use in uses}
    answers = ask(sorted(set(asked.values()), key=str), environment)
    by_subject = {dossier.subject: dossier for dossier in dossiers}
    for use in uses:
        answer = answers.get(asked[use.reference])
        entry = lock.find(use.reference)
        pieces = [lookup(use, entry, environment), answer_evidence(use, answer, environment)]
        by_subject[use.subject].extend(pieces)
    own = Dossier(Subject(kind=SubjectKind.PROJECT, ref=LOCK_NAME, path=os.path.relpath(lock_path)))
    own.extend(_entries(own.subject, dossiers, lock, _lines(lock_path), environment))
    checks = [item for item in all_checks() if LockMoment.CHECK in item.judges_lock]
    judged = [own, *dossiers]
    return tuple(judge(one, checks, environment.policy, environment.now) for one in judged)


def _asked(reference: ImageReference, lock: Lock) -> ImageReference:
    locked = lock.find(reference) is not None and reference.tag is not None
    return reference.without_digest() if locked else reference


def _entries(
    subject: Subject,
    dossiers: Sequence[Dossier],
    lock: Lock,
    lines: Mapping[str, int],
    environment: Environment,
) -> Iterator[Evidence | Gap]:
    current: dict[str, Resolution | None] = {}
    pinned: dict[str, Location] = {}
    for dossier in dossiers:
        for use in dossier.of(ImageUse):
            found = dossier.joined(Resolution, use.link)
            current[use.reference.lock_key] = found if isinstance(found, Resolution) else None
            if use.reference.digest is not None:
                pinned.setdefault(use.reference.lock_key, use.location)
    for key, entry in sorted(lock.images.items()):
        resolution = current.get(key)
        yield LockedTag(
            subject=subject,
            producer=environment.tool,
            observed_at=environment.now,
            link=key,
            digest=entry.digest,
            entry=entry,
            used=key in current,
            current=resolution.image if resolution else None,
            pinned_at=pinned.get(key),
            location=Location(path=subject.path, line=lines.get(_name(entry))),
        )


def _name(entry: LockedImage) -> str:
    return LOCK_ENTRY.format(entry.reference)


def _lines(lock_path: Path) -> Mapping[str, int]:
    text = lock_path.read_text(encoding="utf-8") if lock_path.is_file() else ""
    return {line: number for number, line in enumerate(text.splitlines(), 1)}
