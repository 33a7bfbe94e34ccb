"""What a transfer looks like: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from supplychain.cli.options import Settings
from supplychain.core.text import visible
from supplychain.report.models import shown_size

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from supplychain.mirror.transfer import Progress

LINE_SECONDS = 10.0  # between two lines where there is no terminal
_MAX_NAME = 40  # characters of a file's name beside its bar


class Silence:
    """Tells nothing."""

    def says(self, text: str) -> None:
        """Tell nothing."""

    def expects(self, files: int, size: int) -> None:
        """Tell nothing."""

    def begins(self, file: str, size: int) -> None:
        """Tell nothing."""

    def advances(self, file: str, count: int) -> None:
        """Tell nothing."""

    def rechecks(self, file: str, count: int) -> None:
        """Tell nothing."""

    def ends(self, file: str) -> None:
        """Tell nothing."""


class Lines(Silence):
    """Tells the total on stderr every ``LINE_SECONDS``."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._size = 0
        self._done = 0
        self._begun = self._told = time.monotonic()

    def says(self, text: str) -> None:
        """Tell something that happens once."""
        click.echo(text, err=True)

    def expects(self, files: int, size: int) -> None:
        """Begin to count."""
        with self._guard:
            self._size, self._done = size, 0
            self._begun = self._told = time.monotonic()
        if size:
            count = f"{files} file{'' if files == 1 else 's'}"
            self.says(f"{count}, {shown_size(size)} to go")

    def advances(self, file: str, count: int) -> None:
        """Count, and tell when it is time."""
        del file
        now = time.monotonic()
        with self._guard:
            self._done += count
            if now - self._told < LINE_SECONDS:
                return
            self._told = now
            speed = self._done / max(now - self._begun, 0.001)
            left = (self._size - self._done) / speed if speed > 0 else 0.0
        done, whole = shown_size(self._done), shown_size(self._size)
        self.says(f"{done} of {whole}, {shown_size(int(speed))}/s, {left:.0f} s left")

    def rechecks(self, file: str, count: int) -> None:
        """Count what an earlier pull left as done."""
        self.advances(file, count)


class _Terminal(Silence):
    """One bar for the total and one for each file on its way."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._total: TaskID | None = None
        self._files: dict[str, TaskID] = {}
        self._sizes: dict[str, int] = {}
        self._early: dict[str, int] = {}

    def says(self, text: str) -> None:
        """Tell something above the bars."""
        self._bars.console.print(visible(text), markup=False, highlight=False)

    def expects(self, files: int, size: int) -> None:
        """Show the bar of the total."""
        if self._total is None:
            self._total = self._bars.add_task("total", total=size)
        else:
            self._bars.reset(self._total, total=size, description=f"total of {files}")

    def begins(self, file: str, size: int) -> None:
        """Show the bar of a file."""
        shown = visible(file)
        name = shown if len(shown) <= _MAX_NAME else f"…{shown[-_MAX_NAME:]}"
        done = self._early.pop(file, 0)
        self._files[file] = self._bars.add_task(name, total=size, completed=done)

    def advances(self, file: str, count: int) -> None:
        """Move the bars."""
        if self._total is not None:
            self._bars.advance(self._total, count)
        if file in self._files:
            self._bars.advance(self._files[file], count)
        else:
            self._early[file] = self._early.get(file, 0) + count

    def rechecks(self, file: str, count: int) -> None:
        """Move the bars by what an earlier pull left."""
        self.advances(file, count)

    def ends(self, file: str) -> None:
        """Take the bar of a file away."""
        task = self._files.pop(file, None)
        if task is not None:
            self._bars.remove_task(task)


@contextmanager
def shown_progress(settings: Settings) -> Iterator[Progress]:
    """Yield what a transfer tells its progress to, as the user wants to see it."""
    if settings.quiet:
        yield Silence()
    elif not sys.stderr.isatty():
        yield Lines()
    else:
        from rich.console import Console  # noqa: PLC0415 -- rich costs 0.1 s to import
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Terminal(bars)
