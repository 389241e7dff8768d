"""A progress bar for whatever lasts: on stderr, where that is a terminal, and only after two seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHOWN_AFTER = 2.0  # seconds


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Gives what is to be called with how much is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None, visible=False)

        def show(done: int, total: int) -> None:
            late = (bar.tasks[0].elapsed or 0.0) > SHOWN_AFTER
            bar.update(task, completed=done, total=total, visible=late)

        yield show
