"""The span of a run beside the bare loop's, where answers take their time."""

import statistics

from perf_checks.service.bare import send_all
from perf_checks.service.lines import print_line
from perf_checks.service.ours import SLOTS, evaluate
from perf_checks.service.rig import Rig

LATENCIES_MS = (50, 500)
TARGET = 1.05


def measure(rig: Rig) -> None:
    """For each latency rounds of a run and a bare loop; the server draws the same latencies for both of a round."""
    bodies = rig.bodies
    for latency_ms in LATENCIES_MS:
        ours, loops = [], []
        for seed in range(rig.num_rounds):
            server = ("--seed", str(seed), "--latency-ms", str(latency_ms), "--jitter", "0.5")
            ours.append(evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server).span_s)
            loops.append(send_all(bodies, rig.num_gsm8k, server).span_s)
        ratio = statistics.median(own / loop for own, loop in zip(ours, loops, strict=True))
        print_line(
            f"gsm8k, {rig.num_gsm8k} samples, {SLOTS} at once, {latency_ms} ms lognormal: span by bare loop's",
            ratio,
            "x",
            target=TARGET,
            beside=f"ours {statistics.median(ours):.3f} s, bare loop {statistics.median(loops):.3f} s",
        )
