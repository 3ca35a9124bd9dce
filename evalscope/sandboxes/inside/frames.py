"""Messages between processes: four bytes of length, then JSON."""

import json
import os
import select
import struct
import time
from typing import Any

Json = Any

_LENGTH = struct.Struct(">I")
_write = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
MOST_BYTES = 256 * 2**20


class TooLong(Exception):
    """A message is longer than its reader takes."""


def pack(message: Json) -> bytes:
    """The bytes of a message."""
    text = _write(message).encode()
    return _LENGTH.pack(len(text)) + text


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
    head = read_exactly(fd, _LENGTH.size, until)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise TooLong(f"{length} bytes are more than {most}")
    text = read_exactly(fd, length, until)
    return None if text is None else json.loads(text)


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
