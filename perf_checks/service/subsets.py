"""MMLU, whose 57 subsets should cost no more per sample than GSM8K's one."""

from perf_checks.service.bare import say_cpu, send_all
from perf_checks.service.cpu import FEW, NOISE, cost_ms
from perf_checks.service.lines import print_line
from perf_checks.service.ours import evaluate, write_bodies
from perf_checks.service.questions import lay_out_mmlu
from perf_checks.service.rig import Rig


def measure(rig: Rig) -> None:
    """From both the cost of five samples of gsm8k is taken: opening 57 subsets counts as a cost of mmlu's samples."""
    mmlu = lay_out_mmlu(rig.folder / "mmlu")
    gsm8k_bodies = rig.bodies
    mmlu_run = evaluate(rig.work_dir, "mmlu", mmlu)
    mmlu_bodies = write_bodies(rig.folder / "mmlu.jsonl", rig.work_dir, mmlu_run)
    few, one, many, one_loops, many_loops = [], [], [], [], []
    for seed in range(rig.num_long_rounds):
        server = ("--seed", str(seed))
        few.append(evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server, limit=FEW))
        one.append(evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server))
        one_loops.append(send_all(gsm8k_bodies, rig.num_gsm8k, server))
        many.append(evaluate(rig.work_dir, "mmlu", mmlu, server=server))
        many_loops.append(send_all(mmlu_bodies, mmlu_run.num_scored, server))
    mmlu_ms, gsm8k_ms = cost_ms(many, few), cost_ms(one, few)
    print_line(
        f"mmlu, {mmlu_run.num_scored} samples of 57 subsets: CPU a sample by gsm8k's",
        mmlu_ms / gsm8k_ms,
        "x",
        target=NOISE,
        beside=f"mmlu {mmlu_ms:.3f} ms, {say_cpu(many_loops)}; gsm8k {gsm8k_ms:.3f} ms, {say_cpu(one_loops)}",
    )
