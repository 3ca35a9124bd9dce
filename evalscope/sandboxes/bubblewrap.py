"""Sandboxes by bubblewrap: name spaces of their own, and of this machine nothing but the interpreter, read-only."""

import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from evalscope.sandboxes.engine import INSIDE, KEEPER, Start
from evalscope.sandboxes.filter import MACHINES
from evalscope.sandboxes.interpreter import Interpreter, find_interpreter
from evalscope.sandboxes.job import Limits

_DEVICES = ("null", "zero", "full", "random", "urandom")
_NOBODY = "65534"


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The `bwrap` command of the package bubblewrap."""

    command: str = "bwrap"

    @property
    def needs_folder(self) -> bool:
        """Programs have a /tmp of their own."""
        return False

    def find_fault(self) -> str:
        """What keeps it from being used, with what to do about it; empty where nothing does."""
        if platform.system() != "Linux":
            return "bubblewrap is there for Linux only"
        if platform.machine() not in MACHINES:
            return f"there is no filter of system calls for {platform.machine()}, only for {' and '.join(MACHINES)}"
        if shutil.which(self.command) is None:
            return f"the command {self.command} is not there: install the package bubblewrap (apt install bubblewrap)"
        trial = [self.command, "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"]
        done = subprocess.run(trial, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            return f"{self.command} may not make name spaces here: {done.stderr.strip()}"
        return ""

    def start(self, limits: Limits, folder: Path) -> Start:
        """How a keeper is started as process 1 of a sandbox; its /tmp is in memory."""
        command = [self.command, *_ISOLATION, *_view_of(find_interpreter())]
        command += ["--size", str(limits.tmp_bytes), "--perms", "0700", "--tmpfs", "/tmp", "--chdir", "/tmp"]
        command += ["--remount-ro", "/", "--", "/python/bin/python3", *KEEPER]
        return Start(command=command, tmp="/tmp", environment={}, machine=platform.machine())


_ISOLATION = (
    "--unshare-all",
    "--unshare-user",  # --unshare-all only tries to
    "--uid",
    _NOBODY,
    "--gid",
    _NOBODY,
    "--hostname",
    "sandbox",
    "--die-with-parent",
    "--new-session",
    "--as-pid-1",
    "--cap-drop",
    "ALL",
    "--clearenv",
    "--setenv",
    "PYTHONHASHSEED",
    "0",  # sets come in the same order each time
    "--setenv",
    "PYTHONPATH",
    "/sandbox",
    "--setenv",
    "LD_LIBRARY_PATH",
    "/python/libraries",
)


def _view_of(python: Interpreter) -> list[str]:
    """Everything that there is to see: the interpreter, the code of `inside`, a few devices."""
    stdlib = f"/python/lib/{python.stdlib.name}"
    view = ["--ro-bind", str(python.program), "/python/bin/python3", "--ro-bind", str(python.stdlib), stdlib]
    for name, library in python.libraries.items():
        view += ["--ro-bind", str(library), f"/python/libraries/{name}"]
    if python.loader is not None:
        view += ["--ro-bind", str(python.loader), str(python.loader)]
    for packages in ("site-packages", "dist-packages"):
        if (python.stdlib / packages).is_dir():
            view += ["--tmpfs", f"{stdlib}/{packages}", "--remount-ro", f"{stdlib}/{packages}"]
    view += ["--ro-bind", str(INSIDE), "/sandbox/evalscope/sandboxes/inside"]
    for device in _DEVICES:
        view += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return view
