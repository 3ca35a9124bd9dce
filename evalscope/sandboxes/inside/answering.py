"""The process that runs the program: it hears calls, and says what came of them. It never sees a test."""

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from typing import NoReturn

from evalscope.sandboxes.inside import frames, program, values
from evalscope.sandboxes.inside.children import Child, ChildEnd, Work, end_child, fork_children
from evalscope.sandboxes.inside.confinement import Filter


def serve(keeper: socket.socket, filter_of_calls: Filter) -> NoReturn:
    """Has programs run in fresh children, until the keeper has gone.

    The keeper asks for {"num": …} of them, and gets their ids with a channel to each. Of each it says
    later {"end": id, "grace_s": …}, for a child that seems to be dying by itself, and is told how it ended.
    """
    fd, alive = keeper.fileno(), set[int]()
    while (order := frames.receive(fd)) is not None:
        if "end" in order:
            alive.discard(order["end"])
            frames.send(fd, end_child(order["end"], order["grace_s"])._asdict())
        else:
            children = fork_children([Work(_run)] * order["num"], filter_of_calls)
            alive.update(child.pid for child in children)
            _hand_over(keeper, children)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _hand_over(keeper: socket.socket, children: Sequence[Child]) -> None:
    """The channels go with a byte of their own before the message."""
    socket.send_fds(keeper, [b"x"], [child.fd for child in children])
    frames.send(keeper.fileno(), [child.pid for child in children])
    for child in children:
        os.close(child.fd)


class Twin:
    """The twin as its keeper sees it. Where it is gone, so is its keeper: whoever started the two starts others."""

    def __init__(self, filter_of_calls: Filter, own_fds: Sequence[int]) -> None:
        """Forks it; `own_fds` are the keeper's alone."""
        self._socket, other = socket.socketpair()
        if os.fork() == 0:
            self._socket.close()
            for fd in own_fds:
                os.close(fd)
            serve(other, filter_of_calls)
        other.close()

    def fork(self, num: int) -> list[Child]:
        """Processes that wait for a program; the sockets are channels to them."""
        frames.send(self._socket.fileno(), {"num": num})
        _, fds, _, _ = socket.recv_fds(self._socket, 1, num)
        return [Child(pid, fd) for pid, fd in zip(self._hear(), fds, strict=True)]

    def begin_end(self, pid: int, grace_s: float) -> None:
        """Has a process ended, sooner or later."""
        frames.send(self._socket.fileno(), {"end": pid, "grace_s": grace_s})

    def hear_end(self) -> ChildEnd:
        """How it ended."""
        return ChildEnd(**self._hear())

    def _hear(self) -> frames.Json:
        said = frames.receive(self._socket.fileno())
        if said is None:
            os._exit(1)
        return said


def _run(fd: int) -> None:
    """The child: loads the program that its channel brings, then answers calls until it is ended."""
    order = frames.receive_trusted(fd)
    if order is not None:
        _answer_calls(fd, *order)


def _answer_calls(fd: int, programs: Sequence[str], most: int) -> None:
    try:
        names: Mapping[str, object] = program.load(programs)
    except BaseException as error:  # noqa: BLE001 - SystemExit too is an end of the program, not of ours
        frames.send(fd, _failure(error))
        return
    frames.send(fd, {"ready": True})
    while (call := frames.receive_trusted(fd)) is not None:
        frames.send_bytes(fd, _reply(names, call, most))


def _reply(names: Mapping[str, object], call: frames.Json, most: int) -> bytes:
    name, wire_args, wire_named = call
    try:
        function = names[name]
    except KeyError:
        return frames.pack({"error": {"kind": "NameError", "text": f"the program defines no {name!r}"}})
    try:
        args = [values.decode(arg) for arg in wire_args]
        named = {key: values.decode(arg) for key, arg in wire_named.items()}
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
