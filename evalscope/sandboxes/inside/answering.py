"""The process that runs the program: it hears calls, and says what came of them. It never sees a test."""

import json
import os
import random
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import NoReturn

from evalscope.sandboxes.inside import frames, program, values
from evalscope.sandboxes.inside.children import end_child
from evalscope.sandboxes.inside.confinement import Filter, confine, limit_time


def serve(keeper: socket.socket, filter_of_calls: Filter) -> NoReturn:
    """Runs one program after the other, each in a fresh child, until the keeper has gone.

    The keeper sends the length of a message with the channel's descriptor beside it, then the message, and later
    {"grace_s": …}, for a child that seems to be dying by itself; it is told how the child ended.
    """
    fd = keeper.fileno()
    while True:
        head, fds, _, _ = socket.recv_fds(keeper, 4, 1)
        if len(head) < 4:
            os._exit(0)
        text = frames.read_exactly(fd, int.from_bytes(head, "big"))
        if text is None or not fds:
            os._exit(0)
        job = json.loads(text)
        pid = os.fork()
        if pid == 0:
            _run(job, fds[0], filter_of_calls)
        limit_time(pid, job["timeout_s"])
        os.close(fds[0])
        end = frames.receive(fd)
        if end is None:
            os.kill(pid, signal.SIGKILL)
            os._exit(0)
        frames.send(fd, end_child(pid, end["grace_s"])._asdict())


def order(keeper: socket.socket, job: frames.Json, channel: int) -> None:
    """The keeper's side: has a program run, which will answer calls on the channel."""
    packed = frames.pack(job)
    socket.send_fds(keeper, [packed[:4]], [channel])
    frames.send_bytes(keeper.fileno(), packed[4:])


def _run(job: frames.Json, channel: int, filter_of_calls: Filter) -> NoReturn:
    """The child: loads the program, then answers calls until it is ended."""
    try:
        confine(filter_of_calls, (channel,))
        random.seed(0)
        _answer_calls(channel, job["programs"], job["message_bytes"])
    finally:
        os._exit(0)


def _answer_calls(fd: int, programs: Sequence[str], most: int) -> None:
    try:
        names: Mapping[str, object] = program.load(programs)
    except BaseException as error:  # noqa: BLE001 - SystemExit too is an end of the program, not of ours
        frames.send(fd, _failure(error))
        return
    frames.send(fd, {"ready": True})
    while (call := frames.receive(fd)) is not None:
        frames.send_bytes(fd, _reply(names, call, most))


def _reply(names: Mapping[str, object], call: frames.Json, most: int) -> bytes:
    try:
        function = names[call["name"]]
    except KeyError:
        return frames.pack({"error": {"kind": "NameError", "text": f"the program defines no {call['name']!r}"}})
    try:
        args = [values.decode(arg) for arg in call["args"]]
        named = {name: values.decode(arg) for name, arg in call["kwargs"].items()}
        value = function(*args, **named)  # type: ignore[operator]  # where it is none, that is the program's TypeError
        reply = frames.pack({"value": values.encode(value)})
    except values.NotPlain as error:
        return frames.pack({"foreign": str(error)})
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the program's answer to this call
        return frames.pack(_failure(error))
    return reply if len(reply) <= most else frames.pack({"foreign": f"value of {len(reply)} bytes"})


def _failure(error: BaseException) -> frames.Json:
    if isinstance(error, MemoryError):
        return {"error": {"kind": "MemoryError", "text": "MemoryError"}}  # there is no memory to say more
    return {"error": {"kind": type(error).__name__, "text": program.explain(error)}}
