"""Commands run where there is no network: in a namespace with nothing but loopback, else watched by an audit hook."""

import functools
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.commands import environment

WATCHED = """
import os, runpy, sys
allowed = os.environ.get("ALLOWED_ADDRESS", "")
def watch(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "localhost", allowed.partition(":")[0]):
        os.write(2, f"NETWORK: name {arguments[0]!r} is looked up\\n".encode())
        os._exit(99)
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        address = f"{arguments[1][0]}:{arguments[1][1]}"
        if address != allowed:
            os.write(2, f"NETWORK: {event} to {address}\\n".encode())
            os._exit(99)
sys.addaudithook(watch)
sys.argv = ["evalscope", *sys.argv[1:]]
runpy.run_module("evalscope", run_name="__main__")
"""


def _works(words: Sequence[str]) -> bool:
    try:
        return subprocess.run(words, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def has_namespaces() -> bool:
    """Whether this machine lets a user make a namespace of its own."""
    return _works(["unshare", "-rn", "sh", "-c", "ip link set lo up"])


@functools.cache
def has_mounts() -> bool:
    """Whether a folder can be mounted read-only, for one command."""
    return _works(["unshare", "-rm", "sh", "-c", "mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp"])


WAY = "namespace" if has_namespaces() else "audit hook"
"""Which of the two is used; it stands in the names of tests."""


def evalscope(
    *words: str, cwd: Path, way: str = WAY, readonly: Path | None = None, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of evalscope that can reach nobody.

    Args:
        words: behind "evalscope".
        cwd: where it runs.
        way: "namespace", or "audit hook", under which the address ALLOWED_ADDRESS of `extra` may be reached.
        readonly: a folder that is mounted read-only for it; only in a namespace.
        extra: variables.
    """
    home = cwd / "home"
    home.mkdir(exist_ok=True)
    unwanted = ("MODELSCOPE_", "HF_", "XDG_CACHE_HOME", "EVALSCOPE_DATA", "TRANSFORMERS_OFFLINE")
    kept = {name: value for name, value in environment().items() if not name.startswith(unwanted)}
    return subprocess.run(
        _in_namespace(words, readonly) if way == "namespace" else [sys.executable, "-c", WATCHED, *words],
        cwd=cwd,
        env={**kept, "HOME": str(home), **(extra or {})},
        capture_output=True,
        text=True,
        timeout=240,
    )


def _in_namespace(words: Sequence[str], readonly: Path | None) -> list[str]:
    mounting = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && ' if readonly else ""
    script = f'{mounting}ip link set lo up && exec "$@"'
    return [
        *("unshare", "-rnm" if readonly else "-rn", "sh", "-c", script, str(readonly or "sh")),
        *(sys.executable, "-m", "evalscope", *words),
    ]
