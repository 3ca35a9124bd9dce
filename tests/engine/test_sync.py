"""A walk is started, and told to end, from scripts and from notebooks."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from evalscope.engine.sync import run_sync


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """A shell lets its background jobs ignore it, and these tests would wait for it for ever."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press_ctrl_c(*after_s: float) -> threading.Thread:
    def press() -> None:
        for pause in after_s:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    return thread


def in_a_script(call: Callable[[], object]) -> object:
    return call()


def in_a_notebook(call: Callable[[], object]) -> object:
    async def cell() -> object:
        return call()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(cell())
    finally:
        loop.close()


WHERE = pytest.mark.parametrize("somewhere", [in_a_script, in_a_notebook], ids=["script", "notebook"])


@WHERE
def test_the_first_ctrl_c_lets_the_work_come_to_its_end(somewhere):
    told = threading.Event()

    async def work() -> str:
        while not told.is_set():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        return "whole"

    press_ctrl_c(0.2)
    assert somewhere(lambda: run_sync(work, lambda: told.set() or True)) == "whole"


@WHERE
def test_the_second_ctrl_c_ends_it_at_once(somewhere):
    presses: list[int] = []

    def on_interrupt() -> bool:
        presses.append(1)
        return len(presses) == 1

    async def work() -> None:
        await asyncio.sleep(30)

    press_ctrl_c(0.2, 0.2)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        somewhere(lambda: run_sync(work, on_interrupt))
    assert time.monotonic() - started < 25
    assert len(presses) == 2


@WHERE
def test_an_error_reaches_the_caller(somewhere):
    async def work() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        somewhere(lambda: run_sync(work, lambda: True))


def test_handlers_of_the_callers_own_are_there_again_afterwards():
    def own(number, frame) -> None: ...

    async def work() -> None: ...

    before = signal.signal(signal.SIGTERM, own), signal.signal(signal.SIGINT, own)
    try:
        run_sync(work, lambda: True)
        assert signal.getsignal(signal.SIGTERM) is own
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
