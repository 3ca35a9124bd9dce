"""No sandbox: programs run as the user, with limits on what they use but with the user's files before them."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from evalscope.sandboxes.engine import KEEPER, Start
from evalscope.sandboxes.job import Limits

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Unprotected:
    """A keeper that is started as it is."""

    @property
    def needs_folder(self) -> bool:
        """Programs have no other place to write to."""
        return True

    def find_fault(self) -> str:
        """None, wherever processes can fork."""
        return "" if sys.platform != "win32" else "programs are run in forks, which Windows does not have"

    def start(self, limits: Limits, folder: Path) -> Start:
        """How a keeper is started; programs write to the folder."""
        python = getattr(sys, "_base_executable", sys.executable)
        return Start(
            command=[python, *KEEPER],
            tmp=str(folder),
            environment={"PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"},
            machine=platform.machine() if platform.system() == "Linux" else "",
        )
