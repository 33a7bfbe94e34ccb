"""Small databases that the real scanners accept: bbolt for Trivy, SQLite for Grype.

Everything in them is about three packages: ``lodash`` (npm, critical, GHSA and CVE), ``musl``
(Alpine, critical, listed as known to be exploited) and ``zlib`` (Debian, high).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack

Bucket = Mapping[str, "Bucket | bytes"]

PAGE = 4096  # bytes; bbolt v1.4, internal/common/page.go
_LEAF, _META, _FREELIST = 0x02, 0x04, 0x10
_MAGIC, _VERSION = 0xED0CDAED, 2
_BUCKET_FLAG = 1
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_NPM = "npm::GitHub Security Advisory Npm"

LODASH, MUSL, ZLIB = "CVE-2019-10744", "CVE-2019-14697", "CVE-2018-25032"
LODASH_GHSA = "GHSA-jf85-cpcp-j695"


def trivy_cache(folder: Path, *, empty: bool = False) -> Path:
    """Make a cache folder for ``trivy --cache-dir``, its database built today; ``empty`` has none
    of the advisories.
    """
    now = datetime.now(UTC)
    stamps = {
        "Version": 2,
        "UpdatedAt": _stamp(now - timedelta(hours=1)),
        "NextUpdate": _stamp(now + timedelta(hours=23)),
        "DownloadedAt": _stamp(now),
    }
    target = folder / "db"
    target.mkdir(parents=True)
    (target / "trivy.db").write_bytes(bolt({} if empty else _advisories()))
    (target / "metadata.json").write_text(json.dumps(stamps))
    return folder


def bolt(tree: Bucket) -> bytes:
    """Return a bbolt database: buckets of buckets and values, each bucket a single leaf."""
    pages: dict[int, bytes] = {}
    root = _bucket(tree, pages)
    last = max(pages) + len(pages[max(pages)]) // PAGE
    pages[2] = _page(2, _FREELIST, 0, b"")
    for number in (0, 1):
        pages[number] = _page(number, _META, 0, _meta(root, last, number))
    return b"".join(pages[number] for number in sorted(pages))


def grype_database(path: Path, *, built: datetime | None = None) -> Path:
    """Make a database of schema 6, built at ``built``, for ``grype db import``."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_GRYPE_TABLES)
        _fill(database, built or datetime.now(UTC) - timedelta(hours=1))
        database.commit()
    return path


def _advisories() -> Bucket:
    return {
        "alpine 3.22": {"musl": {MUSL: _json({"FixedVersion": "1.2.5-r20"})}},
        "debian 12": {"zlib": {ZLIB: _json({"FixedVersion": "1:1.2.13.dfsg-9"})}},
        _NPM: {
            "lodash": {
                LODASH: _json({"PatchedVersions": ["4.17.12"], "VulnerableVersions": ["< 4.17.12"]})
            }
        },
        "data-source": {
            "alpine 3.22": _json({"ID": "alpine", "Name": "Alpine Secdb", "URL": ""}),
            "debian 12": _json({"ID": "debian", "Name": "Debian", "URL": ""}),
            _NPM: _json({"ID": "ghsa", "Name": "GitHub Security Advisory Npm", "URL": ""}),
        },
        "vulnerability": {
            LODASH: _json({"Title": "prototype pollution", "VendorSeverity": {"ghsa": 4}}),
            MUSL: _json({"Title": "stack adjustment imbalance", "VendorSeverity": {"nvd": 4}}),
            ZLIB: _json({"Title": "memory corruption", "VendorSeverity": {"debian": 3}}),
        },
    }


def _bucket(tree: Bucket, pages: dict[int, bytes]) -> int:
    """Lay out a bucket, those in it first, and return its page."""
    items: list[tuple[bytes, int, bytes]] = []
    for name in sorted(tree, key=str.encode):
        value = tree[name]
        if isinstance(value, bytes):
            items.append((name.encode(), 0, value))
        else:
            child = _bucket(value, pages)
            items.append((name.encode(), _BUCKET_FLAG, pack("<QQ", child, 0)))
    number = max(pages) + len(pages[max(pages)]) // PAGE if pages else 3
    head, body = b"", b""
    for index, (key, flags, value) in enumerate(items):
        distance = (len(items) - index) * 16 + len(body)
        head += pack("<IIII", flags, distance, len(key), len(value))
        body += key + value
    pages[number] = _page(number, _LEAF, len(items), head + body)
    return number


def _page(number: int, flags: int, count: int, body: bytes) -> bytes:
    pages = max(1, -(-(16 + len(body)) // PAGE))
    head = pack("<QHHI", number, flags, count, pages - 1)
    return (head + body).ljust(pages * PAGE, b"\0")


def _meta(root: int, high_water: int, transaction: int) -> bytes:
    fields = pack("<IIIIQQQQQ", _MAGIC, _VERSION, PAGE, 0, root, 0, 2, high_water, transaction)
    checksum = _FNV_OFFSET
    for byte in fields:
        checksum = ((checksum ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return fields + pack("<Q", checksum)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# The columns of github.com/anchore/grype v0.121.2, schema/grype/db/sql/schema-latest.sql (6.1.10).
_GRYPE_TABLES = """
CREATE TABLE affected_cpe_handles (id integer PRIMARY KEY, vulnerability_id integer,
    cpe_id integer, blob_id integer);
CREATE TABLE affected_package_handles (id integer PRIMARY KEY, vulnerability_id integer,
    operating_system_id integer, package_id integer, blob_id integer);
CREATE TABLE architecture_aliases (alias text PRIMARY KEY, canonical text);
CREATE TABLE blobs (id integer PRIMARY KEY, value text);
CREATE TABLE cpes (id integer PRIMARY KEY, part text, vendor text, product text, edition text,
    language text, software_edition text, target_hardware text, target_software text, other text);
CREATE TABLE cwe_handles (id integer PRIMARY KEY, cve text, cwe text, source text, type text);
CREATE TABLE db_metadata (build_timestamp datetime, model integer, revision integer,
    addition integer);
CREATE TABLE epss_handles (id integer PRIMARY KEY, cve text, epss real, percentile real);
CREATE TABLE epss_metadata (date datetime);
CREATE TABLE known_exploited_vulnerability_handles (id integer PRIMARY KEY, cve text,
    blob_id integer);
CREATE TABLE operating_system_specifier_overrides (alias text, version text, version_pattern text,
    codename text, channel text, replacement text, replacement_major_version text,
    replacement_minor_version text, replacement_label_version text, replacement_channel text,
    rolling numeric, applicable_client_db_schemas text);
CREATE TABLE operating_systems (id integer PRIMARY KEY, name text, release_id text,
    major_version text, minor_version text, label_version text, codename text, channel text,
    eol_date datetime, eoas_date datetime);
CREATE TABLE package_cpes (cpe_id integer, package_id integer);
CREATE TABLE package_specifier_overrides (ecosystem text, replacement_ecosystem text);
CREATE TABLE packages (id integer PRIMARY KEY, ecosystem text, name text);
CREATE TABLE providers (id text PRIMARY KEY, version text, processor text, date_captured datetime,
    input_digest text);
CREATE TABLE ssvc_handles (id integer PRIMARY KEY, cve text, source text, role text, version text,
    timestamp datetime, exploitation text, automatable text, technical_impact text);
CREATE TABLE unaffected_cpe_handles (id integer PRIMARY KEY, vulnerability_id integer,
    cpe_id integer, blob_id integer);
CREATE TABLE unaffected_package_handles (id integer PRIMARY KEY, vulnerability_id integer,
    operating_system_id integer, package_id integer, blob_id integer);
CREATE TABLE vulnerability_aliases (name text, alias text, PRIMARY KEY (name, alias));
CREATE TABLE vulnerability_handles (id integer PRIMARY KEY, name text, status text,
    published_date datetime, modified_date datetime, withdrawn_date datetime, provider_id text,
    blob_id integer);
"""


def _fill(database: sqlite3.Connection, built: datetime) -> None:
    moment = built.strftime("%Y-%m-%d %H:%M:%S+00:00")
    database.execute("INSERT INTO db_metadata VALUES (?, 6, 1, 10)", (moment,))
    for provider in ("github", "alpine"):
        row = (provider, "1", "vunnel", moment, "xxh64:00")
        database.execute("INSERT INTO providers VALUES (?, ?, ?, ?, ?)", row)
    alpine = (1, "alpine", "alpine", "3", "22", "2027-04-30 00:00:00+00:00")
    database.execute(
        "INSERT INTO operating_systems (id, name, release_id, major_version, minor_version, "
        "eol_date) VALUES (?, ?, ?, ?, ?, ?)",
        alpine,
    )
    database.execute("INSERT INTO packages VALUES (1, 'npm', 'lodash'), (2, 'apk', 'musl')")
    _vulnerability(database, 1, (LODASH_GHSA, "github", [LODASH]), (None, 1), "< 4.17.12", "semver")
    _vulnerability(database, 2, (MUSL, "alpine", []), (1, 2), "< 1.2.5-r20", "apk")
    database.execute("INSERT INTO vulnerability_aliases VALUES (?, ?)", (LODASH_GHSA, LODASH))
    database.execute("INSERT INTO epss_metadata VALUES (?)", (moment,))
    database.execute("INSERT INTO epss_handles VALUES (1, ?, 0.91, 0.99)", (MUSL,))
    entry = {"cve": MUSL, "date_added": "2024-05-01T00:00:00Z", "product": "musl"}
    blob = database.execute("INSERT INTO blobs (value) VALUES (?)", (json.dumps(entry),)).lastrowid
    database.execute(
        "INSERT INTO known_exploited_vulnerability_handles VALUES (1, ?, ?)", (MUSL, blob)
    )


def _vulnerability(
    database: sqlite3.Connection,
    number: int,
    named: tuple[str, str, list[str]],
    where: tuple[int | None, int],
    constraint: str,
    scheme: str,
) -> None:
    name, provider, aliases = named
    rating = {"scheme": "CHML", "value": "critical", "rank": 1}
    described = {"id": name, "aliases": aliases, "severities": [rating]}
    fix = {"version": constraint.removeprefix("< "), "state": "fixed"}
    span = {"version": {"type": scheme, "constraint": constraint}, "fix": fix}
    affected = {"cves": aliases or [name], "ranges": [span]}
    blobs = [
        database.execute("INSERT INTO blobs (value) VALUES (?)", (json.dumps(value),)).lastrowid
        for value in (described, affected)
    ]
    database.execute(
        "INSERT INTO vulnerability_handles VALUES (?, ?, 'active', NULL, NULL, NULL, ?, ?)",
        (number, name, provider, blobs[0]),
    )
    database.execute(
        "INSERT INTO affected_package_handles VALUES (?, ?, ?, ?, ?)",
        (number, number, *where, blobs[1]),
    )
