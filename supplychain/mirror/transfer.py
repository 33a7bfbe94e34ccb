"""The bytes of a model's files, from the hub into quarantine, hashed on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from supplychain.access.connections import Pace
from supplychain.access.failures import AccessError, Hostile, Unreachable
from supplychain.access.huggingface import PACE, HubClient
from supplychain.access.huggingface_answers import HubFile
from supplychain.access.lanes import in_lanes
from supplychain.formats.text import printable
from supplychain.mirror.part import PIECE, Part
from supplychain.mirror.quarantine import Workspace

MAX_TRIES = 4  # requests in a row that bring nothing useful
FIRST_WAIT = 0.3  # seconds before the second of them; three times as long before each further one
PATIENCE = 18.0  # seconds since the last useful byte after which a file is given up
USEFUL = PACE.bytes  # bytes that count as progress
_GROWTH = 3.0


class Progress(Protocol):
    """What is told of a transfer while it goes on, from several threads."""

    def says(self, text: str) -> None:
        """Tell something that happens once."""

    def expects(self, files: int, size: int) -> None:
        """Tell how many files and bytes will come."""

    def begins(self, file: str, size: int) -> None:
        """Tell that a file's bytes begin to come."""

    def advances(self, file: str, count: int) -> None:
        """Tell how many more bytes are here; fewer than none when a file starts again."""

    def rechecks(self, file: str, count: int) -> None:
        """Tell how many bytes of an earlier pull are hashed again."""

    def ends(self, file: str) -> None:
        """Tell that a file is whole and verified."""


class CancelledError(AccessError):
    """Another file of the same pull has failed, so this one was left."""


class RateLimit:
    """Lets at most so many bytes a second through, all threads together; ``None`` lets all."""

    def __init__(self, rate: int | None, lanes: int) -> None:
        self._rate = rate
        self._lanes = lanes
        self._guard = threading.Lock()
        self._free_at = 0.0

    @property
    def piece(self) -> int:
        """Bytes to read at once, so that no single wait is long."""
        return PIECE if self._rate is None else max(1, min(PIECE, self._rate // 8))

    @property
    def pace(self) -> Pace:
        """What a connection must bring, given that it is slowed down here."""
        if self._rate is None:
            return PACE
        return Pace(bytes=max(1, min(PACE.bytes, self._rate // self._lanes)), seconds=PACE.seconds)

    def wait(self, count: int, stop: threading.Event) -> None:
        """Wait until ``count`` more bytes may have come, or until ``stop``."""
        if self._rate is None:
            return
        now = time.monotonic()
        with self._guard:
            begin = max(self._free_at, now)
            self._free_at = begin + count / self._rate
            seconds = self._free_at - now
        stop.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the files belong to, and who is asked for them."""

    client: HubClient
    repository: str
    commit: str


class Transfer:
    """Fetches files of one commit into one workspace. Parts stay open until it is left."""

    def __init__(
        self,
        origin: Origin,
        workspace: Workspace,
        progress: Progress,
        *,
        jobs: int,
        rate: int | None = None,
    ) -> None:
        self._origin = origin
        self._workspace = workspace
        self._progress = progress
        self._jobs = jobs
        self._limit = RateLimit(rate, jobs)
        self._stop = threading.Event()
        self._open = ExitStack()
        self._guard = threading.Lock()
        self._parts: dict[str, Part] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if error is None or isinstance(error, Exception):
            self._open.close()  # after an interrupt threads may still write, until the process ends

    def part(self, file: HubFile) -> Part:
        """Return the open part of a file; what an earlier pull left of it is hashed first.

        Raises:
            OSError: the disk fails.
        """
        with self._guard:
            known = self._parts.get(file.identity)
            if known is None:
                path = self._workspace.part(file.identity)
                known = self._open.enter_context(Part(path, file))
                self._parts[file.identity] = known
                fresh = True
            else:
                fresh = False
        if fresh:
            known.recheck(lambda count: self._progress.rechecks(file.name, count))
        return known

    def heads(self, files: Sequence[HubFile], size: int) -> None:
        """Fetch the first ``size`` bytes of each file.

        Raises:
            AccessError: as :meth:`bodies`.
            OSError: the disk is full or fails.
        """
        self._all(files, lambda file: self._fetch(file, min(size, file.size)))

    def bodies(self, files: Sequence[HubFile]) -> None:
        """Fetch the rest of each file and compare it with what the tree promises.

        Raises:
            Unreachable: a file could not be had.
            Hostile: a file's bytes, size, commit or tag differ from what was promised.
            NotFound: a file does not exist.
            OSError: the disk is full or fails.
        """
        self._all(files, self._verified)

    def _all(self, files: Sequence[HubFile], work: Callable[[HubFile], None]) -> None:
        def outcome(file: HubFile) -> AccessError | OSError | None:
            try:
                work(file)
            except (AccessError, OSError) as error:
                self._stop.set()
                return error
            return None

        distinct = {file.identity: file for file in files}
        host = self._origin.client.host
        ended = in_lanes(distinct.values(), lambda _: host, outcome, connections=self._jobs)
        errors = [error for error in ended.values() if error is not None]
        for error in sorted(errors, key=lambda one: isinstance(one, CancelledError)):
            raise error

    def _verified(self, file: HubFile) -> None:
        part = self.part(file)
        is_resumed = part.have > 0
        self._progress.begins(file.name, file.size)
        self._fetch(file, file.size)
        if not part.is_as_promised and is_resumed:
            # Bytes of an earlier process may have been lost with the power; only fresh ones count.
            self._progress.advances(file.name, -part.have)
            self._restart(part)
            self._fetch(file, file.size)
        if not part.is_as_promised:
            what = f"'{printable(file.name)}' of '{self._origin.repository}'"
            found = f" ({part.sha256})" if file.sha256 else ""
            reason = f"the bytes sent for {what} are not those of {file.identity}{found}"
            raise Hostile(reason)
        self._progress.ends(file.name)

    def _fetch(self, file: HubFile, end: int) -> None:
        """Bring a part to ``end`` bytes, asking again while that brings any further."""
        part = self.part(file)
        attempt = _Attempt()
        while part.have < end:
            if self._stop.is_set():
                reason = f"'{printable(file.name)}' was left because another file failed"
                raise CancelledError(reason)
            try:
                self._ask(part, end, attempt)
            except Unreachable as failure:
                wait = attempt.wait()
                if not failure.retryable or wait is None:
                    raise
                self._stop.wait(wait)

    def _ask(self, part: Part, end: int, attempt: _Attempt) -> None:
        file, origin = part.file, self._origin
        identity = file.identity
        with origin.client.opened(
            origin.repository,
            origin.commit,
            file,
            span=range(part.have, end),
            tag=self._workspace.tag(identity),
            deadline=attempt.deadline,
            pace=self._limit.pace,
        ) as stream:
            if stream.start != part.have:
                self._progress.advances(file.name, -part.have)
                self._restart(part)
            self._workspace.remember(identity, stream.tag)
            position = part.have
            with part.appending() as append:
                while position < end:
                    if self._stop.is_set():
                        return
                    piece = stream.read(min(self._limit.piece, end - position))
                    if not piece:
                        reason = f"{origin.client.host} ended '{printable(file.name)}' early"
                        raise Unreachable(reason, "run again to go on from there", retryable=True)
                    append(piece)
                    position += len(piece)
                    attempt.received(len(piece))
                    self._progress.advances(file.name, len(piece))
                    self._limit.wait(len(piece), self._stop)
            if end == file.size and stream.read(1):
                reason = f"{origin.client.host} sends more than the {file.size} bytes"
                message = f"{reason} that it promises for '{printable(file.name)}'"
                raise Hostile(message)

    def _restart(self, part: Part) -> None:
        part.restart()
        self._workspace.remember(part.file.identity, None)


class _Attempt:
    """How long a file may still be asked for, given what came of it so far."""

    def __init__(self) -> None:
        self._useful_at = time.monotonic()
        self._since = 0
        self._tries = 0

    @property
    def deadline(self) -> float:
        """When the next useful bytes must have come, on the monotonic clock."""
        return self._useful_at + PATIENCE

    def received(self, count: int) -> None:
        """Count bytes that came."""
        self._since += count
        if self._since >= USEFUL:
            self._since, self._tries = 0, 0
            self._useful_at = time.monotonic()

    def wait(self) -> float | None:
        """Return the seconds before the next try, ``None`` where there is to be none."""
        self._tries += 1
        seconds = FIRST_WAIT * _GROWTH ** (self._tries - 1)
        if self._tries >= MAX_TRIES or time.monotonic() + seconds >= self.deadline:
            return None
        return seconds
