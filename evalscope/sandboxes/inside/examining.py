"""The process that runs the tests and compares: the program is in another one, and only plain values come from it."""

import builtins
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

from evalscope.sandboxes.inside import frames, program, values

NAME = "<tests>"
"""The tests' file name in tracebacks."""


class ProgramEnded(BaseException):
    """The program's process is gone; no test may catch this."""


class ForeignValue(BaseException):
    """The program gave something that no test can compare; no test may catch this."""


class TestsAtFault(BaseException):
    """The tests cannot be run, whatever the program is."""


class ProgramRaised(Exception):
    """The program raised an exception that is not one of Python's own."""


class Program:
    """The program as its tests see it: functions that are run elsewhere.

    Attributes:
        failure: what the program raised last, with its traceback; None where it has raised nothing.
    """

    def __init__(self, fd: int, most_bytes: int) -> None:
        """Prepares to talk to the program over a descriptor; a longer message than so many bytes is refused."""
        self._fd = fd
        self._most_bytes = most_bytes
        self._last: tuple[str, tuple[object, ...], Mapping[str, object], object] | None = None
        self.failure: tuple[Exception, str] | None = None

    def start(self, order: bytes) -> None:
        """Hands the program over; it is loaded meanwhile."""
        self._send(order)

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
        self._last = None
        try:
            wire_args = [values.encode(arg) for arg in args]
            wire_named = {key: values.encode(arg) for key, arg in named.items()}
        except values.NotPlain as error:
            raise TestsAtFault(f"they hand a {error} to the program, which is no plain value") from None
        self._send(frames.pack_trusted((name, wire_args, wire_named)))
        value = self._open(self._receive())
        self._last = (name, args, named, value)
        return value

    def last_call(self) -> str:
        """The last call with what it returned, as the tests left both; empty where it returned nothing."""
        if self._last is None:
            return ""
        name, args, named, value = self._last
        return f"the last call, {_call_text(name, args, named)}, returned {_short(value)}"

    def _send(self, packed: bytes) -> None:
        try:
            frames.send_bytes(self._fd, packed)
        except BrokenPipeError:
            raise ProgramEnded from None

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


class Examination(NamedTuple):
    """A job as the process that runs its tests is given it.

    Attributes:
        setup: compiled; so is `tests`. A fresh child would pay for compiling with a hundred page faults.
        text: of the tests, for tracebacks.
        order: what the program's process is sent; empty where the program is run beside its tests.
        programs: readings of what the model wrote.
        names: the functions of the program that the tests call.
        message_bytes: the most that one message from the program may take.
    """

    setup: CodeType
    tests: CodeType
    text: str
    order: bytes
    programs: Sequence[str]
    names: Sequence[str]
    message_bytes: int


def prepare(job: frames.Json) -> Examination:
    """The job, ready to be run.

    Raises:
        TestsAtFault: the tests do not compile.
    """
    return Examination(
        setup=_compile(job["setup"], "<setup>"),
        tests=_compile(job["tests"], NAME),
        text=job["tests"],
        order=b"" if job["is_weak"] else frames.pack_trusted((job["programs"], job["message_bytes"])),
        programs=job["programs"],
        names=job["names"],
        message_bytes=job["message_bytes"],
    )


def at_fault(error: TestsAtFault) -> frames.Json:
    """The verdict where the tests cannot be run."""
    return {"ending": "broken", "explanation": f"the tests are at fault: {error}"}


def examine(job: Examination, channel: int | None) -> frames.Json:
    """The verdict of the tests: {"ending": …, "explanation": …}; "ended" where the program's process has gone.

    Args:
        job: tests and program.
        channel: to the process that runs the program; None runs it here, beside its tests.
    """
    remote = None if channel is None else Program(channel, job.message_bytes)
    try:
        if remote is None:
            names = program.load(job.programs)
            exec(job.setup, names)
        else:
            remote.start(job.order)
            names = _prepare(job.setup)
            remote.wait_until_loaded()
            names.update({name: remote.function(name) for name in job.names})
        exec(job.tests, names)
    except ProgramEnded:
        return {"ending": "ended"}
    except ForeignValue as error:
        return _failed(f"what the program returned cannot be compared: {error}")
    except TestsAtFault as error:
        return at_fault(error)
    except MemoryError:
        return {"ending": "out_of_memory", "explanation": "MemoryError"}
    except BaseException as error:  # noqa: BLE001 - whatever a test raises is its verdict
        program.keep_lines(NAME, job.text)
        return _failed(_explain(error, remote))
    return {"ending": "passed"}


def _compile(text: str, name: str) -> CodeType:
    try:
        return compile(text, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TestsAtFault(f"they do not compile: {error}") from None


def _prepare(setup: CodeType) -> dict[str, object]:
    """The names that tests find beside the program."""
    names: dict[str, object] = {"__name__": "tests"}
    try:
        exec(setup, names)
    except Exception as error:  # noqa: BLE001 - the program is not there yet, so it is no fault of its own
        raise TestsAtFault(f"their setup fails: {type(error).__name__}: {error}") from None
    return names


def _explain(error: BaseException, remote: Program | None) -> str:
    if remote is None:
        return program.explain(error, (NAME, program.NAME))
    if remote.failure and error is remote.failure[0]:
        return remote.failure[1]
    return "\n".join(filter(None, (program.explain(error, (NAME,)), remote.last_call())))


def _failed(explanation: str) -> frames.Json:
    return {"ending": "failed", "explanation": program.trim(explanation)}


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
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of more than 4300 digits, lists in lists in lists
        return f"{type(value).__name__} too long to be shown"
    return text if len(text) <= 200 else f"{text[:200]}…"
