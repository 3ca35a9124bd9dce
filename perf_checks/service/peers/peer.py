"""Another framework: what is installed, and how it is asked to put GSM8K's questions to a service."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perf_checks.service.usage import Usage, run

MODEL = "stub"
NUM_EXAMPLES = 4

Arguments = Callable[[str, Path, Path], Sequence[str]]
"""The words behind the program's name, from the service's address, the folder with train.jsonl and test.jsonl, and the
folder that it is started in, into which task files may be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of them.

    Attributes:
        package: its name on the index.
        requirements: what pip is told to install.
        program: the command that its package brings.
        arguments: what follows the program's name.
        extra: variables of its environment.
    """

    package: str
    requirements: tuple[str, ...]
    program: str
    arguments: Arguments
    extra: Mapping[str, str] = field(default_factory=dict)

    def install(self, root: Path) -> "Installed":
        """Its environment below `root`, made where there is none yet.

        Raises:
            CommandFailed: with pip's last line, or the program's own where it does not even print its help.
        """
        folder = root / self.package
        python = str(folder / "bin" / "python")
        if not (folder / "installed").exists():
            run([sys.executable, "-m", "venv", "--clear", str(folder)])
            run([python, "-m", "pip", "install", "--quiet", *self.requirements])
            (folder / "installed").touch()
        find_version = f"from importlib.metadata import version; print(version({self.package!r}))"
        installed = Installed(peer=self, folder=folder, version=run([python, "-c", find_version]).stdout.strip())
        installed.start("--help", cwd=folder)  # the first start reads everything from the disk
        return installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A framework in an environment of its own."""

    peer: Peer
    folder: Path
    version: str

    def start(self, *words: str, cwd: Path) -> Usage:
        """Runs it with these words; what it leaves at home lands in `cwd`, and it looks for nothing on the internet."""
        offline = {"HOME": str(cwd), "HF_HOME": str(cwd), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        program = str(self.folder / "bin" / self.peer.program)
        return run([program, *words], cwd=cwd, extra={**offline, **self.peer.extra})
