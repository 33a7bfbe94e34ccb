"""Whatever bytes a report has, it is read, refused by name or malformed, and never a traceback."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from supplychain.errors import UsageError
from supplychain.formats.text import MalformedError
from supplychain.scans import read_report
from supplychain.scans.fold import combine, fold
from supplychain.scans.model import ScanReport, Tier, Vulnerability
from supplychain.scans.redaction import redacted
from supplychain.scans.sbom import Sbom, read_sbom
from tests.generators.scanner_reports import grype, grype_match, trivy, trivy_row

WHOLE = (trivy([trivy_row()]), grype([grype_match()]))

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
tiers = st.sampled_from(list(Tier))
names = st.sampled_from(["CVE-1", "CVE-2", "GHSA-1", "GHSA-2", "A", "B"])
rows = st.lists(
    st.builds(
        lambda name, aliases, version, tier, path: Vulnerability(
            id=name,
            aliases=tuple(aliases),
            package="lodash",
            version=version,
            tier=tier,
            severity_source="x",
            paths=(path,),
            tools=("trivy",),
        ),
        names,
        st.lists(names, max_size=2),
        st.sampled_from(["1", "2"]),
        tiers,
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=12,
)


def outcome(data: bytes) -> ScanReport | UsageError | MalformedError:
    try:
        return read_report(data)
    except (UsageError, MalformedError) as error:
        return error


def sbom_outcome(data: bytes) -> Sbom | UsageError | MalformedError:
    try:
        return read_sbom(data)
    except (UsageError, MalformedError) as error:
        return error


def places(document: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 -- JSON
    """Return every container of a document with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    pending = [document]
    while pending:
        one = pending.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], (dict, list)):
                pending.append(one[key])
    return found


@given(st.binary(max_size=200))
def test_any_bytes_end_in_one_of_three_ways(data: bytes) -> None:
    told = outcome(data)
    assert isinstance(told, ScanReport) or str(told)


@given(values)
def test_any_json_ends_in_one_of_three_ways(value: object) -> None:
    told = outcome(json.dumps(value).encode())
    assert isinstance(told, ScanReport) or str(told)


@given(st.sampled_from(WHOLE), st.data())
def test_a_report_with_any_value_anywhere_ends_in_one_of_three_ways(
    document: dict[str, Any], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(document))
    container, key = data.draw(st.sampled_from(places(changed)))
    container[key] = data.draw(values)
    told = outcome(json.dumps(changed).encode())
    assert isinstance(told, ScanReport) or str(told)


@given(st.sampled_from(WHOLE), st.data())
def test_a_truncated_report_is_never_read(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document).encode()
    cut = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    assert isinstance(outcome(text[:cut]), MalformedError)


@given(st.sampled_from(WHOLE), st.sampled_from(["utf-8-sig", "utf-16", "utf-16-be", "utf-32"]))
def test_every_encoding_gives_the_same_report(document: dict[str, Any], encoding: str) -> None:
    text = json.dumps(document)
    assert outcome(text.encode(encoding)) == outcome(text.encode())


@given(rows)
def test_folding_keeps_every_row_and_the_worst_rating(given_rows: list[Vulnerability]) -> None:
    folded = fold(given_rows)
    assert {one.key for one in folded} == {row.key for row in given_rows}
    assert len(folded) == len({row.key for row in given_rows})
    by_key = {one.key: one for one in folded}
    for row in given_rows:
        assert by_key[row.key].tier.rank <= row.tier.rank
        assert set(row.paths) <= set(by_key[row.key].paths)


@given(rows, st.randoms(use_true_random=False))
def test_combining_loses_nothing_and_does_not_depend_on_the_order(
    given_rows: list[Vulnerability], shuffler: Random
) -> None:
    combined = combine(given_rows)
    for row in given_rows:
        same = [one for one in combined if row.id in one.names and one.version == row.version]
        assert any(
            own.tier.rank <= row.tier.rank and set(row.names) <= set(own.names) for own in same
        )
    shuffled = list(given_rows)
    shuffler.shuffle(shuffled)
    assert {(one.id, one.version, one.tier) for one in combine(shuffled)} == {
        (one.id, one.version, one.tier) for one in combined
    }


@given(rows)
def test_combining_never_makes_two_cves_one(given_rows: list[Vulnerability]) -> None:
    told = {(row.id, row.version) for row in given_rows if row.id.startswith("CVE-")}
    single = {(one.id, one.version) for one in combine(given_rows) if one.id.startswith("CVE-")}
    assert single == told


@given(st.sampled_from(WHOLE), st.data())
def test_a_redacted_report_is_read_as_the_same(
    document: dict[str, Any], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(document))
    token = data.draw(st.text(alphabet="abcdef0123456789", min_size=20, max_size=40))
    changed["Env"] = [f"TOKEN={token}"]
    changed["history"] = [{"created_by": f"RUN {token}"}]
    text = json.dumps(changed).encode()
    kept = redacted(text)
    assert token.encode() not in kept
    assert read_report(kept) == read_report(text)


@given(st.binary(max_size=100) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_sbom_or_refused(data: bytes) -> None:
    told = sbom_outcome(data)
    assert isinstance(told, Sbom) or str(told)
