"""The values of a compose file: typed as Compose types them, with variables replaced.

Source: compose-go v2.16.1, interpolation/interpolation.go (strings are expanded before types are
checked), loader/reset.go (``!reset`` removes an entry, before anything is merged into its mapping;
``!override`` changes nothing within one file) and schema/compose-spec.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from supplychain.formats import compose_keys, yaml, yaml_scalars
from supplychain.formats.interpolation import Interpolator, InvalidTemplateError
from supplychain.formats.text import MalformedError, printable
from supplychain.formats.yaml_scalars import Kind

MAX_SHOWN = 80  # characters of a name or value in a message

_RESET = frozenset({"!reset"})
_OVERRIDE = "!override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A string of a compose file and where it stands, quotes included.

    ``raw`` is what is written, without quotes; ``text`` what Compose makes of it, ``None`` where
    ``${NAME:?}`` refuses (``error`` says why). ``missing`` names the variables without value and
    default in it, for which Compose takes nothing and warns.
    """

    text: str | None
    raw: str
    line: int
    column: int
    end_line: int
    end_column: int
    missing: tuple[str, ...] = ()
    error: str | None = None


Pair = tuple[str, Value | None]


def shown(text: str) -> str:
    """Return the start of a hostile text, safe to print."""
    return printable(text[: MAX_SHOWN + 1], MAX_SHOWN)


def refuse_unseen_resets(root: yaml.Node) -> None:
    """Refuse ``!reset`` within ``!override``, where Compose overlooks it and keeps the value.

    Raises:
        MalformedError: there is one.
    """
    seen: set[tuple[int, bool]] = set()
    pending = [(root, False)]
    while pending:
        node, overrides = pending.pop()
        if (id(node), overrides) in seen:
            continue
        seen.add((id(node), overrides))
        if overrides and node.tag in _RESET:
            reason = "has '!reset' within '!override', where it has no effect"
            raise MalformedError(reason, line=node.line, column=node.column)
        overrides = overrides or node.tag == _OVERRIDE
        if isinstance(node, yaml.Sequence):
            pending += [(item, overrides) for item in node.items]
        elif isinstance(node, yaml.Mapping):
            pending += [(value, overrides) for _, value in node.entries]


class Reader:
    """Reads the values of one file; equal nodes, as aliases give them, are expanded once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._interpolator = Interpolator(environment)
        self._values: dict[int, Value] = {}
        self._pairs: dict[int, Pair] = {}

    def members(
        self, node: yaml.Node, what: str, allowed: frozenset[str] | None = None
    ) -> yaml.Mapping:
        """Return a mapping with its merge keys followed and ``!reset`` entries left out.

        Raises:
            MalformedError: it is no mapping, a key is no string, or one is neither ``allowed`` nor
                an extension.
        """
        if not isinstance(node, yaml.Mapping):
            raise _wrong_type(node, what, "a mapping")
        mapping = yaml.merged(node, without=_RESET)
        for key, _ in mapping.entries:
            if yaml_scalars.kind(key) is not Kind.STRING:
                reason = f"has the key '{shown(key.value)}' at {what}, which is no string"
                raise MalformedError(reason, line=key.line, column=key.column)
            if allowed is None or key.value.startswith(compose_keys.EXTENSION):
                continue
            if key.value not in allowed:
                reason = f"has the unknown key '{shown(key.value)}' at {what}"
                raise MalformedError(reason, line=key.line, column=key.column)
        return mapping

    def items(self, node: yaml.Node | None, what: str) -> Iterator[tuple[yaml.Node, str]]:
        """Yield the items of a list that may be absent, each with its name.

        Raises:
            MalformedError: it is no list.
        """
        if node is None:
            return
        if not isinstance(node, yaml.Sequence):
            raise _wrong_type(node, what, "a list")
        for number, item in enumerate(node.items):
            if item.tag not in _RESET:
                yield item, f"{what}[{number}]"

    def string(self, node: yaml.Node, what: str) -> Value:
        """Return a string, its variables replaced.

        Raises:
            MalformedError: it is no string, or no template.
        """
        if not isinstance(node, yaml.Scalar) or yaml_scalars.kind(node) is not Kind.STRING:
            raise _wrong_type(node, what, "a string")
        if id(node) not in self._values:
            self._values[id(node)] = self._expanded(node, what)
        return self._values[id(node)]

    def optional_string(self, mapping: yaml.Mapping, key: str, what: str) -> Value | None:
        """Return the string that ``key`` has, if it is there.

        Raises:
            MalformedError: it is no string, or no template.
        """
        node = mapping.get(key)
        return None if node is None else self.string(node, f"{what}.{key}")

    def strings(self, node: yaml.Node | None, what: str) -> tuple[Value, ...]:
        """Return the strings of a list that may be absent.

        Raises:
            MalformedError: it is no list of strings.
        """
        return tuple(self.string(item, name) for item, name in self.items(node, what))

    def pairs(self, node: yaml.Node | None, what: str) -> tuple[Pair, ...]:
        """Return names and values of a mapping, or of a list of ``NAME=value``, the last of equals.

        A number or truth value becomes the text that Compose makes of it; ``null`` and a name
        alone have no value. Where variables are missing in a name alone, the value has no text.

        Raises:
            MalformedError: it is neither, a value is a list or mapping, or a name in a list ends in
                white space.
        """
        if isinstance(node, yaml.Sequence):
            found: dict[str | int, Pair] = {}
            for item, place in self.items(node, what):
                name, value = self._listed_pair(item, place)
                has_name = value is None or value.text is not None
                found[name if has_name else id(item)] = name, value
            return tuple(found.values())
        if node is None:
            return ()
        return tuple(
            (key.value, self._pair_value(value, f"{what}.{shown(key.value)}"))
            for key, value in self.members(node, what).entries
            if not key.value.startswith(compose_keys.EXTENSION)
        )

    def _listed_pair(self, node: yaml.Node, what: str) -> Pair:
        if id(node) not in self._pairs:
            name, value = _split(self.string(node, what))
            if name != name.rstrip():
                reason = f"has white space after the name '{shown(name)}' at {what}"
                raise MalformedError(reason, line=node.line, column=node.column)
            self._pairs[id(node)] = name, value
        return self._pairs[id(node)]

    def _pair_value(self, node: yaml.Node, what: str) -> Value | None:
        if not isinstance(node, yaml.Scalar):
            raise _wrong_type(node, what, "a string or number")
        found = yaml_scalars.kind(node)
        if found is Kind.NULL:
            return None
        if found is Kind.STRING:
            return self.string(node, what)
        return _placed(node, yaml_scalars.text_of(node))

    def _expanded(self, node: yaml.Scalar, what: str) -> Value:
        try:
            expanded = self._interpolator.expand(node.value)
        except InvalidTemplateError as error:
            reason = f"{error} at {what}"
            raise MalformedError(reason, line=node.line, column=node.column) from None
        value = _placed(node, expanded.text)
        return replace(value, missing=expanded.missing, error=expanded.error)


def _placed(node: yaml.Scalar, text: str | None) -> Value:
    return Value(
        text=text,
        raw=node.value,
        line=node.line,
        column=node.column,
        end_line=node.end_line,
        end_column=node.end_column,
    )


def _split(value: Value) -> Pair:
    """Split ``NAME=value`` as Compose does, after its variables are replaced."""
    name, sign, text = (value.raw if value.text is None else value.text).partition("=")
    if sign:
        return name, replace(value, text=None if value.text is None else text)
    return name, replace(value, text=None) if value.missing else None


def _wrong_type(node: yaml.Node, what: str, wanted: str) -> MalformedError:
    found = "a mapping" if isinstance(node, yaml.Mapping) else "a list"
    if isinstance(node, yaml.Scalar):
        kind = yaml_scalars.kind(node)
        found = "null" if kind is Kind.NULL else f"the {kind} '{shown(node.value)}'"
    reason = f"has {found} at {what} where {wanted} is expected"
    return MalformedError(reason, line=node.line, column=node.column)
