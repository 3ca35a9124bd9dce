"""What a person sees while the walk goes on: a bar per data set, or plain lines at intervals."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evalscope.engine.book import Book
from evalscope.engine.console import Screen

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

REFRESH_S = 0.25
PLAIN_LINE_S = 10.0


async def show_progress(books: Mapping[str, Sequence[Book]], screen: Screen) -> None:
    """Shows the counts of each data set until cancelled; they are read on a timer, never pushed by samples.

    Args:
        books: those of each data set.
        screen: standard error; bars where it is a terminal, plain lines where it is none.
    """
    if screen.is_terminal:
        await _show_bars(books, screen)
    else:
        await _print_lines(books, screen)


async def _show_bars(books: Mapping[str, Sequence[Book]], screen: Screen) -> None:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen.rich, auto_refresh=False, transient=False) as bars:
        tasks = {name: bars.add_task(name, total=sum(b.total for b in own), note="") for name, own in books.items()}
        started = time.monotonic()
        try:
            while True:
                _update(bars, tasks, books, time.monotonic() - started)
                await asyncio.sleep(REFRESH_S)
        finally:
            _update(bars, tasks, books, time.monotonic() - started)


def _update(
    bars: "Progress", tasks: Mapping[str, "TaskID"], books: Mapping[str, Sequence[Book]], seconds: float
) -> None:
    for name, own in books.items():
        bars.update(tasks[name], completed=sum(book.tally.done for book in own), note=describe(own, seconds))
    bars.refresh()


async def _print_lines(books: Mapping[str, Sequence[Book]], screen: Screen) -> None:
    started = last = time.monotonic()
    shown: dict[str, int] = dict.fromkeys(books, 0)
    while True:
        await asyncio.sleep(REFRESH_S)
        now = time.monotonic()
        if now - last < PLAIN_LINE_S:
            continue
        last = now
        for name, own in books.items():
            done, total = sum(book.tally.done for book in own), sum(book.total for book in own)
            if done != shown[name]:
                shown[name] = done
                eta = f", {(total - done) * (now - started) / done:.0f} s to go" if done < total else ""
                screen.print(f"{name}: {done}/{total}, {describe(own, now - started)}{eta}")


def describe(books: Sequence[Book], seconds: float) -> str:
    """The rate, running score and failures of one data set: "12.3/s, score 0.412, 2 failed"."""
    asked = sum(book.tally.asked for book in books)
    failed = sum(book.tally.failed for book in books)
    scored = sum(len(book.tally.scores) for book in books) - failed
    parts = [f"{asked / seconds:.1f}/s"] if asked and seconds > 0 else []
    if scored:
        parts.append(f"score {sum(book.tally.credit for book in books) / scored:.3f}")
    if failed:
        parts.append(f"{failed} failed")
    return ", ".join(parts)
