"""A run whose server fails one attempt in seven, beside the run where nothing fails."""

from perf_checks.service.lines import print_line
from perf_checks.service.ours import evaluate
from perf_checks.service.rig import Rig

FAULTS = ("--error-rate", "0.05", "--rate-429", "0.05", "--drop-rate", "0.02", "--malformed-rate", "0.02")
LATENCIES_MS = (0, 50, 500)


def measure(rig: Rig) -> None:
    """With as many at once as the run finds out by itself; of all seeds, the one counts that was furthest off."""
    for latency_ms in LATENCIES_MS:
        rounds = []
        num_missing = 0
        for seed in range(rig.num_long_rounds):
            server = ("--seed", str(seed), "--latency-ms", str(latency_ms), "--jitter", "0.5")
            whole, faulty = (
                evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=flags, slots="auto", may_lose=True)
                for flags in (server, server + FAULTS)
            )
            num_missing += rig.num_gsm8k - faulty.num_scored
            rounds.append((faulty.usage.wall_s, whole.usage.wall_s))
        took_s, faultless_s = max(rounds, key=lambda times: times[0] - 3 * times[1])
        what = f"faults at {latency_ms} ms, worst of {rig.num_long_rounds} seeds"
        print_line(f"{what}: samples not scored", num_missing, "samples", target=0)
        beside = f"faultless {faultless_s:.1f} s; the target is three times that and 10 s"
        print_line(f"{what}: wall", took_s, "s", target=3 * faultless_s + 10, beside=beside)
