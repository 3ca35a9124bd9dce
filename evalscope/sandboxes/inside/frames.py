"""Messages between processes: four bytes of length, then JSON, or Python's own format where the sender is trusted."""

import json
import marshal
import os
import select
import struct
import time
from typing import Any

Json = Any

_LENGTH = struct.Struct(">I")
_write = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
_read = json.JSONDecoder().raw_decode  # without the regular expressions that `json.loads` looks for spaces with
MOST_BYTES = 256 * 2**20


class TooLong(Exception):
    """A message is longer than its reader takes."""


def pack(message: Json) -> bytes:
    """The bytes of a message."""
    return _frame(_write(message).encode())


def pack_trusted(message: Any) -> bytes:
    """The bytes of a message for `receive_trusted`; code may be in it."""
    return _frame(marshal.dumps(message))


def _frame(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def send(fd: int, message: Json) -> None:
    """Writes one message.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    send_bytes(fd, pack(message))


def send_bytes(fd: int, data: bytes) -> None:
    """Writes all of the bytes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def receive(fd: int, *, until: float | None = None, most: int = MOST_BYTES) -> Json:
    """The next message; None where the other side has closed.

    Args:
        fd: a pipe or socket.
        until: the reading of time.monotonic() at which waiting ends; None waits for ever.
        most: how many bytes are taken.

    Raises:
        TimeoutError: it did not come in time.
        TooLong: it is longer than `most`.
        ValueError: it is no JSON.
    """
    data = _receive_frame(fd, until, most)
    if data is None:
        return None
    text = data.decode()
    message, end = _read(text)
    if end != len(text):
        raise ValueError("there is something behind the message")
    return message


def receive_trusted(fd: int) -> Any:
    """The next message; None where the other side has closed. A hostile sender could do anything to the reader."""
    data = _receive_frame(fd, None, MOST_BYTES)
    return None if data is None else marshal.loads(data)


def _receive_frame(fd: int, until: float | None, most: int) -> bytes | None:
    head = read_exactly(fd, _LENGTH.size, until)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise TooLong(f"{length} bytes are more than {most}")
    return read_exactly(fd, length, until)


def read_exactly(fd: int, num: int, until: float | None = None) -> bytes | None:
    """So many bytes; None where the other side closes before."""
    parts: list[bytes] = []
    while num:
        if until is not None and not is_readable(fd, until):
            raise TimeoutError
        try:
            part = os.read(fd, min(num, 1 << 20))
        except ConnectionResetError:
            return None
        if not part:
            return None
        parts.append(part)
        num -= len(part)
    return b"".join(parts)


def is_readable(fd: int, until: float) -> bool:
    """Whether something can be read, or the other side has closed, before that reading of time.monotonic()."""
    watch = select.poll()
    watch.register(fd, select.POLLIN)
    return bool(watch.poll(max(0.0, until - time.monotonic()) * 1000))
