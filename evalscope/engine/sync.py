"""A walk started from ordinary code: a script, a notebook whose loop is running, a thread."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def terminating_like_ctrl_c() -> Iterator[None]:
    """SIGTERM becomes a KeyboardInterrupt, also before and after the walk; only in the main thread of a program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_sync(main: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], bool]) -> T:
    """Runs a coroutine to its end, whether or not this thread already runs an event loop.

    Args:
        main: makes the coroutine.
        on_interrupt: called in the loop's thread at Ctrl-C or SIGTERM; False asks for an end at once, by cancelling.

    Raises:
        KeyboardInterrupt: the coroutine was cancelled by a second Ctrl-C.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(main, on_interrupt)
    return _run_beside(main, on_interrupt)


def _run_here(main: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], bool]) -> T:
    async def guarded() -> T:
        task = asyncio.ensure_future(main())
        with _signals(task, on_interrupt):
            return await _uncancelled(task)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(guarded())


def _run_beside(main: Callable[[], Coroutine[Any, Any, T]], on_interrupt: Callable[[], bool]) -> T:
    """Runs in a thread of its own, for this thread's loop is busy running us."""
    ends: list[T] = []
    errors: list[BaseException] = []
    has_ended = threading.Event()
    handles: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    async def guarded() -> T:
        task = asyncio.ensure_future(main())
        handles.append((asyncio.get_running_loop(), task))
        return await _uncancelled(task)

    def work() -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                ends.append(runner.run(guarded()))
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            errors.append(error)
        finally:
            has_ended.set()

    threading.Thread(target=work, name="evalscope-walk", daemon=True).start()
    # not Thread.join: up to Python 3.12, a Ctrl-C in it makes the thread pass for ended (python/cpython#90882)
    while not has_ended.is_set():
        try:
            has_ended.wait()
        except KeyboardInterrupt:
            for loop, task in handles:
                with contextlib.suppress(RuntimeError):  # it has just ended by itself
                    loop.call_soon_threadsafe(_ask_for_an_end, task, on_interrupt)
    if errors:
        raise errors[0]
    return ends[0]


@contextlib.contextmanager
def _signals(task: "asyncio.Task[T]", on_interrupt: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask for an end; where handlers cannot be set (threads, Windows) nothing changes."""
    loop = asyncio.get_running_loop()
    caught = []
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, ValueError):
                before = signal.getsignal(number)
                loop.add_signal_handler(number, _ask_for_an_end, task, on_interrupt)
                caught.append((number, before))
    try:
        yield
    finally:
        for number, before in caught:
            loop.remove_signal_handler(number)
            if before is not None:
                signal.signal(number, before)


def _ask_for_an_end(task: "asyncio.Task[T]", on_interrupt: Callable[[], bool]) -> None:
    if not on_interrupt():
        task.cancel()


async def _uncancelled(task: "asyncio.Task[T]") -> T:
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
