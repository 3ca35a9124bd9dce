"""One run from its plan to its reports, in one folder."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalscope.core.report import Report
from evalscope.engine.aggregate import make_report
from evalscope.engine.ask import Asker
from evalscope.engine.book import Book
from evalscope.engine.plan import DatasetPlan, Plan
from evalscope.engine.progress import show_progress
from evalscope.engine.sync import run_sync
from evalscope.engine.walk import Walk
from evalscope.errors import RunInterrupted
from evalscope.runs.folder import RunFolder

if TYPE_CHECKING:
    from rich.console import Console

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A plan, who answers it, and where it is written.

    Attributes:
        plan: what is asked.
        asker: who answers.
        folder: where it is written; locked by the caller.
        model: name in reports.
        console: where progress is shown; None shows none.
        versions: of the packages that matter.
    """

    plan: Plan
    asker: Asker
    folder: RunFolder
    model: str
    console: "Console | None"
    versions: Mapping[str, str]

    def run(self) -> dict[str, Report]:
        """Walks to the end and makes the reports, by data set.

        Raises:
            EndpointError: no question could be asked.
            OSError: a file could not be written; everything before that is safe.
            RunInterrupted: the user stopped the run; all that was answered is stored.
        """
        started = time.monotonic()
        with self._books() as books:
            is_complete = self._walk(books)
            if not is_complete:
                raise RunInterrupted(self.folder.root)
            for book in books.values():
                book.finish()
            seconds = time.monotonic() - started
            return {dataset.name: self._report(dataset, books, seconds) for dataset in self.plan.datasets}

    def _walk(self, books: Mapping[tuple[str, str], Book]) -> bool:
        """Whether every request has come to its end."""
        walks: list[Walk] = []

        async def main() -> None:
            walk = Walk(self.plan, self.asker, books)
            walks.append(walk)
            progress = asyncio.create_task(self._progress(books))
            try:
                await walk.run()
            finally:
                progress.cancel()
                await asyncio.gather(progress, return_exceptions=True)
                await self._let_go()

        def stop_gently() -> bool:
            """The first Ctrl-C lets requests in hand end; the second does not."""
            if not walks or walks[0].stopping.is_set():
                return False
            walks[0].stopping.set()
            if self.console is not None:
                self.console.print(
                    "stopping: waiting for the requests in hand (Ctrl-C again: do not wait)", markup=False
                )
            return True

        try:
            run_sync(main, stop_gently)
        except KeyboardInterrupt:
            raise RunInterrupted(self.folder.root) from None
        return all(book.tally.done == book.total for book in books.values())

    async def _let_go(self) -> None:
        try:
            await self.asker.aclose()
        except Exception as error:  # noqa: BLE001 - a model of the user's own; its answers are stored, so the run goes on
            logger.warning("closing the model failed: %s: %s", type(error).__name__, error)

    async def _progress(self, books: Mapping[tuple[str, str], Book]) -> None:
        if self.console is None:
            return
        by_dataset: dict[str, Sequence[Book]] = {
            dataset.name: [book for (name, _), book in books.items() if name == dataset.name]
            for dataset in self.plan.datasets
        }
        await show_progress(by_dataset, self.console)

    def _report(self, dataset: DatasetPlan, books: Mapping[tuple[str, str], Book], seconds: float) -> Report:
        own = [book for (name, _), book in books.items() if name == dataset.name]
        return make_report(self.plan, dataset, own, model=self.model, seconds=seconds, versions=self.versions)

    @contextlib.contextmanager
    def _books(self) -> Iterator[dict[tuple[str, str], Book]]:
        books: dict[tuple[str, str], Book] = {}
        try:
            for dataset in self.plan.datasets:
                for subset in dataset.subsets():
                    place = (self.model, dataset.name, subset.name)
                    books[dataset.name, subset.name] = Book(
                        subset,
                        predictions=self.folder.predictions(*place),
                        reviews=self.folder.reviews(*place),
                        repeats=self.plan.repeats,
                    )
            yield books
        finally:
            for book in books.values():
                book.close()
