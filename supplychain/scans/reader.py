"""Bytes to a :class:`ScanReport`, whichever scanner wrote them.

A report is decoded once, into structures of the fields that are used; only what turns out to be no
report is looked at a second time, for its name. Of two equal keys the last counts, as in Go; the
keys alone are gone through once more, so that a report which has one twice is known as such.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec
from msgspec import Struct

from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError, printable
from supplychain.scans import ambiguity, foreign, grype, osv, trivy
from supplychain.scans.encoding import first_sign, json_bytes
from supplychain.scans.model import Envelope, ScanReport

# Of github.com/google/osv-scanner v2.5.0, pkg/models/results.go, VulnerabilityResults.
_OSV_KEYS = frozenset({"results", "image_metadata", "license_summary"})
_BEGINNING = re.compile(rb'\s*+\{\s*+"(?:SchemaVersion|matches)"\s*+:')
_ARRAY, _OBJECT, _MARKUP = b"[", b"{", b"<"


class _Document(
    Struct,
    rename={
        "schema": "SchemaVersion",
        "program": "Trivy",
        "created_at": "CreatedAt",
        "artifact_name": "ArtifactName",
        "artifact_type": "ArtifactType",
        "metadata": "Metadata",
        "results": "Results",
        "cluster": "ClusterName",
        "ignored": "ignoredMatches",
        "alerts": "alertsByPackage",
        "distribution": "distro",
        "osv": "results",
    },
):
    """The keys that the reports of the three scanners have, none of which two of them share."""

    schema: int | None = None
    program: trivy.Program | None = None
    created_at: str | None = None
    artifact_name: str | None = None
    artifact_type: str | None = None
    metadata: trivy.Metadata | None = None
    results: list[trivy.Result] | None = None
    cluster: str | None = None
    matches: list[grype.Match] | None = None
    ignored: list[grype.Match] | None = None
    alerts: list[grype.PackageAlerts] | None = None
    source: grype.Source | None = None
    distribution: grype.Distribution | None = None
    descriptor: grype.Descriptor | None = None
    osv: list[osv.Result] | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)
_RESULTS = msgspec.json.Decoder(list[trivy.Result])
_NULL = msgspec.json.Decoder(None)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def read_report(data: bytes) -> ScanReport:
    """Return what a report says; see :func:`supplychain.scans.read_report`."""
    with _no_collection():
        return _read(json_bytes(data))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking through rows that hold no cycles, again and again.

    That saves a fifth of the time of a large report.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(text: bytes | memoryview) -> ScanReport:
    sign = first_sign(text)
    if sign == _OBJECT:
        return _object(text)
    if sign == _ARRAY:
        return _array(text)
    if sign == _MARKUP:
        raise foreign.markup()
    if not sign:
        reason = "is empty"
        raise MalformedError(reason)
    try:
        _NULL.decode(text)
    except msgspec.DecodeError as error:
        raise _malformed(error) from None
    return trivy.report((), envelope=Envelope.NULL)


def begins_report(head: bytes) -> bool:
    """Say whether a file's first bytes are how Trivy or Grype begin a report."""
    return _BEGINNING.match(head) is not None


def _object(text: bytes | memoryview) -> ScanReport:
    try:
        document = _DOCUMENT.decode(text)
    except msgspec.ValidationError as error:
        raise _refusal(text) or _malformed(error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(error) from None
    if document.cluster is not None:
        raise _refusal(text) or _unknown(text)
    if document.schema is not None:
        report = _trivy(document)
        try:
            return _marked(report, ambiguity.of_trivy(text))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise _malformed(error) from None
    if document.matches is not None and document.descriptor is not None:
        report = grype.report(
            document.matches,
            ignored=document.ignored or (),
            alerts=document.alerts or (),
            source=document.source,
            distribution=document.distribution,
            descriptor=document.descriptor,
        )
        return _marked(report, ambiguity.of_grype(text))
    refusal = _refusal(text)
    if refusal is None and document.osv is not None and _is_osv(text):
        return _marked(osv.report(document.osv), ambiguity.of_osv(text))
    raise refusal or _unknown(text)


def _is_osv(text: bytes | memoryview) -> bool:
    """Say whether an object has no key that OSV-Scanner does not write; many tools have results."""
    return all(key in _OSV_KEYS or key.startswith("experimental") for key in _keys(text))


def _trivy(document: _Document) -> ScanReport:
    return trivy.report(
        document.results or (),
        envelope=Envelope.V2,
        schema=document.schema,
        version=document.program.version if document.program else None,
        created_at=document.created_at,
        name=document.artifact_name,
        kind=document.artifact_type,
        metadata=document.metadata,
    )


def _array(text: bytes | memoryview) -> ScanReport:
    """Read the results that Trivy wrote without an envelope before v0.20."""
    try:
        results = _RESULTS.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(error) from None
    if not all(one.target is not None for one in results):
        keys = next(iter(_ELEMENTS.decode(text)))
        raise foreign.refusal(keys) or foreign.unknown(keys)
    report = trivy.report(results, envelope=Envelope.LEGACY_ARRAY)
    return _marked(report, ambiguity.of_results(text))


def _marked(report: ScanReport, ambiguous: tuple[str, ...]) -> ScanReport:
    return replace(report, ambiguous=ambiguous) if ambiguous else report


def _refusal(text: bytes | memoryview) -> UsageError | None:
    return foreign.refusal(_keys(text))


def _unknown(text: bytes | memoryview) -> UsageError | MalformedError:
    keys = _keys(text)
    return foreign.unknown(keys) if keys else MalformedError("is an empty object")


def _keys(text: bytes | memoryview) -> foreign.Keys:
    """Return the values of an object, undecoded.

    Raises:
        MalformedError: it is no JSON behind the place at which reading it as a report ended.
    """
    try:
        return _KEYS.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _malformed(error) from None


def _malformed(error: Exception) -> MalformedError:
    if isinstance(error, RecursionError):
        return MalformedError("is nested too deep")
    told, _, place = str(error).partition(" - at `")
    reason = f"is no complete JSON report: {printable(told, 160)}"
    return MalformedError(reason, at=printable(place.removesuffix("`"), 120) or None)
