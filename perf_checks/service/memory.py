"""Memory and CPU per sample as the samples grow to 100,000."""

from perf_checks.service.bare import say_cpu, send_all
from perf_checks.service.cpu import FEW, NOISE, cost_ms
from perf_checks.service.lines import print_line
from perf_checks.service.ours import Run, evaluate, write_bodies
from perf_checks.service.questions import lay_out_sums
from perf_checks.service.rig import Rig

FEWER, MANY = 10_000, 100_000
TARGET_MB = 150


def measure(rig: Rig) -> None:
    """Made up questions in the shape of gsm8k, every one different."""
    small, large = (lay_out_sums(rig.folder / f"sums_{num}", num) for num in (FEWER, MANY))
    evaluate(rig.work_dir, "gsm8k", small, limit=FEW)
    few, some, many, loops = [], [], [], []
    for seed in range(rig.num_long_rounds):
        server = ("--seed", str(seed))
        few.append(evaluate(rig.work_dir, "gsm8k", small, server=server, limit=FEW))
        some.append(evaluate(rig.work_dir, "gsm8k", small, server=server))
        bodies = write_bodies(rig.folder / "sums.jsonl", rig.work_dir, some[-1])
        loops.append(send_all(bodies, FEWER, server))
        many.append(evaluate(rig.work_dir, "gsm8k", large, server=server))
    beside = f"{FEWER}: {_peak_mb(some):.4g} MB, {FEW}: {_peak_mb(few):.4g} MB"
    print_line(f"{MANY} samples: memory", _peak_mb(many), "MB", target=TARGET_MB, beside=beside)
    ratio = cost_ms(many, few) / cost_ms(some, few)
    beside = f"{cost_ms(many, few):.3f} and {cost_ms(some, few):.3f} ms; {say_cpu(loops)}"
    print_line(f"{MANY} samples: CPU a sample by that of {FEWER}", ratio, "x", target=NOISE, beside=beside)


def _peak_mb(runs: list[Run]) -> float:
    """The largest of the runs."""
    return max(run.usage.peak_mb for run in runs)
