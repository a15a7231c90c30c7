"""How far a job is, on standard error: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

EVERY = 60.0
"""Seconds between the lines of a job that no terminal shows."""

PATIENCE = 2.0
"""Seconds that a job may take without any sign."""


class Progress:
    """Counts articles as they pass, with their rate and the time left. A context manager.

    Args:
        share: tells how much is done, 0 to 1, given the articles that are.
    """

    def __init__(self, share: Callable[[int], float]) -> None:
        self._share = share
        self._count = 0
        self._began = self._said = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, items: Iterable[T]) -> Iterator[T]:
        """The same items, counted."""
        for item in items:
            yield item
            self.add(1)

    def add(self, count: int) -> None:
        """So many articles more are done."""
        self._count += count
        now = time.monotonic()
        if now - self._said < (0.2 if self._bar else PATIENCE if sys.stderr.isatty() else EVERY):
            return
        self._said = now
        if sys.stderr.isatty():
            self._show()
        else:
            logger.info("%s", self.line())

    def line(self) -> str:
        """Such as "12,000 articles, 21.3 a second, 40%, 0:14:05 left"."""
        seconds = time.monotonic() - self._began
        share = min(1.0, self._share(self._count))
        left = "" if share <= 0 else f", {_clock(seconds / share - seconds)} left"
        return f"{self._count:,} articles, {self._count / max(seconds, 1e-9):.1f} a second, {share:.0%}{left}"

    def _show(self) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        table = Table.grid(padding=(0, 1))
        table.add_row(ProgressBar(total=1.0, completed=min(1.0, self._share(self._count)), width=30), self.line())
        if self._bar is None:
            self._bar = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
            self._bar.start()
        self._bar.update(table, refresh=True)


def _clock(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
