"""Sandboxes side by side: verdicts, second tries, breakages, the end."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evalscope.errors import ScoringError
from evalscope.sandboxes.engine import EngineName, Settings, Start
from evalscope.sandboxes.job import Ending, Job, Limits, Verdict
from evalscope.sandboxes.pool import Sandboxes
from evalscope.sandboxes.warm import WarmSandbox
from tests.sandboxes.needs import needs_bubblewrap

pytestmark = needs_bubblewrap

DOUBLE = Job(programs=("def f(x):\n    return x * 2\n",), names=("f",), tests="assert f(2) == 4\n")
WRONG = replace(DOUBLE, tests="assert f(2) == 5\n")
ROOT = Path(__file__).parents[2]


def job(program, tests=DOUBLE.tests, **more):
    """A job with one program."""
    return Job(programs=(program,), names=("f",), tests=tests, **more)


@pytest.fixture
async def sandboxes():
    """Two of them, with time for busy machines."""
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=60.0), num_sandboxes=2))
    yield pool
    await pool.aclose()


async def test_many_jobs_each_get_their_own_verdict(sandboxes):
    verdicts = await asyncio.gather(*(sandboxes.run(one) for one in [DOUBLE, WRONG] * 10))
    assert [verdict.ending for verdict in verdicts] == [Ending.PASSED, Ending.FAILED] * 10
    assert len(sandboxes.pids) == 2


async def test_a_failure_names_the_assertion_and_what_was_returned(sandboxes):
    verdict = await sandboxes.run(WRONG)
    assert "assert f(2) == 5" in verdict.explanation
    assert "f(2), returned 4" in verdict.explanation
    assert "evalscope" not in verdict.explanation


async def test_an_error_of_the_program_comes_with_its_own_traceback(sandboxes):
    verdict = await sandboxes.run(job("def f(x):\n    return x.nothing\n"))
    assert "return x.nothing" in verdict.explanation
    assert "AttributeError" in verdict.explanation


async def test_a_long_explanation_is_trimmed_in_its_middle(sandboxes):
    verdict = await sandboxes.run(job("def f(x):\n    raise ValueError('y' * 10**6)\n"))
    assert len(verdict.explanation) < 1100
    assert "…" in verdict.explanation


async def test_numbers_too_long_to_be_shown_are_compared_all_the_same(sandboxes):
    large = "def f(x):\n    return 10**5000 + x\n"
    assert (await sandboxes.run(job(large, "assert f(2) == 10**5000 + 2"))).ending is Ending.PASSED
    assert "returned int too long" in (await sandboxes.run(job(large, "assert f(2) == 10**5000"))).explanation


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes cannot be held on a core here")
async def test_a_short_job_keeps_to_one_core_and_a_long_one_does_not():
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=60.0), num_sandboxes=1))
    short = job("import os\ndef f(x):\n    return len(os.sched_getaffinity(0))\n", "assert f(0) == 1")
    cores = len(os.sched_getaffinity(0))
    waits = f"import os, time\nwhile len(os.sched_getaffinity(0)) < {cores}:\n    time.sleep(0.01)\n"
    long = job(f"{waits}def f(x):\n    return x * 2\n")
    assert [(await pool.run(one)).ending for one in (short, long, short)] == [Ending.PASSED] * 3
    await pool.aclose()


async def test_a_program_finds_nothing_of_the_one_before(sandboxes):
    writes = job("open('/tmp/left', 'w').write('x')\nimport builtins\nbuiltins.left = 1\ndef f(x): return x * 2\n")
    looks = job(
        "import os, builtins\ndef f(x): return [os.listdir('/tmp'), hasattr(builtins, 'left')]\n",
        "assert f(0) == [[], False]",
    )
    verdicts = [await sandboxes.run(one) for one in (writes, looks, writes, looks)]
    assert {verdict.ending for verdict in verdicts} == {Ending.PASSED}


async def test_an_exception_that_the_tests_wait_for_reaches_them(sandboxes):
    tests = "try:\n    f(0)\n    assert False\nexcept ZeroDivisionError:\n    pass\n"
    assert (await sandboxes.run(job("def f(x):\n    return 1 / x\n", tests))).ending is Ending.PASSED


async def test_the_tests_keep_what_their_setup_defines(sandboxes):
    given = job(
        "def f(x):\n    return x\n", "assert near(f(1.0), 1.0)", setup="def near(a, b):\n    return abs(a - b) < 1e-6\n"
    )
    assert (await sandboxes.run(given)).ending is Ending.PASSED


async def test_tests_that_need_the_programs_classes_run_beside_it(sandboxes):
    program = "class Pair:\n    def __init__(self, a): self.a = a\ndef f(pair):\n    return pair.a\n"
    assert (await sandboxes.run(job(program, "assert f(Pair(3)) == 3", is_weak=True))).ending is Ending.PASSED
    assert (await sandboxes.run(job(program, "assert f(Pair(3)) == 4", is_weak=True))).ending is Ending.FAILED
    ended = await sandboxes.run(job("import os\nos._exit(0)\n", "assert True", is_weak=True))
    assert ended.ending is Ending.FAILED


async def test_the_first_reading_that_compiles_is_run(sandboxes):
    given = Job(programs=("def f(x:", "def f(x): return 4", "def f(x): return 5"), names=("f",), tests=DOUBLE.tests)
    assert (await sandboxes.run(given)).ending is Ending.PASSED


async def test_a_main_block_does_not_run_and_a_dataclass_works(sandboxes):
    program = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def f(x):\n    return P(x).x * 2\nif __name__ == '__main__':\n    raise SystemExit(f(1))\n"
    )
    assert (await sandboxes.run(job(program))).ending is Ending.PASSED


@pytest.mark.parametrize(
    "given",
    [
        replace(DOUBLE, tests="assert f(2 == 4"),
        replace(DOUBLE, setup="import nothing_at_all"),
        replace(DOUBLE, tests="f(object())"),
    ],
    ids=["tests that do not compile", "a setup that fails", "an argument that cannot cross"],
)
async def test_tests_at_fault_say_nothing_about_the_program(sandboxes, given):
    verdict = await sandboxes.run(given)
    assert verdict.ending is Ending.BROKEN
    assert "at fault" in verdict.explanation


class Scripted(Sandboxes):
    """Sandboxes whose verdicts are known before; they note the time that each try is given."""

    def __init__(self, *verdicts):
        super().__init__(Settings(limits=Limits(timeout_s=10.0), num_sandboxes=1))
        self.verdicts, self.given_s = list(verdicts), []

    def _run_once(self, job, timeout_s, threads):
        self.given_s.append(timeout_s)
        return self.verdicts.pop(0)


PASSED = Verdict(ending=Ending.PASSED, cpu_s=2.0)
BROKEN = Verdict(ending=Ending.BROKEN, explanation="it died")
KEPT_WAITING = Verdict(ending=Ending.TIMED_OUT, cpu_s=7.9)
TRIES = {
    "a pass": ([PASSED], Ending.PASSED, ""),
    "busy all the time": ([Verdict(ending=Ending.TIMED_OUT, cpu_s=8.1)], Ending.TIMED_OUT, "timed out after 10 s"),
    "kept waiting": ([KEPT_WAITING, PASSED], Ending.PASSED, "a second try with twice the time, 20 s"),
    "kept waiting twice": ([KEPT_WAITING, KEPT_WAITING], Ending.TIMED_OUT, "timed out in a second try"),
    "wrong when it had time": (
        [KEPT_WAITING, Verdict(ending=Ending.FAILED, explanation="no")],
        Ending.FAILED,
        "no\n(a second try",
    ),
    "broken once": ([BROKEN, PASSED], Ending.PASSED, ""),
    "broken twice": ([BROKEN, BROKEN], Ending.BROKEN, "it died"),
}


@pytest.mark.parametrize(("verdicts", "ending", "says"), TRIES.values(), ids=TRIES.keys())
async def test_there_is_a_second_try_for_what_was_kept_waiting_or_broke(verdicts, ending, says):
    pool = Scripted(*verdicts)
    verdict = await pool.run(DOUBLE)
    assert verdict.ending is ending
    assert says in verdict.explanation
    is_late = verdicts[0] is KEPT_WAITING
    assert pool.given_s == ([10.0, 20.0] if is_late else [10.0] * len(verdicts))
    await pool.aclose()


async def test_a_program_that_waits_is_tried_twice_and_says_so():
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=0.5), num_sandboxes=1))
    verdict = await pool.run(job("import time\ntime.sleep(1000)\ndef f(x):\n    return x * 2\n"))
    await pool.aclose()
    assert verdict.ending is Ending.TIMED_OUT
    assert "timed out in a second try with twice the time, 1 s" in verdict.explanation


async def test_a_sandbox_that_is_killed_is_replaced(sandboxes):
    await sandboxes.run(DOUBLE)
    (pid,) = sandboxes.pids
    os.kill(pid, signal.SIGKILL)
    assert (await sandboxes.run(DOUBLE)).ending is Ending.PASSED
    assert pid not in sandboxes.pids


async def test_closing_ends_every_process_and_a_closed_pool_starts_again(sandboxes):
    await sandboxes.run(DOUBLE)
    pids = sandboxes.pids
    await sandboxes.aclose()
    assert sandboxes.pids == ()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert (await sandboxes.run(DOUBLE)).ending is Ending.PASSED


async def test_closing_while_a_program_runs_does_not_wait_for_it():
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=600), num_sandboxes=1))
    await pool.run(DOUBLE)
    running = asyncio.create_task(pool.run(job("while True: pass\n")))
    waiting = asyncio.create_task(pool.run(DOUBLE))
    await asyncio.sleep(0.3)
    await pool.aclose()
    async with asyncio.timeout(300):  # the program itself would take 600
        ends = await asyncio.gather(running, waiting, return_exceptions=True)
    assert all(isinstance(end, ScoringError | asyncio.CancelledError) for end in ends)


def test_a_sandbox_that_does_not_start_says_why():
    class Broken:
        needs_folder = False

        def find_fault(self):
            return ""

        def start(self, limits, folder):
            command = [sys.executable, "-c", "import sys; sys.exit('no room here')"]
            return Start(command=command, tmp=str(folder), environment={}, machine="")

    sandbox = WarmSandbox(Broken(), Limits())
    with pytest.raises(ScoringError, match="no room here"):
        sandbox.run(DOUBLE, 1)
    sandbox.close()
