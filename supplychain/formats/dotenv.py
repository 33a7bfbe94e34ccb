"""The ``.env`` file beside a compose file.

The rules are those of compose-go v2.16.1, dotenv/parser.go: ``KEY=value`` or ``KEY: value``,
``export`` in front, ``#`` comments (after a bare value behind a blank), ``'…'`` taken literally,
``"…"`` with escapes and variables, bare values with variables. A quoted value may span lines, and
the next entry may follow it on the same line. ``KEY`` alone is taken from the environment, which
also wins wherever a value names a variable; later entries see earlier ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from supplychain.formats.interpolation import Interpolator, InvalidTemplateError
from supplychain.formats.text import MalformedError, printable

MAX_ENTRIES = 10_000  # entries of one file; real ones stay below 200

_BLANK = r"[\t\v\f\r \x85\xa0]"  # dotenv/parser.go isSpace: no line feed
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(  # unicode.IsSpace
    chr(code) for code in range(0x2000, 0x200B)
)
_BETWEEN_ENTRIES = re.compile(rf"(?:[{_SPACES}]++|#[^\n]*+)*+")
_EXPORT = re.compile(rf"export(?=[\t\n\f\r ]){_BLANK}*+")
_NAME_END = re.compile(r"[^\w.\[\]\t\v\f\r \x85\xa0-]")
_BLANKS = re.compile(rf"{_BLANK}*+")
_QUOTED = {
    "'": re.compile(r"'((?:[^'\\]++|\\[\s\S])*+)'"),
    '"': re.compile(r'"((?:[^"\\]++|\\[\s\S])*+)"'),
}
_PAIR = re.compile(r"\\([\s\S])")
_ESCAPE = re.compile(r'\\(?:([abfnrtv"\\$])|0([0-9]{0,3}))')
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    '"': '"',
    "\\": "\\",
    "$": "$$",  # a plain dollar for the interpolation that follows
}
_OCTAL = re.compile("[0-3][0-7][0-7]")


def read(text: str, *, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a ``.env`` file, the last of equal names.

    ``environment`` is what Compose itself is started with. The caller bounds the text's length.

    Raises:
        MalformedError: Compose refuses the file, or it has more than ``MAX_ENTRIES`` entries or
            expands too far.
    """
    return _Reader(text.removeprefix("\ufeff"), environment or {}).read()


class _Reader:
    def __init__(self, text: str, environment: Mapping[str, str]) -> None:
        self._text = text
        self._position = 0
        self._environment = environment
        self._found: dict[str, str] = {}
        self._visible = dict(environment)
        self._interpolator = Interpolator(self._visible)

    def read(self) -> dict[str, str]:
        for _ in range(MAX_ENTRIES + 1):
            if not self._skip(_BETWEEN_ENTRIES):
                self._found.pop("", None)
                return self._found
            name, is_inherited = self._name()
            if not is_inherited:
                self._found[name] = self._value()
                self._visible[name] = self._environment.get(name, self._found[name])
            elif name in self._environment:
                self._found[name] = self._environment[name]
        reason = f"has more than {MAX_ENTRIES} entries"
        raise self._error(reason)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Move past what the pattern matches, and say whether anything is left."""
        found = pattern.match(self._text, self._position)
        if found is not None:
            self._position = found.end()
        return self._position < len(self._text)

    def _name(self) -> tuple[str, bool]:
        """Read a name and the sign behind it; without a sign its value is the environment's."""
        if not self._skip(_EXPORT):
            reason = "ends after 'export'"
            raise self._error(reason)
        start = self._position
        found = _NAME_END.search(self._text, start)
        if found is None:
            return "", False
        sign = found[0]
        if sign not in "=:\n":
            reason = f"has '{printable(sign)}' in the name of a variable"
            raise self._error(reason)
        name = self._text[start : found.start()].rstrip(_SPACES)
        if " " in name:
            reason = f"has a blank in the name of a variable: '{printable(name, 80)}'"
            raise self._error(reason)
        self._position = found.end()
        self._skip(_BLANKS)
        return name, sign == "\n"

    def _value(self) -> str:
        quote = self._text[self._position : self._position + 1]
        if quote not in _QUOTED:
            return self._bare_value()
        found = _QUOTED[quote].match(self._text, self._position)
        if found is None:
            reason = f"has a quote {quote} that is not closed"
            raise self._error(reason)
        value = _PAIR.sub(lambda pair: quote if pair[1] == quote else pair[0], found[1])
        if quote == '"':
            value = self._expanded(_ESCAPE.sub(_unescaped, value))
        self._position = found.end()
        return value

    def _bare_value(self) -> str:
        end = self._text.find("\n", self._position)
        line = self._text[self._position : end if end >= 0 else len(self._text)]
        value = self._expanded(line.partition(" #")[0].rstrip(_SPACES))
        self._position = end + 1 if end >= 0 else len(self._text)
        return value

    def _expanded(self, value: str) -> str:
        try:
            expanded = self._interpolator.expand(value)
        except InvalidTemplateError as error:
            raise self._error(str(error)) from None
        if expanded.text is None:
            raise self._error(expanded.error or "")
        return expanded.text

    def _error(self, reason: str) -> MalformedError:
        return MalformedError(reason, line=self._text.count("\n", 0, self._position) + 1)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        return _ESCAPES[escape[1]]
    return chr(int(escape[2], 8)) if _OCTAL.fullmatch(escape[2]) else f"\\{escape[2]}"
