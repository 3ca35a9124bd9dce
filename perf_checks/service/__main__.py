"""Prints what a run against a service costs beside a bare client loop, target by target.

    python -m perf_checks.service
    python -m perf_checks.service --only spans help --quick
    python -m perf_checks.service --vs-peers

Everything is asked of the stub server of the tests, started anew for each run, with the same seed for runs that are
compared. A bare client loop sends the very same bodies in the same minute: on a slow or busy machine its figures grow
too. Figures are medians of --repeat rounds unless a line says otherwise. GSM8K is read from --data, else, like MMLU,
from the folder that EVALSCOPE_TEST_DATA names, else made up.

cpu: CPU per sample at 0 ms, and of a run of five samples. spans: at 50 and 500 ms. help: the help pages. memory:
100,000 samples. mmlu: 57 subsets. faults: one attempt in seven fails. These last three take three rounds at most.
peers: the same questions asked by other frameworks, installed into environments of their own, which takes four
gigabytes and minutes.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from perf_checks.service import cpu, faults, memory, spans, start, subsets
from perf_checks.service.lines import print_failure, print_header
from perf_checks.service.peers import compare
from perf_checks.service.rig import Rig
from perf_checks.service.usage import CommandFailed

PARTS = {
    "cpu": cpu.measure,
    "spans": spans.measure,
    "help": start.measure,
    "memory": memory.measure,
    "mmlu": subsets.measure,
    "faults": faults.measure,
    "peers": compare.measure,
}


def main() -> None:
    flags = _parse_flags()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    print_header()
    with tempfile.TemporaryDirectory() as name:
        rig = Rig(
            folder=Path(name),
            given=flags.data,
            peers=flags.peers or Path(name) / "peers",
            num_rounds=1 if flags.quick else flags.repeat,
        )
        for part in flags.only or [part for part in PARTS if part != "peers" or flags.vs_peers]:
            try:
                PARTS[part](rig)
            except CommandFailed as error:
                print_failure(part, str(error))


def _parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m perf_checks.service",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, metavar="FOLDER", help="GSM8K's train.jsonl and test.jsonl")
    add("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    add("--repeat", type=int, default=5, help="rounds; their median counts (default: 5)")
    add("--quick", action="store_true", help="one round of each")
    add("--vs-peers", action="store_true", help="measure other frameworks too")
    add("--peers", type=Path, metavar="FOLDER", help="where their environments are kept; otherwise thrown away")
    flags = parser.parse_args()
    if flags.data and not all((flags.data / f"{split}.jsonl").is_file() for split in ("train", "test")):
        parser.error(f"--data is {flags.data}; a folder with train.jsonl and test.jsonl is needed")
    return flags


if __name__ == "__main__":
    main()
