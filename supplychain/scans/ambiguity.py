"""Keys of a report that programs read differently: given twice, or spelt in another letter case.

Go's encoding/json, which the scanners' own tools use, matches keys whatever their case and lets the
last win; most other parsers tell cases apart. Only the levels that decide whether anything was
found are looked at: the document, what it says of the artefact, and each result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

_DOCUMENT_KEYS = (
    "SchemaVersion",
    "Trivy",
    "CreatedAt",
    "ArtifactName",
    "ArtifactType",
    "Metadata",
    "Results",
)
_METADATA_KEYS = ("OS", "ImageID", "RepoDigests")
_RESULT_KEYS = (
    "Class",
    "Type",
    "Target",
    "Packages",
    "Vulnerabilities",
    "Secrets",
    "Misconfigurations",
    "ExperimentalModifiedFindings",
)
_GRYPE_KEYS = ("matches", "ignoredMatches", "alertsByPackage", "source", "distro", "descriptor")
_OSV_KEYS = ("results",)


class _Key:
    """A key as itself: equal to no other, so that a mapping keeps both of two."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _key(wanted: type, text: object) -> _Key:
    if wanted is not _Key or not isinstance(text, str):
        reason = f"{wanted.__name__} is no key"
        raise TypeError(reason)
    return _Key(text)


_Object = dict[_Key, msgspec.Raw]
_Scalar = str | int | float | bool | None
# What a document's keys stand for, as far as further keys matter, in one pass over a large report.
_Value = _Object | list[_Object | list[msgspec.Raw] | _Scalar] | _Scalar
_OBJECT = msgspec.json.Decoder(_Object, dec_hook=_key)
_OBJECTS = msgspec.json.Decoder(list[_Object], dec_hook=_key)
_DOCUMENT = msgspec.json.Decoder(dict[_Key, _Value], dec_hook=_key)


def of_trivy(text: bytes | memoryview) -> tuple[str, ...]:
    """Return the ambiguous keys of a Trivy report that could be decoded, each once.

    Raises:
        msgspec.DecodeError: it holds a number that no program reads.
    """
    document: dict[_Key, _Value] = _DOCUMENT.decode(text)
    found = list(_ambiguous(document, _DOCUMENT_KEYS))
    for key, value in document.items():
        if key.text == "Metadata" and isinstance(value, dict):
            found += _ambiguous(value, _METADATA_KEYS)
        elif key.text == "Results" and isinstance(value, list):
            found += _of_objects(one for one in value if isinstance(one, dict))
    return tuple(dict.fromkeys(found))


def of_results(text: bytes | memoryview) -> tuple[str, ...]:
    """Return the ambiguous keys of Trivy's results, each once."""
    return tuple(dict.fromkeys(_of_objects(_OBJECTS.decode(text))))


def of_grype(text: bytes | memoryview) -> tuple[str, ...]:
    """Return the ambiguous keys of a Grype report that could be decoded, each once."""
    return tuple(dict.fromkeys(_ambiguous(_OBJECT.decode(text), _GRYPE_KEYS)))


def of_osv(text: bytes | memoryview) -> tuple[str, ...]:
    """Return the ambiguous keys of an OSV-Scanner report that could be decoded, each once."""
    return tuple(dict.fromkeys(_ambiguous(_OBJECT.decode(text), _OSV_KEYS)))


def _of_objects(results: Iterable[_Object]) -> Iterator[str]:
    for one in results:
        yield from _ambiguous(one, _RESULT_KEYS)


def _ambiguous(keys: Iterable[_Key], known: Iterable[str]) -> Iterator[str]:
    """Yield keys that stand for a known one which they are not, or which stood there before.

    Go folds more than ASCII: its ``K`` is also the Kelvin sign, its ``s`` the long s.
    """
    spellings = {key.casefold(): key for key in known}
    seen: set[str] = set()
    for key in keys:
        folded = key.text.casefold()
        spelling = spellings.get(folded)
        if spelling is not None and (spelling != key.text or folded in seen):
            yield key.text
        seen.add(folded)
