from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from supplychain.core.document import verdict_document
from supplychain.core.verdict import decide
from supplychain.errors import UnavailableError, UsageError
from supplychain.ledger import log
from supplychain.ledger.log import APPLICATION_ID, LEDGER_NAME, Ledger, record
from tests.cli.entry import SECONDS, environment
from tests.unit.core.samples import NOW, POLICY, WEB, finding, gap

PASS = decide([], [], POLICY, NOW, subject=WEB)
FAIL = decide([finding()], [gap()], POLICY, NOW, subject=WEB)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "deep" / LEDGER_NAME


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with Ledger(path) as ledger:
        ledger.append(PASS)
        ledger.append(FAIL)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        yield opened


def test_appends_give_the_numbers_in_order(path: Path) -> None:
    with Ledger(path) as ledger:
        assert [ledger.append(PASS), ledger.append(FAIL)] == [1, 2]
    with Ledger(path) as again:
        assert again.append(PASS) == 3


def test_a_row_holds_the_verdict_as_canonical_json(connection: sqlite3.Connection) -> None:
    rows = connection.execute(
        "SELECT at, kind, ref, digest, decision, document, sha256 FROM verdicts ORDER BY sequence"
    ).fetchall()
    assert [row[:5] for row in rows] == [
        ("2026-11-25T10:00:00Z", "dockerfile", "web/Dockerfile", None, "pass"),
        ("2026-11-25T10:00:00Z", "dockerfile", "web/Dockerfile", None, "fail"),
    ]
    for (*_, document, digest), verdict in zip(rows, (PASS, FAIL), strict=True):
        assert hashlib.sha256(document).hexdigest() == digest
        assert json.loads(document) == verdict_document(verdict)
        canonical = json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"))
        assert document == canonical.encode()


def test_a_verdict_on_nothing_is_about_the_project(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(decide([], [], POLICY, NOW))
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("SELECT kind, ref FROM verdicts").fetchall() == [("project", "")]


def test_names_that_are_no_unicode_are_recorded(path: Path) -> None:
    odd = replace(WEB, ref="a\udcff\n", path="a\udcff\n")
    with Ledger(path) as ledger:
        assert ledger.append(decide([], [], POLICY, NOW, subject=odd)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verdicts SET decision = 'pass' WHERE sequence = 2",
        "DELETE FROM verdicts WHERE sequence = 2",
        "DELETE FROM verdicts",
        "INSERT OR REPLACE INTO verdicts SELECT * FROM verdicts WHERE sequence = 2",
        "REPLACE INTO verdicts SELECT * FROM verdicts",
    ],
)
def test_what_was_written_stays(connection: sqlite3.Connection, statement: str) -> None:
    before = connection.execute("SELECT * FROM verdicts").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="the ledger is append-only"):
        connection.execute(statement)
    assert connection.execute("SELECT * FROM verdicts").fetchall() == before


@pytest.mark.parametrize(
    "values",
    [
        "('t', 'k', 'r', NULL, 'maybe', x'00', zeroblob(32))",
        "('t', 'k', 'r', NULL, 'pass', x'00', 'short')",
        "('t', 'k', NULL, NULL, 'pass', x'00', hex(zeroblob(32)))",
    ],
)
def test_only_verdicts_are_taken(connection: sqlite3.Connection, values: str) -> None:
    columns = "(at, kind, ref, digest, decision, document, sha256)"
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"INSERT INTO verdicts {columns} VALUES {values}")  # noqa: S608


def test_the_file_is_set_up_to_last(connection: sqlite3.Connection) -> None:
    pragmas = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in
               ("journal_mode", "application_id", "user_version")}  # fmt: skip
    assert pragmas == {
        "journal_mode": "wal",
        "application_id": APPLICATION_ID,
        "user_version": 1,
    }
    (strict,) = connection.execute("SELECT strict FROM pragma_table_list('verdicts')").fetchone()
    assert strict == 1


def test_every_append_is_synchronous(path: Path) -> None:
    with Ledger(path) as ledger:
        (level,) = ledger._connection.execute("PRAGMA synchronous").fetchone()  # noqa: SLF001
    assert level == 2, "FULL"


APPENDING = """
import sys
from pathlib import Path
from supplychain.ledger.log import Ledger
from tests.unit.ledger.test_log import PASS
for _ in range(10):
    with Ledger(Path(sys.argv[1])) as ledger:
        for _ in range(5):
            ledger.append(PASS)
"""


def test_several_processes_append_at_once(path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", APPENDING, str(path)], env=environment())
        for _ in range(3)
    ]
    assert [one.wait(SECONDS) for one in started] == [0, 0, 0]
    with closing(sqlite3.connect(path)) as opened:
        count, last = opened.execute("SELECT count(*), max(sequence) FROM verdicts").fetchone()
    assert (count, last) == (150, 150)


class TestForeign:
    def make(self, path: Path, *statements: str) -> bytes:
        path.parent.mkdir(parents=True)
        with closing(sqlite3.connect(path)) as opened:
            for statement in statements:
                opened.execute(statement)
        return path.read_bytes()

    @pytest.mark.parametrize(
        "statements",
        [
            ("CREATE TABLE verdicts (a)",),
            ("CREATE TABLE other (a)", "PRAGMA application_id = 7"),
            (f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 2",
             "CREATE TABLE verdicts (a)"),
        ],
        ids=["same name", "other application", "newer version"],
    )  # fmt: skip
    def test_databases_are_refused_and_left_as_they_are(
        self, path: Path, statements: tuple[str, ...]
    ) -> None:
        before = self.make(path, *statements)
        with pytest.raises(UsageError, match="is no ledger that this version can write"):
            Ledger(path)
        assert path.read_bytes() == before
        assert [one.name for one in path.parent.iterdir()] == [path.name]

    def test_files_are_refused(self, path: Path) -> None:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"no database " * 99)
        with pytest.raises(UsageError, match="file is not a database"):
            Ledger(path)

    def test_an_empty_file_becomes_a_ledger(self, path: Path) -> None:
        path.parent.mkdir(parents=True)
        path.touch()
        with Ledger(path) as ledger:
            assert ledger.append(PASS) == 1


class TestTrouble:
    def test_a_folder_that_cannot_be_made_is_a_users_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match="cannot open the ledger"):
            record([PASS], tmp_path / "file")

    def test_a_folder_in_its_place_is_trouble(self, tmp_path: Path) -> None:
        (tmp_path / LEDGER_NAME).mkdir()
        with pytest.raises(UnavailableError, match="unable to open database file") as caught:
            record([PASS], tmp_path)
        assert caught.value.hint == "name a folder that you may write with --state"

    def test_a_lock_that_somebody_holds_is_trouble(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Ledger(path) as ledger:
            ledger.append(PASS)
        monkeypatch.setattr(log, "BUSY_SECONDS", 0)
        with Ledger(path) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError, match="database is locked"):
                ledger.append(FAIL)
            other.execute("ROLLBACK")
            assert ledger.append(FAIL) == 2

    def test_while_it_is_set_up_leaves_no_half_of_it(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log, "_SCHEMA", "CREATE TABLE a (b);\nCREATE NONSENSE;\n")
        with pytest.raises(UnavailableError, match="syntax error"):
            Ledger(path)
        monkeypatch.undo()
        with Ledger(path) as ledger:
            assert ledger.append(PASS) == 1


def test_records_in_the_folder_given(tmp_path: Path) -> None:
    assert record([PASS, FAIL], tmp_path / "a") == [1, 2]
    assert record(iter([PASS]), tmp_path / "a") == [3]
    assert (tmp_path / "a" / LEDGER_NAME).is_file()
