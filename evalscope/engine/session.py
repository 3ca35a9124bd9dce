"""One run from its plan to its reports, in one folder."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from evalscope.core.report import Report
from evalscope.engine.aggregate import make_report
from evalscope.engine.ask import Asker
from evalscope.engine.book import Book
from evalscope.engine.budget import Budget
from evalscope.engine.collection import make_collection_report
from evalscope.engine.console import Screen
from evalscope.engine.desk import PLACES, Desk
from evalscope.engine.outage import Outage
from evalscope.engine.panel import Panel
from evalscope.engine.plan import DatasetPlan, Plan, SubsetPlan
from evalscope.engine.progress import show_progress
from evalscope.engine.sync import run_sync
from evalscope.engine.walk import Walk
from evalscope.errors import RunInterrupted
from evalscope.runs.answers import is_answer
from evalscope.runs.folder import RunFolder
from evalscope.runs.kept import KeptRows

logger = logging.getLogger(__name__)

SYNC_EVERY_S = 5.0


class Ended(NamedTuple):
    """How a session ended.

    Attributes:
        reports: by data set.
        stopped_by: the flag whose budget ended it; empty where all was asked.
    """

    reports: Mapping[str, Report]
    stopped_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A plan, who answers it, and where it is written.

    Attributes:
        plan: what is asked.
        asker: who answers.
        folder: where it is written; locked by the caller.
        model: name in reports.
        screen: where progress is shown; None shows none.
        versions: of the packages that matter.
        max_tokens: that the walk may spend; None for any number.
        max_time_s: that it may take; None for any time.
        give_up_after_s: without an answer, once there was one.
        judged_at_once: how many answers each judge is asked about at once; None leaves it to the judge's own pace.
    """

    plan: Plan
    asker: Asker
    folder: RunFolder
    model: str
    screen: Screen | None
    versions: Mapping[str, str]
    max_tokens: int | None = None
    max_time_s: float | None = None
    give_up_after_s: float = 600.0
    judged_at_once: int | None = None

    def run(self) -> Ended:
        """Walks to the end, or to that of the budget, and makes the reports.

        Raises:
            EndpointError: no question could be asked.
            OSError: a file could not be written; everything before that is safe.
            RunInterrupted: the user stopped the run; all that was answered is stored.
        """
        started = time.monotonic()
        budget = Budget(max_tokens=self.max_tokens, max_time_s=self.max_time_s)
        with self._books() as books:
            is_complete = self._walk(books, budget)
            if not is_complete and not budget.spent_by:
                raise RunInterrupted(self.folder.root)
            for book in books.values():
                book.tally.missing += book.total - book.tally.done
                book.finish()
            seconds = time.monotonic() - started
            stopped_by = "" if is_complete else budget.spent_by
            reports = [self._report(dataset, books, seconds, stopped_by) for dataset in self.plan.datasets]
            if self.plan.collection is not None:
                reports.append(make_collection_report(self.plan, self.plan.collection, books, reports))
            return Ended({report.dataset: report for report in reports}, stopped_by)

    def _walk(self, books: Mapping[tuple[str, str], Book], budget: Budget) -> bool:
        """Whether every request has come to its end."""
        walks: list[Walk] = []

        async def main() -> None:
            walk = Walk(self.plan, self.asker, books, budget, Outage(give_up_after_s=self.give_up_after_s))
            walks.append(walk)
            beside = [asyncio.create_task(self._progress(books)), asyncio.create_task(_sync(books.values()))]
            try:
                await walk.run()
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                await _let_go(self.asker, "the model")
                for dataset in self.plan.datasets:
                    await _let_go(dataset.benchmark.scorer, f"the scorer of {dataset.name}")
                for judge in self.plan.judges:
                    await _let_go(judge.model, f"judge {judge.name}")

        def stop_gently() -> bool:
            """The first Ctrl-C lets requests in hand end; the second does not."""
            if not walks or walks[0].stopping.is_set():
                return False
            walks[0].stopping.set()
            if self.screen is not None:
                self.screen.print("stopping: waiting for the requests in hand (Ctrl-C again: do not wait)")
            return True

        try:
            run_sync(main, stop_gently)
        except KeyboardInterrupt:
            raise RunInterrupted(self.folder.root) from None
        return all(book.tally.done == book.total for book in books.values())

    async def _progress(self, books: Mapping[tuple[str, str], Book]) -> None:
        if self.screen is None:
            return
        by_dataset: dict[str, Sequence[Book]] = {
            dataset.name: [book for (name, _), book in books.items() if name == dataset.name]
            for dataset in self.plan.datasets
        }
        await show_progress(by_dataset, self.screen)

    def _report(
        self, dataset: DatasetPlan, books: Mapping[tuple[str, str], Book], seconds: float, stopped_by: str
    ) -> Report:
        own = [book for (name, _), book in books.items() if name == dataset.name]
        report = make_report(self.plan, dataset, own, model=self.model, seconds=seconds, versions=self.versions)
        if not stopped_by or not report.missing:
            return report
        note = f"incomplete: {report.missing} samples were not asked, for {stopped_by} was reached"
        return replace(report, asked={**report.asked, "notes": [*report.asked["notes"], note]})

    def _panel(self, subset: SubsetPlan, desks: Mapping[str, Desk]) -> Panel | None:
        judging = subset.dataset.judging
        if judging is None:
            return None
        most = PLACES * subset.subset.num * self.plan.repeats
        rows = {
            judge.name: KeptRows(self.folder.judgements(judge.name, subset.dataset.name, subset.name), most, is_answer)
            for judge in judging.judges
        }
        return Panel(judging, desks, rows)

    @contextlib.contextmanager
    def _books(self) -> Iterator[dict[tuple[str, str], Book]]:
        books: dict[tuple[str, str], Book] = {}
        desks = {judge.name: Desk(judge, self.judged_at_once) for judge in self.plan.judges}
        try:
            for dataset in self.plan.datasets:
                for subset in dataset.subsets():
                    place = (self.model, dataset.name, subset.name)
                    books[dataset.name, subset.name] = Book(
                        subset,
                        predictions=self.folder.predictions(*place),
                        reviews=self.folder.reviews(*place),
                        repeats=self.plan.repeats,
                        panel=self._panel(subset, desks),
                    )
            yield books
        finally:
            for book in books.values():
                book.close()


async def _sync(books: Collection[Book]) -> None:
    """Puts rows onto the disk itself from time to time, so that a power cut costs few of them."""
    while True:
        await asyncio.sleep(SYNC_EVERY_S)
        for book in books:
            await asyncio.to_thread(book.sync)


async def _let_go(holder: object, what: str) -> None:
    """Closes what holds connections, threads or processes; most scorers hold none."""
    close = getattr(holder, "aclose", None)
    if close is None:
        return
    try:
        await close()
    except Exception as error:  # noqa: BLE001 - it may be the user's own; what came is stored, so the run goes on
        logger.warning("closing %s failed: %s: %s", what, type(error).__name__, error)
