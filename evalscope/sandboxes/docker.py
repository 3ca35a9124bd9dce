"""Sandboxes by docker: a container without network, its files read-only, with the same limits."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from evalscope.sandboxes.engine import INSIDE, KEEPER, Start
from evalscope.sandboxes.job import Limits

# what `docker` itself reads to find its engine; the container gets none of it
_KEPT = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "HOME", "PATH")


@dataclass(frozen=True, slots=True)
class Docker:
    """The `docker` command, or podman under its name.

    Attributes:
        image: with a Python of 3.11 or newer.
        command: the client.
    """

    image: str
    command: str = "docker"

    @property
    def needs_folder(self) -> bool:
        """Programs have a /tmp of their own."""
        return False

    def find_fault(self) -> str:
        """What keeps it from being used, with what to do about it; empty where nothing does."""
        if shutil.which(self.command) is None:
            return f"the command {self.command} is not there: install docker"
        ask = [self.command, "image", "inspect", self.image]
        done = subprocess.run(ask, capture_output=True, text=True, check=False, timeout=60, env=_own_environment())
        if done.returncode:
            return f"the image is not there ({self.command} pull {self.image}): {done.stderr.strip()[-300:]}"
        return ""

    def start(self, limits: Limits, folder: Path) -> Start:
        """How a keeper is started as process 1 of a container; its /tmp is in memory."""
        memory = str(3 * limits.memory_bytes + limits.tmp_bytes)  # keepers, tests and program
        command = [
            self.command,
            "run",
            "--rm",
            "--interactive",
            "--pull",
            "never",
            "--network",
            "none",
            "--ipc",
            "none",
        ]
        command += ["--read-only", "--user", "65534:65534", "--cap-drop", "ALL", "--hostname", "sandbox"]
        command += ["--security-opt", "no-new-privileges", "--pids-limit", "32", "--cpus", "2"]
        command += ["--memory", memory, "--memory-swap", memory, "--ulimit", "core=0"]
        command += ["--tmpfs", f"/tmp:rw,nosuid,nodev,noexec,size={limits.tmp_bytes},nr_inodes={limits.tmp_files + 1}"]
        command += ["--volume", f"{INSIDE}:/sandbox/evalscope/sandboxes/inside:ro", "--workdir", "/tmp"]
        command += ["--env", "PYTHONPATH=/sandbox", "--env", "PYTHONHASHSEED=0", "--entrypoint", "python3", self.image]
        command += KEEPER
        return Start(command=command, tmp="/tmp", environment=_own_environment(), machine=platform.machine())


def _own_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
