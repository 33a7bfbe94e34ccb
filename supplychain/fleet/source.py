"""TOML files that people write: read under a limit, validated, with errors that name the line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from supplychain.access.files import TooLargeError, UnreadableError, read_bounded
from supplychain.core.limits import MAX_CONFIG_FILE
from supplychain.errors import ConfigError
from supplychain.formats.text import MalformedError, decode, printable

CURRENT_VERSION = 1
MAX_KEY_DOTS = 32  # of one key; tomllib's time and memory grow with the square, ours nest five deep
_UNKNOWN_KEY = "extra_forbidden"  # pydantic's name of the problem

_TOML_PLACE = re.compile(r"(?P<reason>.*) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)
# What may hold any sign, and the signs around keys. A quote alone begins a string without an end.
_TOML_TOKEN = re.compile(
    r"""
    (?P<opaque>
        \#[^\n]*+
        | "{3} (?: [^"\\]++ | \\[\s\S] | "(?!"") )*+ "{3} "{0,2}
        | '{3} (?: [^']++ | '(?!'') )*+ '{3} '{0,2}
        | "(?!"") (?: [^"\\\n]++ | \\. )*+ "
        | '(?!'') [^'\n]*+ '
    )
    | (?P<quote> ["'] )
    | (?P<dot> \. )
    | [=,\[\]{}\n]
    """,
    re.VERBOSE,
)
_TABLE = re.compile(r"\s*\[(\[)?([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_"'-]+)*)\s*=""")

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class Strict(BaseModel):
    """A table of a file that people write: unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's bytes, its text and what they say."""

    path: Path
    data: bytes
    text: str
    document: Mapping[str, Any]

    def line_of(self, place: Place) -> int | None:
        """Return the 1-based line of a key, or of the nearest table around it."""
        lines: dict[Place, int] = {}
        for mentioned, number in _lines(self.text):
            lines.setdefault(mentioned, number)
        for length in range(len(place), 0, -1):
            line = lines.get(place[:length])
            if line is not None:
                return line
        return None


def load(path: Path, *, limit: int = MAX_CONFIG_FILE) -> Source:
    """Read a TOML file.

    Raises:
        ConfigError: it is missing, too large, no UTF-8 text, no TOML, or of a newer version.
    """
    try:
        data = read_bounded(path, limit)
    except UnreadableError as error:
        message = f"cannot read {str(path)!r}: {error.reason}"
        raise ConfigError(message, "check the path") from None
    except TooLargeError:
        message = f"{path}: has more than {limit} bytes"
        raise ConfigError(message, "split it, or remove what is not needed") from None
    return parse(path, data)


def parse(path: Path, data: bytes) -> Source:
    """Read a TOML document that came from ``path``.

    Raises:
        ConfigError: it is no UTF-8 text, no TOML, or of a newer version.
    """
    try:
        text = decode(data)
        _refuse_long_keys(path, text)
        document = tomllib.loads(text)
    except MalformedError as error:
        message = f"{path}:{error.line or 1}: {error.reason}"
        raise ConfigError(message, "save it as UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        line = found["line"] if found else text.count("\n") + 1
        reason = (found["reason"] if found else str(error).partition(" (at ")[0]).lower()
        message = f"{path}:{line}: is no TOML: {reason}"
        raise ConfigError(message, "correct the syntax of that line") from None
    except RecursionError:
        message = f"{path}: is nested too deep"
        raise ConfigError(message, "remove the nested arrays") from None
    except ValueError as error:  # an integer of more digits than Python reads
        message = f"{path}: is no TOML: {printable(str(error))}"
        raise ConfigError(message, "correct the value") from None
    source = Source(path=path, data=data, text=text, document=document)
    _check_version(source)
    return source


def validated(source: Source, model: type[Model]) -> Model:
    """Return what a file says as ``model``.

    Raises:
        ConfigError: a key is unknown or a value has another type; the first problem, with its
            line, and how many more there are. Unknown keys come first: a misspelt key is also
            one that is missing.
    """
    try:
        return model.model_validate(source.document)
    except ValidationError as error:
        problems = sorted(error.errors(include_url=False), key=_urgency)
        raise _config_error(source, model, problems[0], len(problems) - 1) from None


def _urgency(problem: ErrorDetails) -> bool:
    return problem["type"] != _UNKNOWN_KEY


def _refuse_long_keys(path: Path, text: str) -> None:
    """Refuse what tomllib would take too long for; where a string has no end, it gives up too."""
    dots = 0
    for token in _TOML_TOKEN.finditer(text):
        if token.lastgroup == "dot":
            dots += 1
        elif token.lastgroup is None:
            dots = 0
        elif token.lastgroup == "quote":
            return
        if dots > MAX_KEY_DOTS:
            line = text.count("\n", 0, token.start()) + 1
            message = f"{path}:{line}: has a key of more than {MAX_KEY_DOTS} dots"
            raise ConfigError(message, "shorten the key")


def _check_version(source: Source) -> None:
    version = source.document.get("version")
    line = source.line_of(("version",)) or 1
    if version is None:
        message = f"{source.path}:1: has no 'version'"
        raise ConfigError(message, f"write `version = {CURRENT_VERSION}` in its first line")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        message = f"{source.path}:{line}: version {printable(repr(version), 40)} is no version"
        raise ConfigError(message, f"write `version = {CURRENT_VERSION}`")
    if version > CURRENT_VERSION:
        message = f"{source.path}:{line}: version {version} is newer than this program reads"
        raise ConfigError(message, "update supplychain")


def _config_error(
    source: Source, model: type[BaseModel], problem: Mapping[str, Any], others: int
) -> ConfigError:
    place: Place = tuple(problem["loc"])
    line = source.line_of(place) or 1
    name = printable(".".join(str(part) for part in place), 120)
    more = f" (and {others} more)" if others else ""
    if problem["type"] == _UNKNOWN_KEY:
        close = difflib.get_close_matches(str(place[-1]), _known_keys(model, place[:-1]), n=1)
        hint = f"did you mean '{close[0]}'?" if close else "remove it"
        return ConfigError(f"{source.path}:{line}: unknown key '{name}'{more}", hint)
    if problem["type"] == "missing":
        message = f"{source.path}:{line}: key '{name}' is missing{more}"
        return ConfigError(message, f"add '{place[-1]}'")
    reason = str(problem["msg"]).removeprefix("Value error, ")
    reason = reason[:1].lower() + reason[1:]
    value = printable(repr(problem.get("input")), 80)
    message = f"{source.path}:{line}: '{name}' cannot be {value}: {reason}{more}"
    return ConfigError(message, "see docs/reference.md for the keys and their values")


def _known_keys(model: type[BaseModel], place: Place) -> list[str]:
    current: Any = model
    for part in place:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part)
        models = [] if field is None else list(_models_in(field.annotation))
        if not models:
            return []
        current = models[0]
    return [field.alias or name for name, field in current.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 -- a type expression
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    """Yield the place of every table and key that stands at the start of a line."""
    table: Place = ()
    counts: dict[Place, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        header = _TABLE.fullmatch(line)
        parts = _split(header[2]) if header else ()
        if header is not None and parts:
            table = (*_within(parts[:-1], counts), parts[-1])
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                yield table, number
                table = (*table, counts[table])
            yield table, number
            continue
        key = _KEY.match(line)
        if key is not None:
            parts = _split(key[1])
            for length in range(1, len(parts) + 1):
                yield (*table, *parts[:length]), number


def _within(parts: Sequence[str], counts: Mapping[Place, int]) -> Place:
    """Return the place of a table around another one: of an array of tables the last is meant."""
    place: Place = ()
    for part in parts:
        place = (*place, part)
        if place in counts:
            place = (*place, counts[place])
    return place


def _split(dotted: str) -> tuple[str, ...]:
    parts: Sequence[str] = re.findall(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""", dotted)
    return tuple(part.strip("\"'") for part in parts)
