"""A Ray cluster of this machine alone, for the time of a run."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HOST = "evalscope.models.replicas.host"
END_TIMEOUT_S = 20.0

_ROOT = str(Path(__file__).parents[3])
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


class LocalCluster:
    """Held by a process of its own, which ends it at the latest when this process has ended, in whatever way."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Starts it, which takes seconds; its address.

        Raises:
            RuntimeError: it could not be started; in Ray's words.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_QUIET, "PYTHONPATH": _with_root(os.environ.get("PYTHONPATH", ""))},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        said = json.loads(line) if line.startswith(b"{") else {"error": "its process ended while it was starting"}
        if "error" in said:
            raise RuntimeError(said["error"])
        return str(said["address"])

    def end(self) -> None:
        """Ends it, and waits until nothing of it is left."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        try:
            process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def keep_strangers_out() -> None:
    """Has Ray ask for a token of this process: its cluster listens to the network, and runs what it is told.

    To be called before Ray is imported, which is when it reads the setting; where that has happened it is told to read
    anew, as it tells itself when it turns the token on.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    if "ray" in sys.modules:
        settings: Any = import_module("ray._raylet")
        settings.Config.initialize("")
        settings.AuthenticationTokenLoader.instance().reset_cache()


def _with_root(path: str) -> str:
    return os.pathsep.join(filter(None, (_ROOT, path)))
