import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager

import pytest

from evalscope.errors import ScoringError
from evalscope.workers import WorkerPool

WORKER = "tests.worker_of_tests"


@asynccontextmanager
async def pool_of(module=WORKER, *, limit_s=20.0, num_workers=None):
    pool = WorkerPool(module, limit_s=limit_s, num_workers=num_workers)
    try:
        yield pool
    finally:
        await pool.aclose()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a zombie is dead
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, within_s=40.0):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


async def test_a_question_is_answered_by_the_same_long_lived_process():
    async with pool_of(num_workers=1) as pool:
        assert await pool.ask(["double", 21]) == 42
        assert await pool.ask(["pid"]) == await pool.ask(["pid"]) != os.getpid()


async def test_nothing_is_started_before_the_first_question_and_no_more_than_are_needed():
    async with pool_of(num_workers=4) as pool:
        assert pool.pids == ()
        for number in range(5):
            await pool.ask(["double", number])
        assert len(pool.pids) == 1


async def test_questions_at_once_share_the_workers_and_each_gets_its_own_answer():
    async with pool_of(num_workers=2) as pool:
        assert await asyncio.gather(*(pool.ask(["double", n]) for n in range(40))) == [2 * n for n in range(40)]
        assert 1 <= len(pool.pids) <= 2


@pytest.mark.parametrize("work", [["sleep", 60], ["spin"], ["big power"]], ids=["asleep", "busy", "inside C code"])
async def test_a_call_over_its_limit_is_stopped_and_the_worker_replaced(work):
    async with pool_of(limit_s=1.0, num_workers=1) as pool:
        first = await pool.ask(["pid"])
        began = time.monotonic()
        with pytest.raises(ScoringError, match="took longer than 1 s"):
            await pool.ask(work)
        assert time.monotonic() - began < 40
        assert not is_alive(first)
        assert await pool.ask(["pid"]) != first


async def test_the_time_that_a_worker_takes_to_start_is_not_held_against_its_first_call():
    async with pool_of("tests.worker_that_starts_slowly", limit_s=0.5) as pool:
        assert await pool.ask("hello") == "hello"


async def test_a_worker_that_dies_is_an_error_and_is_replaced():
    async with pool_of(num_workers=1) as pool:
        with pytest.raises(ScoringError, match=r"died \(exit code 3\)"):
            await pool.ask(["die"])
        assert await pool.ask(["double", 1]) == 2


async def test_a_worker_killed_from_outside_while_it_works_is_an_error():
    async with pool_of(num_workers=1) as pool:
        pid = await pool.ask(["pid"])
        waiting = asyncio.create_task(pool.ask(["sleep", 30]))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ScoringError, match="died"):
            await waiting


async def test_a_worker_killed_while_idle_fails_one_call_at_most():
    async with pool_of(num_workers=1) as pool:
        os.kill(await pool.ask(["pid"]), signal.SIGKILL)
        with pytest.raises(ScoringError, match="died"):
            await pool.ask(["double", 1])
        assert await pool.ask(["double", 1]) == 2


async def test_an_exception_in_a_worker_is_told_and_the_worker_lives_on():
    async with pool_of(num_workers=1) as pool:
        pid = await pool.ask(["pid"])
        with pytest.raises(ScoringError, match="ValueError: no such question: nonsense"):
            await pool.ask(["nonsense"])
        assert await pool.ask(["pid"]) == pid


async def test_a_worker_that_cannot_start_says_why():
    async with pool_of("tests.worker_that_fails") as pool:
        with pytest.raises(ScoringError, match="could not start: ImportError: No module named 'nothing'"):
            await pool.ask(["double", 1])


async def test_a_module_that_does_not_exist_is_an_error():
    async with pool_of("tests.no_such_worker") as pool:
        with pytest.raises(ScoringError, match="died"):
            await pool.ask(["double", 1])


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
async def test_memory_over_the_limit_is_an_error():
    async with pool_of() as pool:
        with pytest.raises(ScoringError, match="too much memory"):
            await pool.ask(["memory"])


async def test_lines_of_megabytes_go_both_ways():
    async with pool_of() as pool:
        text = "x" * 5_000_000
        assert await pool.ask(["double", text]) == text * 2


async def test_what_a_library_prints_is_neither_a_reply_nor_seen(capfd):
    async with pool_of() as pool:
        assert await pool.ask(["print"]) == "quiet"
        assert await pool.ask(["double", 1]) == 2
    assert capfd.readouterr() == ("", "")


async def test_a_worker_gets_no_keys_of_the_user(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    async with pool_of() as pool:
        assert await pool.ask(["keys"]) == []


def test_one_pool_serves_one_event_loop_after_another():
    pool = WorkerPool(WORKER, limit_s=20.0, num_workers=1)
    for number in range(2):
        assert asyncio.run(pool.ask(["double", number])) == 2 * number
    asyncio.run(pool.aclose())
    assert asyncio.run(pool.ask(["double", 2])) == 4
    asyncio.run(pool.aclose())


def test_a_pool_works_in_a_thread_of_the_users():
    pool = WorkerPool(WORKER, limit_s=20.0)
    found = []

    async def ask():
        found.append(await pool.ask(["double", 3]))
        await pool.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(ask()))
    thread.start()
    thread.join()
    assert found == [6]


async def test_closing_ends_the_workers_and_the_calls_in_hand():
    pool = WorkerPool(WORKER, limit_s=60.0, num_workers=2)
    pid = await pool.ask(["pid"])
    waiting = [asyncio.create_task(pool.ask(["sleep", 50])) for _ in range(2)]
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await pool.aclose()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, ScoringError) for end in ends)
    assert time.monotonic() - began < 40
    assert wait_until(lambda: not is_alive(pid))


async def test_closing_a_pool_that_was_never_used_or_closed_before_does_nothing():
    pool = WorkerPool(WORKER, limit_s=1.0)
    await pool.aclose()
    await pool.aclose()


PARENT = """
import asyncio, sys
from evalscope.workers import WorkerPool
pool = WorkerPool("tests.worker_of_tests", limit_s=60.0, num_workers=2)
async def main():
    print(await pool.ask(["pid"]), flush=True)
    await asyncio.gather(*(pool.ask([work]) for work in sys.argv[1:]))
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("work", [[], ["spin"]], ids=["idle", "busy"])
def test_workers_end_by_themselves_when_their_parent_is_killed(work):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *work], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not is_alive(pid))


def test_ctrl_c_in_the_terminal_prints_nothing_from_workers():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pid = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=20)
    assert errors.count("Traceback") <= 1 + errors.count("During handling")  # the parent's own
    assert "worker_of_tests" not in errors
    assert wait_until(lambda: not is_alive(pid))
