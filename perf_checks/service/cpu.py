"""CPU per sample where answers come at once, and CPU of a run of five samples."""

import statistics
from collections.abc import Sequence

from perf_checks.service.bare import say_cpu, send_all
from perf_checks.service.lines import print_line
from perf_checks.service.ours import SLOTS, Run, evaluate
from perf_checks.service.questions import as_parquet
from perf_checks.service.rig import Rig
from perf_checks.service.start import say_imports

FEW = 5
NOISE = 1.05  # two figures that should be equal may differ by so much


def measure(rig: Rig) -> None:
    """Rounds of a run of five, a whole run, the bare loop and a run of five from parquet, each with a new server."""
    num = rig.num_gsm8k
    parquet = as_parquet(rig.folder / "parquet", rig.gsm8k)
    bodies = rig.bodies
    few, whole, loops, tables = [], [], [], []
    for seed in range(rig.num_rounds):
        server = ("--seed", str(seed))
        few.append(evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server, limit=FEW))
        whole.append(evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server))
        loops.append(send_all(bodies, num, server))
        tables.append(evaluate(rig.work_dir, "gsm8k", parquet, server=server, limit=FEW))
    what = f"gsm8k, {num} samples, {SLOTS} at once, 0 ms"
    print_line(f"{what}: CPU a sample", cost_ms(whole, few), "ms", target=0.25, beside=say_cpu(loops))
    span_s, loop_s = statistics.median(run.span_s for run in whole), statistics.median(loop.span_s for loop in loops)
    print_line(f"{what}: span", span_s, "s", beside=f"bare loop {loop_s:.3g} s")
    print_line(f"{what}: wall of the whole run", statistics.median(run.usage.wall_s for run in whole), "s")
    print_line(
        f"a run of {FEW} from jsonl: CPU", cpu_s(few), "s", target=0.6, beside=say_imports("aiohttp", "pydantic.main")
    )
    print_line(
        f"a run of {FEW} from parquet: CPU", cpu_s(tables), "s", target=0.9, beside=say_imports("pyarrow.parquet")
    )


def cpu_s(runs: Sequence[Run]) -> float:
    """The median of whole runs."""
    return statistics.median(run.usage.cpu_s for run in runs)


def cost_ms(whole: Sequence[Run], few: Sequence[Run]) -> float:
    """CPU of a sample: what whole runs take beyond small ones, by how many more samples they score."""
    return (cpu_s(whole) - cpu_s(few)) / (whole[0].num_scored - few[0].num_scored) * 1000
