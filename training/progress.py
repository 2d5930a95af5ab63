"""How far a long command is: a bar on a terminal, a plain line now and then otherwise.

Library functions take an optional callable and tell it the step they are in and, where they know it, how much of it is
done. Nothing but the command line decides how that looks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

SECONDS_BETWEEN_LINES = 10.0
"""On something that is not a terminal a step says how far it is at most this often."""


class Progress(Protocol):
    """Told the step and how much of it is done; `total` 0 means nobody knows how much there is."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say where the work is."""


class PlainProgress:
    """One line when a step begins, then one now and then; `clock` returns seconds that never fall."""

    __slots__ = ("_clock", "_said_at", "_step", "_stream")

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._step = ""
        self._said_at = 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Print what is new."""
        now = self._clock()
        if step == self._step and (total == 0 or now - self._said_at < SECONDS_BETWEEN_LINES):
            return
        self._step, self._said_at = step, now
        amount = f": {done:,} of {total:,}" if total > 0 else ""
        self._stream.write(f"{step}{amount}\n")
        self._stream.flush()


class BarProgress:
    """A bar for each step whose size is known, a line for one whose size is not."""

    __slots__ = ("_bars", "_step", "_task")

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Bars(*columns, TimeRemainingColumn(), console=Console(file=stream))
        self._step = ""
        self._task = self._bars.add_task("", visible=False)

    def __enter__(self) -> BarProgress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Move the bar of a step, opening it if it is new."""
        is_new, self._step = step != self._step, step
        if total > 0:
            self._task = self._bars.add_task(step) if is_new else self._task
            self._bars.update(self._task, completed=done, total=total)
        elif is_new:
            self._bars.console.print(step, highlight=False, markup=False)


@contextmanager
def shown_on(stream: TextIO | None = None) -> Iterator[Progress]:
    """Yield a progress that suits a stream (default: standard error): bars on a terminal, plain lines otherwise."""
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield PlainProgress(stream)
        return
    try:
        bars = BarProgress(stream)
    except ModuleNotFoundError:
        yield PlainProgress(stream)
        return
    with bars:
        yield bars
