"""A judge asked about answers that people have labelled: each reply stored, none asked for twice."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalscope.config import TaskConfig
from evalscope.constants import JudgeStrategy
from evalscope.core.benchmark import Benchmark
from evalscope.engine.checked import result_of
from evalscope.engine.desk import PLACES, Desk
from evalscope.engine.judging import Judging, check_judges, choose_judging
from evalscope.engine.labels import Labelled
from evalscope.engine.panel import Panel, Vote
from evalscope.engine.sync import run_sync
from evalscope.engine.who import who_judges
from evalscope.errors import ConfigError
from evalscope.registry import find_benchmark
from evalscope.runs.answers import is_answer
from evalscope.runs.folder import RunFolder
from evalscope.runs.kept import KeptRows

ANY_BENCHMARK = "general_qa"
"""Its answers are judged by the common rubrics, as those of any benchmark without one of its own."""


def plan_check(config: TaskConfig, dataset: str | None) -> Judging:
    """The judge of a task, with the rubric that it would follow in a run.

    Args:
        config: with the judge.
        dataset: whose own rubric is followed; None for the common ones.

    Raises:
        ConfigError: there is no judge, there are several, or its rubric gives no grades.
    """
    benchmark: Benchmark = find_benchmark(dataset or ANY_BENCHMARK)
    judges = who_judges(config, (benchmark,))
    check_judges(benchmark, JudgeStrategy.LLM, judges)
    if len(judges) > 1:
        raise ConfigError(f"{len(judges)} judges are named; judge-check measures one: run it once for each")
    if judges[0].args.check is not None:
        raise ConfigError("check of judge_model_args is what judge-check makes; leave it out")
    judging = choose_judging(benchmark, JudgeStrategy.LLM, judges, has_targets=True)
    assert judging is not None, "strategy llm always judges"
    if judging.rubric.form == "SCORE":
        raise ConfigError(
            f"the rubric {judging.rubric.name!r} gives numbers, and labels are compared with grades; "
            "rubric correctness or pairwise is needed"
        )
    return judging


def check_judge(judging: Judging, labelled: Sequence[Labelled], config: TaskConfig, root: Path) -> dict[str, Any]:
    """Asks the judge about every labelled answer, as often as the task says.

    Args:
        judging: of one judge.
        labelled: the answers.
        config: with the number of repeats and of answers in flight.
        root: where replies are stored, which exists; locked by the caller.

    Raises:
        EndpointError: the judge cannot be asked at all.
        OSError: a reply could not be stored.
        KeyboardInterrupt: Ctrl-C; all that was replied is stored.
    """
    (judge,) = judging.judges
    draws: list[Sequence[Vote]] = []
    panels: list[Panel] = []
    stopping = asyncio.Event()

    async def main() -> None:
        try:
            for draw in range(config.num_repeats):
                again = [replace(one, repeat=draw) for one in labelled]
                with _panel(judging, root, config.judge_worker_num, draw, len(labelled)) as panel:
                    draws.append(await _vote_on_all(panel, again, stopping))
                    panel.finish()
                    panels.append(panel)
        finally:
            await judge.model.aclose()

    def stop_gently() -> bool:
        """The first Ctrl-C lets questions in hand end; the second does not."""
        is_first = not stopping.is_set()
        stopping.set()
        return is_first

    run_sync(main, stop_gently)
    return result_of(judging, [one.label for one in labelled], draws, [panel.spent[judge.name] for panel in panels])


@contextmanager
def _panel(judging: Judging, root: Path, num_at_once: int | None, draw: int, num: int) -> Iterator[Panel]:
    """The judge for one time that every answer is judged; each of these times has a file of its own."""
    (judge,) = judging.judges
    path = RunFolder(root, is_new=False).judgements(judge.name, "labels", str(draw))
    rows = {judge.name: KeptRows(path, PLACES * num, is_answer)}
    panel = Panel(judging, {judge.name: Desk(judge, num_at_once, draw=draw)}, rows)
    try:
        yield panel
    finally:
        panel.close()


async def _vote_on_all(panel: Panel, labelled: Sequence[Labelled], stopping: asyncio.Event) -> list[Vote]:
    """The judge's votes, in the order of the labels; as many answers are in hand as the judge wants now.

    Raises:
        KeyboardInterrupt: it was told to stop before all were there.
    """
    (judge,) = panel.judging.judges
    votes: dict[int, Vote] = {}
    waiting = iter(labelled)
    slots: list[asyncio.Task[None]] = []

    def open_slots() -> None:
        while len(slots) < min(judge.model.concurrency, len(labelled)):
            slots.append(tasks.create_task(work()))

    async def work() -> None:
        for one in waiting:
            if stopping.is_set():
                return
            (votes[one.order],) = await panel.vote(one, one.answer)
            open_slots()

    try:
        async with asyncio.TaskGroup() as tasks:
            open_slots()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    if len(votes) < len(labelled):
        raise KeyboardInterrupt
    return [votes[one.order] for one in labelled]
