"""What the start of Python, of libraries and of help pages takes."""

import statistics
import sys

from perf_checks.service.lines import print_line
from perf_checks.service.rig import Rig
from perf_checks.service.usage import EVALSCOPE, run

NUM_STARTS = 9
TARGETS_S = {("--help",): 0.05, ("eval", "--help"): 0.15}


def measure(rig: Rig) -> None:
    """The help pages, and whether the first one does without pydantic."""
    for words, target_s in TARGETS_S.items():
        beside = say_imports("pydantic.main")
        print_line(
            f"evalscope {' '.join(words)}: CPU", _start_s(*EVALSCOPE, *words), "s", target=target_s, beside=beside
        )
    loaded = run([EVALSCOPE[0], "-X", "importtime", *EVALSCOPE[1:], "--help"]).stderr
    num = sum("pydantic" in line for line in loaded.splitlines())
    print_line("evalscope --help: modules of pydantic loaded", num, "modules", target=0)


def say_imports(*modules: str) -> str:
    """CPU of Python alone, and with each of these modules."""
    alone = f"python -c pass {_start_s(sys.executable, '-c', 'pass'):.3f} s"
    each = (f"import {name} {_start_s(sys.executable, '-c', f'import {name}'):.3f} s" for name in modules)
    return ", ".join((alone, *each))


def _start_s(*command: str) -> float:
    """Median CPU of a command."""
    return statistics.median(run(command).cpu_s for _ in range(NUM_STARTS))
