"""Words of a Dockerfile: quotes, escapes and ``$NAME`` as BuildKit's shell lexer treats them.

Rules: BuildKit v0.34.2, frontend/dockerfile/shell/lex.go. We do not use e2b-dockerfile-utils'
``ShellLex`` for expansion: its patterns back-track for ever on hostile input, and a caller cannot
learn which names had no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.formats import wildcard

MAX_NESTING = 50  # ``${A:-${B:-…}}``; real files nest twice
MAX_EXPANDED = 64 * 1024  # characters; a reference has at most 1,024

_SPECIAL = "@*#?-$!0"


class SubstitutionError(ValueError):
    """The word breaks the lexer's grammar, or ``${NAME:?}`` refuses; the message says how.

    ``effort`` is as for :class:`Expansion`, spent before it was noticed.
    """

    effort: int = 0


class MissingValueError(SubstitutionError):
    """``${NAME:?}`` met a name without a value."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name, message)
        self.name = name

    def __str__(self) -> str:
        return str(self.args[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A word after expansion; which names it used, and which had neither value nor default.

    ``effort`` is the number of characters that were put together or looked through for it.
    """

    text: str
    used: tuple[str, ...]
    missing: tuple[str, ...]
    effort: int


def expand(word: str, environment: Mapping[str, str], *, escape: str = "\\") -> Expansion:
    """Expand one word; a name without a value becomes empty and is reported as missing.

    Raises:
        SubstitutionError: the word is not well-formed, nested too deep or expands too far.
    """
    lexer = _Lexer(word, environment, escape)
    try:
        text = lexer.until(None, depth=0)
    except SubstitutionError as error:
        error.effort = lexer.effort
        raise
    used, missing = (tuple(dict.fromkeys(names)) for names in (lexer.used, lexer.missing))
    return Expansion(text=text, used=used, missing=missing, effort=lexer.effort)


class _Lexer:
    def __init__(self, word: str, environment: Mapping[str, str], escape: str) -> None:
        self._word = word
        self._position = 0
        self._environment = environment
        self._escape = escape
        self._budget = MAX_EXPANDED
        self.effort = 0
        self.used: list[str] = []
        self.missing: list[str] = []

    def until(
        self, stop: str | None, *, depth: int, raw_escapes: bool = False, is_pattern: bool = False
    ) -> str:
        """Read to ``stop`` or the end of the word.

        ``raw_escapes`` keeps escape characters; in a pattern those within quotes are doubled, as
        the pattern is read a second time.
        """
        if depth > MAX_NESTING:
            message = f"nested deeper than {MAX_NESTING} levels"
            raise SubstitutionError(message)
        parts: list[str] = []
        while (sign := self._peek()) is not None:
            if sign == stop:
                self._position += 1
                return "".join(parts)
            if sign == "'":
                quoted = self._single_quoted()
                parts.append(
                    quoted.replace(self._escape, self._escape * 2) if is_pattern else quoted
                )
            elif sign == '"':
                parts.append(self._double_quoted(depth, raw_escapes=raw_escapes))
            elif sign == "$":
                parts.append(self._dollar(depth))
            else:
                parts.append(self._plain(raw_escapes=raw_escapes))
            self._spend(parts[-1])
        if stop is not None:
            message = f"missing {stop!r}"
            raise SubstitutionError(message)
        return "".join(parts)

    def _spend(self, part: str) -> None:
        self._budget -= len(part)
        self.effort += len(part)
        if self._budget < 0:
            message = f"expands to more than {MAX_EXPANDED} characters"
            raise SubstitutionError(message)

    def _peek(self) -> str | None:
        return self._word[self._position] if self._position < len(self._word) else None

    def _next(self) -> str | None:
        sign = self._peek()
        self._position += 1
        return sign

    def _plain(self, *, raw_escapes: bool) -> str:
        sign = self._next() or ""
        if sign != self._escape:
            return sign
        following = self._next() or ""
        return f"{sign}{following}" if raw_escapes else following

    def _single_quoted(self) -> str:
        end = self._word.find("'", self._position + 1)
        if end < 0:
            message = "missing closing single quote"
            raise SubstitutionError(message)
        text = self._word[self._position + 1 : end]
        self._position = end + 1
        return text

    def _double_quoted(self, depth: int, *, raw_escapes: bool) -> str:
        self._position += 1
        parts: list[str] = []
        while (sign := self._peek()) is not None:
            if sign == '"':
                self._position += 1
                return "".join(parts)
            if sign == "$":
                parts.append(self._dollar(depth))
                self._spend(parts[-1])
                continue
            self._position += 1
            if sign == self._escape:
                if raw_escapes:
                    parts.append(sign)
                following = self._peek()
                if following is None:
                    break
                if following in ('"', "$", self._escape):
                    self._position += 1
                    sign = following
            parts.append(sign)
        message = "missing closing double quote"
        raise SubstitutionError(message)

    def _dollar(self, depth: int) -> str:
        self._position += 1
        if self._peek() != "{":
            name = self._name()
            return self._value_or_missing(name) if name else "$"
        self._position += 1
        if self._peek() in ("{", "}", ":"):
            message = "bad substitution"
            raise SubstitutionError(message)
        name = self._name()
        sign = self._next()
        if sign == "}":
            return self._value_or_missing(name)
        if sign == ":":
            return self._default(name, self._next(), depth, empty_is_unset=True)
        if sign == "/":
            return self._replacement(name, depth)
        if sign in ("#", "%"):
            return self._trimmed(name, sign, depth)
        return self._default(name, sign, depth, empty_is_unset=False)

    def _default(self, name: str, sign: str | None, depth: int, *, empty_is_unset: bool) -> str:
        if sign is None:
            message = "missing '}'"
            raise SubstitutionError(message)
        if sign not in ("-", "+", "?"):
            message = f"unsupported modifier {sign!r} in substitution"
            raise SubstitutionError(message)
        met = len(self.missing)
        word = self.until("}", depth=depth + 1)
        value = self._value(name)
        is_set = value is not None and not (empty_is_unset and value == "")
        if (sign == "+") != is_set:
            del self.missing[met:]
        if sign == "+":
            return word if is_set else ""
        if is_set:
            return value or ""
        if sign == "?":
            message = f"{name}: {word or 'is not allowed to be unset'}"
            raise MissingValueError(name, message)
        return word

    def _trimmed(self, name: str, sign: str, depth: int) -> str:
        word = self.until("}", depth=depth + 1, raw_escapes=True, is_pattern=True)
        longest = word.startswith(sign)
        trim = wildcard.without_prefix if sign == "#" else wildcard.without_suffix
        value = self._value_or_missing(name)
        try:
            return trim(value, word.removeprefix(sign) if longest else word, longest=longest)
        except wildcard.InvalidPatternError as error:
            raise SubstitutionError(str(error)) from None

    def _replacement(self, name: str, depth: int) -> str:
        every = self._peek() == "/"
        self._position += every
        pattern = self.until("/", depth=depth + 1, raw_escapes=True, is_pattern=True)
        replacement = self.until("}", depth=depth + 1, raw_escapes=True)
        value = self._value_or_missing(name)
        try:
            return wildcard.replaced(value, pattern, replacement, every=every)
        except wildcard.InvalidPatternError as error:
            raise SubstitutionError(str(error)) from None

    def _value(self, name: str) -> str | None:
        value = self._environment.get(name)
        if value is not None:
            self.effort += len(value)
            self.used.append(name)
        return value

    def _value_or_missing(self, name: str) -> str:
        value = self._value(name)
        if value is None:
            self.missing.append(name)
            return ""
        return value

    def _name(self) -> str:
        start = self._position
        sign = self._peek()
        if sign is not None and sign in _SPECIAL and not sign.isdecimal():
            self._position += 1
            return sign
        numeric = sign is not None and sign.isdecimal()
        while (sign := self._peek()) is not None and _is_name_sign(sign, numeric=numeric):
            self._position += 1
        return self._word[start : self._position]


def _is_name_sign(sign: str, *, numeric: bool) -> bool:
    return sign.isdecimal() if numeric else sign.isalpha() or sign.isdecimal() or sign == "_"
