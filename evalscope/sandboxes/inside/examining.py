"""The process that runs the tests and compares: the program is in another one, and only plain values come from it."""

import builtins
import linecache
import os
import random
from collections.abc import Mapping
from typing import Any

from evalscope.sandboxes.inside import frames, program, values

NAME = "<tests>"
"""The tests' file name in tracebacks."""


class ProgramEnded(BaseException):
    """The program's process is gone; no test may catch this."""


class ForeignValue(BaseException):
    """The program gave something that no test can compare; no test may catch this."""


class ProgramRaised(Exception):
    """The program raised an exception that is not one of Python's own."""


class Program:
    """The program as its tests see it: functions that are run elsewhere.

    Attributes:
        last_call: the last call with what came of it, for explanations.
        failure: what the program raised last, with its traceback; None where it has raised nothing.
    """

    def __init__(self, fd: int, most_bytes: int) -> None:
        """Prepares to talk to the program over a descriptor; a longer message than so many bytes is refused."""
        self._fd = fd
        self._most_bytes = most_bytes
        self.last_call = ""
        self.failure: tuple[Exception, str] | None = None

    def wait_until_loaded(self) -> None:
        """Waits for the program's first word.

        Raises:
            Exception: what the program raised while it was loaded.
        """
        self._open(self._receive())

    def function(self, name: str) -> Any:
        """A function that calls the program's of that name."""

        def call(*args: object, **named: object) -> object:
            return self._call(name, args, named)

        call.__name__ = name
        return call

    def _call(self, name: str, args: tuple[object, ...], named: Mapping[str, object]) -> object:
        self.last_call = ""
        wire = {
            "name": name,
            "args": [values.encode(arg) for arg in args],
            "kwargs": {key: values.encode(arg) for key, arg in named.items()},
        }
        try:
            frames.send(self._fd, wire)
        except BrokenPipeError:
            raise ProgramEnded from None
        value = self._open(self._receive())
        self.last_call = f"the last call, {_call_text(name, args, named)}, returned {_short(value)}"
        return value

    def _receive(self) -> dict[str, Any]:
        try:
            reply = frames.receive(self._fd, most=self._most_bytes)
        except (frames.TooLong, ValueError, RecursionError):
            raise ForeignValue("it is too long, too deep, or no message at all") from None
        if reply is None:
            raise ProgramEnded
        if not isinstance(reply, dict):
            raise ForeignValue("it is no message at all")
        return reply

    def _open(self, reply: dict[str, Any]) -> object:
        """The value in a reply; what the program raised is raised here."""
        if "value" in reply:
            try:
                return values.decode(reply["value"])
            except (ValueError, RecursionError) as error:
                raise ForeignValue(str(error)) from None
        if "foreign" in reply:
            raise ForeignValue(f"a {reply['foreign']} is no plain value")
        if "error" in reply:
            fault = reply["error"]
            kind, text = (str(fault.get("kind")), str(fault.get("text"))) if isinstance(fault, dict) else ("", "")
            raised = _exception(kind, program.trim(text))
            self.failure = (raised, program.trim(text))
            raise raised
        return None


def examine(job: frames.Json, channel: int | None) -> frames.Json:
    """The verdict of the tests: {"ending": …, "explanation": …}; "ended" where the program's process has gone.

    Args:
        job: with programs, names, setup, tests and message_bytes.
        channel: to the process that runs the program; None runs it here, beside its tests.
    """
    linecache.cache[NAME] = (len(job["tests"]), None, job["tests"].splitlines(keepends=True), NAME)
    random.seed(0)
    remote: Program | None = None
    try:
        if channel is None:
            names = program.load(job["programs"])
            exec(compile(job["setup"], "<setup>", "exec"), names)
        else:
            names = {"__name__": "tests"}
            exec(compile(job["setup"], "<setup>", "exec"), names)
            remote = Program(channel, job["message_bytes"])
            remote.wait_until_loaded()
            names.update({name: remote.function(name) for name in job["names"]})
        exec(compile(job["tests"], NAME, "exec"), names)
    except ProgramEnded:
        return {"ending": "ended"}
    except ForeignValue as error:
        return _failed(f"what the program returned cannot be compared: {error}")
    except MemoryError:
        return {"ending": "out_of_memory", "explanation": "MemoryError"}
    except BaseException as error:  # noqa: BLE001 - whatever a test raises is its verdict
        return _failed(_explain(error, remote))
    return {"ending": "passed"}


def _explain(error: BaseException, remote: Program | None) -> str:
    if remote is None:
        return program.explain(error, (NAME, program.NAME))
    if remote.failure and error is remote.failure[0]:
        return remote.failure[1]
    return "\n".join(filter(None, (program.explain(error, (NAME,)), remote.last_call)))


def _failed(explanation: str) -> frames.Json:
    return {"ending": "failed", "explanation": explanation}


def _exception(kind: str, text: str) -> Exception:
    """Python's own exception of that name; tests may be waiting for it."""
    known = getattr(builtins, kind, None)
    # a StopIteration would end a test's loop as if all were well
    if isinstance(known, type) and issubclass(known, Exception) and known not in (StopIteration, StopAsyncIteration):
        try:
            return known(text)
        except TypeError:  # UnicodeDecodeError and its kind want more arguments
            pass
    return ProgramRaised(text)


def _call_text(name: str, args: tuple[object, ...], named: Mapping[str, object]) -> str:
    given = [_short(arg) for arg in args] + [f"{key}={_short(arg)}" for key, arg in named.items()]
    return f"{name}({', '.join(given)})"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def write_verdict(fd: int, verdict: frames.Json) -> None:
    """Tells the keeper, and ends this process."""
    frames.send(fd, verdict)
    os._exit(0)
