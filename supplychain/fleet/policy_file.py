"""Policies and waivers: the files that say what is allowed, and what somebody accepted."""

from __future__ import annotations

import difflib
import hashlib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from supplychain.access.files import exists
from supplychain.core.check import FAMILIES
from supplychain.core.digest import Digest
from supplychain.core.finding import Severity
from supplychain.core.policy import LockPolicy, ModelPolicy, Policy
from supplychain.core.scan_rules import ScanRules
from supplychain.core.waiver import VulnerabilityScope, Waiver
from supplychain.errors import ConfigError, UsageError
from supplychain.fleet.source import Source, Strict, load, parse, validated
from supplychain.formats.text import printable

SHIPPED = ("default", "strict")
DEFAULT = "default"

Value = TypeVar("Value")
_Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
_CheckOrFamily = Annotated[
    str, StringConstraints(pattern=rf"^({'|'.join(FAMILIES)})([0-9]{{3}})?$")
]
_Level = Literal["critical", "high", "medium", "low", "info"]


class DecideTable(Strict):
    """When a finding rejects its subject."""

    block_at: _Level | None = Field(None, description="least severity that blocks")
    block_unknown: bool | None = Field(None, description="whether an unknown severity blocks")
    thresholds: dict[_CheckOrFamily, _Level] | None = Field(
        None, description="least severity that blocks, for a family or one check"
    )


class EvidenceTable(Strict):
    """Which evidence may be missing."""

    optional: list[_Text] | None = Field(
        None, description="ids of gaps that do not make a decision inconclusive"
    )


class ImagesTable(Strict):
    """Where images may come from."""

    allowed_registries: list[_Text] | None = Field(
        None, description="registries, or names below one, that images may come from"
    )
    insecure_registries: list[_Text] | None = Field(
        None, description="registries that may be asked over plain http; loopback always may"
    )


class LockHostsTable(Strict):
    """Which hosts lock files may fetch from, for each ecosystem."""

    npm: list[_Text] | None = Field(None, description="hosts of npm packages")
    pypi: list[_Text] | None = Field(None, description="hosts of Python packages")


class LockfilesTable(Strict):
    """What is accepted in lock files."""

    allowed_hosts: LockHostsTable = LockHostsTable()
    algorithms: list[Literal["sha256", "sha384", "sha512"]] | None = Field(
        None, min_length=1, description="algorithms of hashes that count"
    )


class ModelsTable(Strict):
    """Which models may be mirrored."""

    publishers: list[_Text] | None = Field(
        None, description="accounts, or shell patterns over them; all where the list is empty"
    )
    licences: list[_Text] | None = Field(
        None, description="licences, or shell patterns over them; all where the list is empty"
    )
    formats: list[Literal["gguf", "safetensors"]] | None = Field(
        None, description="formats of weights; both where the list is empty"
    )
    max_size: int | None = Field(None, gt=0, description="bytes of one model")
    max_files: int | None = Field(None, gt=0, description="files of one model")


class ScansTable(Strict):
    """When a scanner's report counts."""

    max_report_age_days: int | None = Field(
        None, ge=0, description="days after which a report no longer counts"
    )
    max_database_age_days: int | None = Field(
        None, ge=0, description="days that a scanner's database may be older than its report"
    )
    required: list[Literal["trivy", "grype"]] | None = Field(
        None, description="scanners of which an image needs a report each; one of any when empty"
    )
    end_of_life_grace_days: int | None = Field(
        None, ge=0, description="days past its end of life in which a release may still be used"
    )
    releases: dict[_Text, date] | None = Field(
        None, description="further releases, such as 'alpine 3.24', and their last day of support"
    )


class PolicyFile(Strict):
    """A policy."""

    version: Literal[1]
    name: _Text | None = None
    extends: Literal["default", "strict"] | None = Field(
        None, description="a shipped policy whose values hold where this one is silent"
    )
    decide: DecideTable = DecideTable()
    evidence: EvidenceTable = EvidenceTable()
    images: ImagesTable = ImagesTable()
    lockfiles: LockfilesTable = LockfilesTable()
    scans: ScansTable = ScansTable()
    models: ModelsTable = ModelsTable()


class WaiverTable(Strict):
    """One accepted finding or gap."""

    check: _Text | None = Field(
        None, description="id or name of a check, id of a gap, or a fingerprint"
    )
    vulnerability: _Text | None = Field(None, description="id or alias of a vulnerability")
    package: _Text | None = Field(None, description="its package: a name, or a purl")
    version: _Text | None = Field(None, description="the installed version")
    path: _Text | None = Field(
        None, description="shell pattern that all paths of the package in the image match"
    )
    image: _Text | None = Field(None, description="digest of the image, or pattern over its name")
    subject: _Text = Field("*", description="shell pattern over the subject's path in the project")
    reason: _Text
    owner: _Text
    expires: date = Field(description="last day on which the waiver counts")

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        scoped = [self.package, self.version, self.path, self.image]
        if self.vulnerability is None and any(scoped):
            message = "package, version, path and image need a vulnerability"
            raise ValueError(message)
        if self.vulnerability is None and self.check is None:
            message = "name a check or a vulnerability"
            raise ValueError(message)
        return self

    @property
    def waiver(self) -> Waiver:
        """The waiver that the table writes."""
        scope = None
        if self.vulnerability is not None:
            scope = VulnerabilityScope(
                vulnerability=self.vulnerability,
                package=self.package,
                version=self.version,
                path=self.path,
                image=self.image,
            )
        return Waiver(
            check=self.check,
            subject=self.subject,
            reason=self.reason,
            owner=self.owner,
            expires=self.expires,
            scope=scope,
        )


class WaiversFile(Strict):
    """The waivers of a project."""

    version: Literal[1]
    waiver: list[WaiverTable] = Field(default_factory=list)


def load_policy(name_or_path: str, waivers: Path | None = None) -> Policy:
    """Return a shipped policy by name, or one from a file, with the waivers of a project.

    Raises:
        UsageError: there is no such policy.
        ConfigError: a file cannot be read or says something it may not.
    """
    sources = _chain(name_or_path)
    tables = [validated(source, PolicyFile) for source in sources]
    waiver_source = load(waivers) if waivers is not None else None
    accepted = validated(waiver_source, WaiversFile).waiver if waiver_source else []
    files = [*sources, *([waiver_source] if waiver_source else [])]
    return Policy(
        name=tables[0].name or sources[0].path.stem,
        digest=_digest(files),
        files=tuple(_shown(source.path) for source in files),
        block_at=Severity(_first([t.decide.block_at for t in tables]) or Severity.HIGH),
        block_unknown=bool(_first([t.decide.block_unknown for t in tables])),
        thresholds={
            key: Severity(level)
            for table in reversed(tables)
            for key, level in (table.decide.thresholds or {}).items()
        },
        optional_evidence=frozenset(_first([t.evidence.optional for t in tables]) or ()),
        allowed_registries=tuple(_first([t.images.allowed_registries for t in tables]) or ()),
        insecure_registries=frozenset(_first([t.images.insecure_registries for t in tables]) or ()),
        lockfiles=_lock_policy([table.lockfiles for table in tables]),
        models=_model_policy([table.models for table in tables]),
        scans=_scan_rules([t.scans for t in tables]),
        waivers=tuple(table.waiver for table in accepted),
    )


def _lock_policy(tables: list[LockfilesTable]) -> LockPolicy:
    hosts = [table.allowed_hosts for table in tables]
    algorithms = _first([table.algorithms for table in tables])
    return LockPolicy(
        allowed_hosts={
            "npm": tuple(_first([table.npm for table in hosts]) or ()),
            "pypi": tuple(_first([table.pypi for table in hosts]) or ()),
        },
        algorithms=LockPolicy().algorithms if algorithms is None else tuple(algorithms),
    )


def _model_policy(tables: list[ModelsTable]) -> ModelPolicy:
    return ModelPolicy(
        publishers=tuple(_first([table.publishers for table in tables]) or ()),
        licences=tuple(_first([table.licences for table in tables]) or ()),
        formats=tuple(_first([table.formats for table in tables]) or ()),
        max_size=_first([table.max_size for table in tables]),
        max_files=_first([table.max_files for table in tables]),
    )


def _scan_rules(tables: list[ScansTable]) -> ScanRules:
    """Return the rules of the most specific table that has each of them; releases add up."""
    shipped = ScanRules()
    report_age = _first([table.max_report_age_days for table in tables])
    database_age = _first([table.max_database_age_days for table in tables])
    grace = _first([table.end_of_life_grace_days for table in tables])
    return ScanRules(
        max_report_age=shipped.max_report_age if report_age is None else report_age,
        max_database_age=shipped.max_database_age if database_age is None else database_age,
        required_scanners=frozenset(_first([table.required for table in tables]) or ()),
        grace_days=shipped.grace_days if grace is None else grace,
        releases={
            name.lower(): ends
            for table in reversed(tables)
            for name, ends in (table.releases or {}).items()
        },
    )


def shipped_text(name: str) -> bytes:
    """Return the bytes of a shipped policy, from the wheel or the checkout."""
    inside = resources.files("supplychain") / "_policies" / f"{name}.toml"
    if inside.is_file():
        return inside.read_bytes()
    return (Path(__file__).parents[2] / "policies" / f"{name}.toml").read_bytes()


def _chain(name_or_path: str) -> list[Source]:
    """Return the policy's own file and those it extends, the most specific first."""
    sources: list[Source] = []
    following: str | None = name_or_path
    while following is not None:
        source = _source(following, is_name=bool(sources))
        sources.append(source)
        following = validated(source, PolicyFile).extends
        if following is not None and len(sources) > len(SHIPPED):
            message = f"{source.path}: policies extend each other in a circle"
            raise ConfigError(message, "remove an 'extends'")
    return sources


def _source(name_or_path: str, *, is_name: bool) -> Source:
    if name_or_path in SHIPPED:
        return parse(Path("policies") / f"{name_or_path}.toml", shipped_text(name_or_path))
    path = Path(name_or_path)
    if not is_name and (path.suffix == ".toml" or exists(path)):
        return load(path)
    close = difflib.get_close_matches(name_or_path, SHIPPED, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"shipped are {', '.join(SHIPPED)}"
    message = f"there is no policy {printable(name_or_path)!r}"
    raise UsageError(message, hint)


def _first(values: list[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _digest(sources: list[Source]) -> Digest:
    hasher = hashlib.sha256()
    for source in sources:
        hasher.update(len(source.data).to_bytes(8, "big"))
        hasher.update(source.data)
    return Digest("sha256", hasher.hexdigest())


def _shown(path: Path) -> str:
    return path.as_posix()
