"""Where a pull works: one folder a repository, held by one process at a time.

``quarantine/ID/`` holds a file for each that is being fetched, named by the digest that the hub
promises for it, and beside it a small journal of what a resumed request needs. The length of such
a file says how far it has come, so a process that is killed loses only what it had not written.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from supplychain.access.files import TooLargeError, UnreadableError, read_bounded
from supplychain.errors import UnavailableError
from supplychain.mirror.store import Store

MAX_WAIT = 24 * 3600.0  # seconds to wait for another process that pulls the same model
_POLL = 0.2  # seconds between two looks at whether it is done
_MAX_TAG = 1024  # bytes of an entity tag that is kept
_ID_LENGTH = 32  # hexadecimal digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The folder of one pull."""

    folder: Path

    def part(self, identity: str) -> Path:
        """Return the path of the file whose promised digest is ``identity``."""
        return self.folder / f"{identity}.part"

    def tag(self, identity: str) -> str | None:
        """Return the entity tag under which the part's bytes were sent."""
        try:
            data = read_bounded(self._journal(identity), _MAX_TAG)
        except (UnreadableError, TooLargeError):
            return None
        text = data.decode("ascii", "replace")
        return text if text.isprintable() and text else None

    def remember(self, identity: str, tag: str | None) -> None:
        """Keep the entity tag of a part, or forget it.

        Raises:
            OSError: the disk is full or fails.
        """
        journal = self._journal(identity)
        if tag is None or len(tag) > _MAX_TAG:
            journal.unlink(missing_ok=True)
        else:
            journal.write_text(tag, encoding="ascii")

    def discard(self) -> None:
        """Remove everything that was fetched; the folder itself goes when it is left."""
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self.folder):
                Path(entry.path).unlink(missing_ok=True)

    def _journal(self, identity: str) -> Path:
        return self.folder / f"{identity}.tag"


@contextmanager
def working(
    store: Store, repository: str, waiting: Callable[[], None] = lambda: None
) -> Iterator[Workspace]:
    """Hold the folder for a repository; ``waiting`` is called once when another process has it.

    What is left in the folder afterwards stays for the next pull; an empty one is removed.

    Raises:
        UnavailableError: another process did not let go of it within ``MAX_WAIT``.
        OSError: the store cannot be written.
    """
    name = hashlib.sha256(repository.lower().encode()).hexdigest()[:_ID_LENGTH]
    folder, lock = store.quarantine / name, store.quarantine / f"{name}.lock"
    descriptor = _locked(lock, repository, waiting)
    try:
        folder.mkdir(exist_ok=True)
        yield Workspace(folder=folder)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
        lock.unlink(missing_ok=True)
        os.close(descriptor)
        with contextlib.suppress(OSError):
            store.quarantine.rmdir()


def _locked(lock: Path, repository: str, waiting: Callable[[], None]) -> int:
    """Return the open descriptor of a lock file that this process alone holds."""
    end = time.monotonic() + MAX_WAIT
    told = False
    while True:
        descriptor = _try_lock(lock)
        if descriptor is not None:
            return descriptor
        if time.monotonic() >= end:
            message = f"another process has been pulling '{repository}' for {MAX_WAIT:.0f} s"
            raise UnavailableError(message, "end it, and run again")
        if not told:
            waiting()
            told = True
        time.sleep(_POLL)


def _try_lock(lock: Path) -> int | None:
    """Lock a file; ``None`` where another holds it, or has just removed it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(lock, flags, 0o644)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == lock.stat().st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
