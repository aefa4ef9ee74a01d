"""Progress of long work: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

Report = Callable[[str, int, int], None]
"""What is being done, how much is done, of how much (0 if unknown)."""

LINE_SECONDS = 10.0


class Steps:
    def __init__(self, console: Console) -> None:
        self.console = console
        columns = (
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        )  # fmt: skip
        self.live = Progress(*columns, console=console, transient=True)

    def __enter__(self) -> Steps:
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Report]:
        """A step that ends with a line saying how long it took; the report may be called often."""
        started = spoken = time.monotonic()
        task = self.live.add_task(title, total=None)

        def report(what: str, done: int, total: int) -> None:
            nonlocal spoken
            if self.console.is_terminal:
                self.live.update(task, description=f"{title}: {what}", completed=done, total=total or None)
            elif time.monotonic() - spoken > LINE_SECONDS:
                spoken = time.monotonic()
                self.console.print(f"  … {title}: {what} {done:,}{f' of {total:,}' if total else ''}")

        yield report
        self.live.remove_task(task)
        self.console.print(f"  ✓ {title} ({time.monotonic() - started:.1f} s)", highlight=False)
