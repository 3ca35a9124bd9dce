"""Sandboxes side by side: verdicts, second tries, breakages, the end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evalscope.errors import ScoringError
from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.engine import EngineName, Settings, Start
from evalscope.sandboxes.job import Ending, Job, Limits
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
    """Two of them, with short times."""
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=1.0), num_sandboxes=2))
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


async def test_a_busy_program_that_times_out_is_not_tried_again(sandboxes):
    started = time.monotonic()
    verdict = await sandboxes.run(replace(job("def f(x):\n    while True: pass\n")))
    assert verdict.ending is Ending.TIMED_OUT
    assert "timed out" in verdict.explanation
    assert time.monotonic() - started < 6


async def test_a_program_that_was_kept_waiting_is_tried_again_with_twice_the_time_and_says_so(sandboxes):
    slow = "import time\ntime.sleep(1.3)\ndef f(x):\n    return x * 2\n"
    verdict = await sandboxes.run(job(slow))
    assert verdict.ending is Ending.PASSED
    assert "second try with twice the time, 2 s" in verdict.explanation
    slower = await sandboxes.run(job(slow.replace("1.3", "30")))
    assert slower.ending is Ending.TIMED_OUT
    assert "second try" in slower.explanation


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
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=Limits(timeout_s=60), num_sandboxes=1))
    await pool.run(DOUBLE)
    running = asyncio.create_task(pool.run(job("while True: pass\n")))
    waiting = asyncio.create_task(pool.run(DOUBLE))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    await pool.aclose()
    ends = await asyncio.gather(running, waiting, return_exceptions=True)
    assert time.monotonic() - started < 5
    assert all(isinstance(end, ScoringError | asyncio.CancelledError) for end in ends)


def test_a_sandbox_that_does_not_start_says_why():
    class Broken:
        def find_fault(self):
            return ""

        def start(self, limits, tmp):
            command = [sys.executable, "-c", "import sys; sys.exit('no room here')"]
            return Start(command=command, tmp=str(tmp), environment={}, machine="")

    sandbox = WarmSandbox(Broken(), Limits())
    with pytest.raises(ScoringError, match="no room here"):
        sandbox.run(DOUBLE, 1)
    sandbox.close()


STARTS_ONE = """
import os, signal, time
from tests.sandboxes.test_pool import DOUBLE
from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.job import Limits
from evalscope.sandboxes.warm import WarmSandbox
sandbox = WarmSandbox(Bubblewrap(), Limits())
sandbox.run(DOUBLE, 5)
print(sandbox.pid, flush=True)
time.sleep(60)
"""


def test_nothing_outlives_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", STARTS_ONE], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    inside = descendants(pid)
    assert len(inside) >= 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert not alive_after_a_while((pid, *inside))


def test_nothing_is_left_behind():
    mounts = Path("/proc/self/mounts").read_text()
    sandbox = WarmSandbox(Bubblewrap(), Limits())
    sandbox.run(job("open('/tmp/x', 'w').write('x')\ndef f(x): return x * 2\n"), 5)
    inside, folder = (sandbox.pid, *descendants(sandbox.pid)), Path(sandbox._tmp.name)
    sandbox.close()
    assert not alive_after_a_while(inside)
    assert not folder.exists()
    assert Path("/proc/self/mounts").read_text() == mounts


def alive_after_a_while(pids):
    """Those of the processes that are still there when the kernel has had time to end them."""
    until = time.monotonic() + 5
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.02)
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def descendants(pid):
    """The processes below one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]
