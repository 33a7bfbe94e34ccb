"""The append-only log of verdicts: one SQLite table that nothing can change afterwards."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs
import rfc8785

from supplychain.core.document import text, verdict_document
from supplychain.core.verdict import Verdict
from supplychain.errors import UnavailableError, UsageError

LEDGER_NAME = "ledger.sqlite3"
BUSY_SECONDS = 30  # to wait for another process that appends
APPLICATION_ID = 0x5C1ED6E7  # marks the file as ours, so that no other database is written to
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE verdicts (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at       TEXT NOT NULL,
    kind     TEXT NOT NULL,
    ref      TEXT NOT NULL,
    digest   TEXT,
    decision TEXT NOT NULL CHECK (decision IN ('pass', 'fail', 'inconclusive')),
    document BLOB NOT NULL,
    sha256   TEXT NOT NULL CHECK (length(sha256) = 64)
) STRICT;
CREATE TRIGGER verdicts_are_not_updated BEFORE UPDATE ON verdicts
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER verdicts_are_not_deleted BEFORE DELETE ON verdicts
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER verdicts_are_not_replaced BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM verdicts WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
_IDENTITY = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""
_INSERT = """
INSERT INTO verdicts (at, kind, ref, digest, decision, document, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_WRITABLE = "name a folder that you may write with --state"


class Ledger:
    """The log in one file. Each append is on disk when it returns."""

    def __init__(self, path: Path) -> None:
        """Open the log, or begin it.

        Raises:
            UsageError: the file is no ledger, or of a newer version.
            UnavailableError: it cannot be opened or written now.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from None
        except OSError as error:
            message = f"cannot open the ledger {str(path)!r}: {(error.strerror or '').lower()}"
            raise UsageError(message, _WRITABLE) from None
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._trouble(error) from None
        except UsageError:
            self.close()
            raise

    def append(self, verdict: Verdict) -> int:
        """Append one verdict as canonical JSON (RFC 8785) and return its sequence number.

        Raises:
            UnavailableError: it could not be written; the log is as it was.
        """
        document = rfc8785.dumps(verdict_document(verdict))
        subject = verdict.subject
        row = (
            verdict.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            subject.kind.value if subject else "project",
            text(subject.ref) if subject else "",
            str(subject.digest) if subject and subject.digest else None,
            verdict.decision.value,
            document,
            hashlib.sha256(document).hexdigest(),
        )
        try:
            sequence = self._connection.execute(_INSERT, row).lastrowid
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from None
        return sequence or 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA trusted_schema = OFF")
        if execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            self._refuse_other_databases()  # before anything is written to it
        execute("PRAGMA journal_mode = WAL")
        execute("BEGIN IMMEDIATE")
        try:
            if execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
                for statement in _statements():
                    execute(statement)
            self._refuse_other_databases()
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise

    def _refuse_other_databases(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        application = self._connection.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID or version > SCHEMA_VERSION:
            message = f"{str(self._path)!r} is no ledger that this version can write"
            raise UsageError(message, "name another folder with --state")

    def _trouble(self, error: sqlite3.DatabaseError) -> UsageError | UnavailableError:
        message = f"ledger {str(self._path)!r}: {error}"
        if "not a database" in str(error) or "malformed" in str(error):
            return UsageError(message, "name another folder with --state")
        if "unable to open" in str(error) or "readonly" in str(error):
            return UnavailableError(message, _WRITABLE)
        return UnavailableError(message, "free some space, or try again")


def record(verdicts: Iterable[Verdict], state: Path | None) -> list[int]:
    """Append verdicts to the ledger in ``state``, the user's state folder when not given.

    Raises:
        UsageError: there is no ledger to be had in that folder.
        UnavailableError: the ledger cannot be written now.
    """
    folder = state or platformdirs.user_state_path("supplychain", appauthor=False)
    with Ledger(folder / LEDGER_NAME) as ledger:
        return [ledger.append(verdict) for verdict in verdicts]


def _statements() -> list[str]:
    """Split the schema; ``executescript`` would end the transaction that it must be part of."""
    statements, pending = [], ""
    for line in (*_SCHEMA.splitlines(), *_IDENTITY.splitlines()):
        pending += f"{line}\n"
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
