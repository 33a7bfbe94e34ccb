"""supplychain.toml: what a project's fleet has."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from supplychain.access.files import exists, is_file
from supplychain.core.reference import InvalidReferenceError, Platform
from supplychain.errors import UsageError
from supplychain.fleet.lock_file import LOCK_NAME
from supplychain.fleet.source import Strict, load, validated
from supplychain.formats.text import printable
from supplychain.mirror.reference import ModelReference

FLEET_NAME = "supplychain.toml"
WAIVERS_NAME = "policies/waivers.toml"

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
_Address = Annotated[str, StringConstraints(pattern=r"^https?://[^/@\s]+/?$", max_length=300)]


class ExcludeTable(Strict):
    """Files that are not judged, and why."""

    path: _Text = Field(description="a path in the project, or a shell pattern over paths")
    reason: _Text

    def covers(self, name: str) -> bool:
        """Say whether a path in the project is excluded."""
        folder = self.path.rstrip("/")
        return name == folder or name.startswith(f"{folder}/") or fnmatchcase(name, self.path)


class RegistriesTable(Strict):
    """How registries are reached."""

    mirrors: dict[_Text, _Address] = Field(
        {}, description="registry host to the address that is asked in its place"
    )


class ModelTable(Strict):
    """A model that the mirror keeps."""

    ref: _Text = Field(description="hf.co/OWNER/REPO")
    revision: _Text | None = Field(None, description="branch, tag or commit; main where none is")
    files: list[_Text] = Field(
        default_factory=list, description="files, patterns or a quantisation; all where none is"
    )

    @model_validator(mode="after")
    def _is_a_reference(self) -> Self:
        try:
            self.reference  # noqa: B018 -- raises where the parts are not valid
            named = ModelReference.parse(self.ref)
        except UsageError as error:
            raise ValueError(error.message) from None
        if (self.revision or self.files) and str(named) != named.source:
            message = "ref names a revision or files, which have keys of their own"
            raise ValueError(message)
        return self

    @property
    def reference(self) -> ModelReference:
        """The reference that the table stands for.

        Raises:
            UsageError: it is none.
        """
        named = ModelReference.parse(self.ref)
        return ModelReference.of(
            named.repository, self.revision or named.revision, self.files or named.patterns
        )


class FleetFile(Strict):
    """A project's fleet."""

    version: Literal[1]
    policy: _Text | None = Field(
        None, description="name of a shipped policy, or path of a policy file beside this one"
    )
    waivers: _Text | None = Field(
        None, description=f"path of the waivers; {WAIVERS_NAME} where it exists"
    )
    platforms: list[str] = Field(["linux/amd64"], description="platforms that the fleet runs on")
    exclude: list[ExcludeTable] = Field(default_factory=list)
    registries: RegistriesTable = RegistriesTable()
    model: list[ModelTable] = Field(default_factory=list)

    @field_validator("platforms")
    @classmethod
    def _are_platforms(cls, platforms: list[str]) -> list[str]:
        if not platforms:
            message = "name at least one platform"
            raise ValueError(message)
        for text in platforms:
            try:
                Platform.parse(text)
            except InvalidReferenceError as error:
                raise ValueError(str(error)) from None
        return platforms


class Project:
    """A project's folder and its fleet file."""

    def __init__(self, root: Path, fleet: FleetFile) -> None:
        self.root = root
        self.fleet = fleet

    @property
    def has_file(self) -> bool:
        """Whether the folder says itself that it is a project."""
        return is_file(self.root / FLEET_NAME) or is_file(self.lock_path)

    @property
    def lock_path(self) -> Path:
        """Where the lock lies."""
        return self.root / LOCK_NAME

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that the fleet runs on."""
        return tuple(Platform.parse(text) for text in self.fleet.platforms)

    def exclusion(self, name: str) -> str | None:
        """Return the reason why a path in the project is not judged, or ``None``."""
        for exclude in self.fleet.exclude:
            if exclude.covers(name):
                return exclude.reason
        return None

    def policy_name(self, chosen: str | None) -> str:
        """Return the policy to load: the chosen one, else the fleet file's, else the default."""
        if chosen is not None:
            return chosen
        if self.fleet.policy is None:
            return "default"
        beside = self.root / self.fleet.policy
        return str(beside) if beside.suffix == ".toml" else self.fleet.policy

    @property
    def waivers_path(self) -> Path | None:
        """The waivers file: the named one, else the usual one where it exists."""
        if self.fleet.waivers is not None:
            return self.root / self.fleet.waivers
        usual = self.root / WAIVERS_NAME
        return usual if is_file(usual) else None


def find_project(paths: Iterable[Path], config: Path | None = None) -> Project:
    """Find the project that ``paths`` belong to.

    It is the nearest folder upwards that has a fleet file or a lock, not beyond a checkout's root;
    else the folder given, or that of the file given.

    Raises:
        UsageError: a path does not exist.
        ConfigError: the fleet file cannot be read or says something it may not.
    """
    if config is not None:
        fleet = validated(load(config), FleetFile)
        return Project(config.resolve().parent, fleet)
    first = next(iter(paths), Path())
    if not exists(first):
        message = f"path {printable(str(first))!r} does not exist"
        raise UsageError(message, "check the path")
    return project_around(first.resolve() if first.is_dir() else first.resolve().parent)


def project_around(folder: Path) -> Project:
    """Return the project that a folder belongs to, the folder itself where there is none.

    Raises:
        ConfigError: the fleet file cannot be read or says something it may not.
    """
    for candidate in (folder, *folder.parents):
        if is_file(candidate / FLEET_NAME):
            return Project(candidate, validated(load(candidate / FLEET_NAME), FleetFile))
        if is_file(candidate / LOCK_NAME):
            return Project(candidate, FleetFile(version=1))
        if exists(candidate / ".git"):
            break
    return Project(folder, FleetFile(version=1))
