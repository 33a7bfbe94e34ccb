"""Subjects to dossiers: each stage's collectors, then what all subjects ask for together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from supplychain.access.environment import Environment
from supplychain.access.tree import Tree
from supplychain.compose.collect import compose_file
from supplychain.core.evidence import Evidence, Gap
from supplychain.core.limits import MAX_REFERENCES
from supplychain.core.subject import Subject, SubjectKind
from supplychain.errors import UsageError
from supplychain.images.collect import compose, dockerfile, resolution
from supplychain.images.evidence import ImageUse
from supplychain.lockfiles.collect import dockerfile as installs
from supplychain.lockfiles.collect import lock_file
from supplychain.models.collect import local
from supplychain.verify import closed_folders
from supplychain.verify.dossier import Dossier
from supplychain.verify.plan import Target

Collector = Callable[[Subject, Tree, Environment], Iterator[Evidence | Gap]]

COLLECTORS: Mapping[SubjectKind, tuple[Collector, ...]] = {
    SubjectKind.DOCKERFILE: (dockerfile.collect, installs.collect),
    SubjectKind.COMPOSE: (compose_file.collect, compose.collect),
    SubjectKind.LOCKFILE: (lock_file.collect,),
    SubjectKind.PROJECT: (closed_folders.collect,),
}
# What a user can ask for by name.
KINDS = (
    SubjectKind.DOCKERFILE,
    SubjectKind.COMPOSE,
    SubjectKind.LOCKFILE,
    SubjectKind.MODEL,
)


def collect(targets: Sequence[Target], environment: Environment) -> list[Dossier]:
    """Return a dossier for every target, in their order.

    Raises:
        UsageError: there are more distinct references than ``MAX_REFERENCES``.
    """
    dossiers = own_dossiers(targets, environment)
    uses = uses_in(dossiers)
    by_subject = {dossier.subject: dossier for dossier in dossiers}
    for subject, piece in resolution.collect(uses, environment):
        by_subject[subject].extend([piece])
    return dossiers


def own_dossiers(targets: Sequence[Target], environment: Environment) -> list[Dossier]:
    """Return what each target says by itself, without asking the lock or a registry."""
    return [_own(target, environment) for target in targets]


def uses_in(dossiers: Sequence[Dossier]) -> list[ImageUse]:
    """Return all uses of images, in the order of the dossiers.

    Raises:
        UsageError: there are more distinct references than ``MAX_REFERENCES``.
    """
    uses = [use for dossier in dossiers for use in dossier.of(ImageUse)]
    if len({use.reference for use in uses}) > MAX_REFERENCES:
        message = f"more than {MAX_REFERENCES} distinct image references"
        raise UsageError(message, "judge the project in parts")
    return uses


def _own(target: Target, environment: Environment) -> Dossier:
    dossier = Dossier(target.subject)
    if target.model is not None:
        dossier.extend(local.collect(target.subject, target.model, environment))
        return dossier
    for collector in COLLECTORS[target.subject.kind]:
        dossier.extend(collector(target.subject, target.tree, environment))
    return dossier
