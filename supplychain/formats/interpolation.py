"""Variables in the values of a compose file: ``$NAME``, ``${NAME}`` and their defaults.

The rules are those of compose-go v2.16.1, template/template.go: names are ASCII, case-folded; after
a sign such as ``:-`` the word runs to the brace that closes it, counted on its line; ``$$`` is a
dollar. Where the braces do not balance the last one on the line closes. Words are looked at only
when they are used, so an error in one may stay unseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.core.limits import MAX_TEXT_FILE
from supplychain.formats.text import printable

MAX_NESTING = 50  # ``${A:-${B:-…}}``; real files nest twice
MAX_EXPANDED = MAX_TEXT_FILE  # characters that variables bring into one file, in all
MAX_BRACES = MAX_TEXT_FILE  # braces looked at in one file; each is, once for every word around it

# Go folds case by Unicode's simple rules: U+017F is a long s, U+212A the Kelvin sign.
_NAME = "[_a-zA-Z\u017f\u212a][_a-zA-Z0-9\u017f\u212a]*+"
_VARIABLE = re.compile(
    rf"\$(?:(?P<escaped>\$)|(?P<bare>{_NAME})"
    rf"|\{{(?:(?P<name>{_NAME})(?:(?P<end>\}})|(?P<sign>:?[-+?]))?)?)"
)
_BRACE = re.compile(r"\{.?|\}", re.DOTALL)  # what follows an opening brace is never looked at


class InvalidTemplateError(ValueError):
    """The text is no template, or it expands too far; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpolated:
    """A text after interpolation.

    ``missing`` names the variables without value and default that were met: Compose warns and
    takes nothing for them. ``error`` is set, and ``text`` is not, where ``${NAME:?}`` refuses.
    """

    text: str | None
    missing: tuple[str, ...] = ()
    error: str | None = None


class _RequiredError(Exception):
    """``${NAME:?reason}`` met no value."""


class Interpolator:
    """Expands texts of one file with one environment and one budget."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._budget = _Budget()

    def expand(self, text: str) -> Interpolated:
        """Return the text with its variables replaced.

        Raises:
            InvalidTemplateError: a ``${`` opens no variable, words are nested deeper than
                ``MAX_NESTING``, or ``MAX_EXPANDED`` or ``MAX_BRACES`` is passed.
        """
        expansion = _Expansion(text, self._environment, self._budget)
        try:
            expanded = expansion.between(0, len(text), depth=0)
        except _RequiredError as error:
            return Interpolated(text=None, missing=tuple(expansion.missing), error=str(error))
        return Interpolated(text=expanded, missing=tuple(expansion.missing))


class _Budget:
    """What the texts of one file may still cost."""

    def __init__(self) -> None:
        self._characters = MAX_EXPANDED
        self._braces = MAX_BRACES

    def spend(self, value: str) -> str:
        """Take the length of a variable's value, and return the value."""
        self._characters -= len(value)
        if self._characters < 0:
            message = f"expands variables to more than {MAX_EXPANDED} characters"
            raise InvalidTemplateError(message)
        return value

    def closing_brace(self, text: str, start: int, last: int) -> int:
        """Return the index of the brace that closes the variable at ``start``, or ``last``."""
        depth = 0
        for brace in _BRACE.finditer(text, start, last + 1):
            self._braces -= 1
            if self._braces < 0:
                message = f"has more than {MAX_BRACES} braces within braces"
                raise InvalidTemplateError(message)
            depth += 1 if brace[0] != "}" else -1
            if depth == 0:
                return brace.start()
        return last


class _Expansion:
    """The expansion of one text; words are spans of it, so that nesting copies nothing."""

    def __init__(self, text: str, environment: Mapping[str, str], budget: _Budget) -> None:
        self.missing: dict[str, None] = {}
        self._text = text
        self._environment = environment
        self._budget = budget

    def between(self, start: int, end: int, *, depth: int) -> str:
        if depth > MAX_NESTING:
            message = f"nests variables deeper than {MAX_NESTING} levels"
            raise InvalidTemplateError(message)
        parts: list[str] = []
        braces = _LastBraces(self._text, end)
        while (found := _VARIABLE.search(self._text, start, end)) is not None:
            parts.append(self._text[start : found.start()])
            start = found.end()
            if found["escaped"]:
                parts.append("$")
            elif found["bare"] or found["end"]:
                parts.append(self._value(found["bare"] or found["name"]))
            else:
                last = braces.after(start)
                if not found["sign"] or last < 0:
                    message = "has a '${' that opens no variable (a plain dollar is '$$')"
                    raise InvalidTemplateError(message)
                brace = self._budget.closing_brace(self._text, found.start(), last)
                word = (start, brace)
                parts.append(self._default(found["name"], found["sign"], word, depth))
                start = brace + 1
        parts.append(self._text[start:end])
        return "".join(parts)

    def _value(self, name: str) -> str:
        value = self._environment.get(name)
        if value is None:
            self.missing[name] = None
            return ""
        return self._budget.spend(value)

    def _default(self, name: str, sign: str, word: tuple[int, int], depth: int) -> str:
        value = self._environment.get(name)
        is_set = value is not None and not (sign.startswith(":") and not value)
        if sign.endswith("+"):
            return self.between(*word, depth=depth + 1) if is_set else ""
        if is_set:
            return self._budget.spend(value or "")
        replacement = self.between(*word, depth=depth + 1)
        if sign.endswith("-"):
            return replacement
        self.missing[name] = None
        message = f"variable '{name}' must be set"
        raise _RequiredError(f"{message}: {printable(replacement)}" if replacement else message)


class _LastBraces:
    """Finds the last closing brace of a line, each line looked at once."""

    def __init__(self, text: str, end: int) -> None:
        self._text = text
        self._end = end
        self._line_end = -1
        self._brace = -1

    def after(self, position: int) -> int:
        """Return the index of the last ``}`` on the line of ``position``, at or after it, or -1."""
        if position > self._line_end:
            line_end = self._text.find("\n", position, self._end)
            self._line_end = self._end if line_end < 0 else line_end
            self._brace = self._text.rfind("}", position, self._line_end)
        return self._brace if self._brace >= position else -1
