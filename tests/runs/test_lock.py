"""One process at a time writes to a run, and a dead one keeps nobody out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evalscope.errors import ConfigError
from evalscope.runs.folder import RunFolder
from evalscope.runs.lock import locked

HOLD = """
import sys, time
from pathlib import Path
from evalscope.runs.folder import RunFolder
from evalscope.runs.lock import locked
with locked(RunFolder(Path(sys.argv[1]), is_new=False)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path):
    folder = RunFolder(tmp_path, is_new=False)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            with pytest.raises(ConfigError, match="another process is writing to the run in"), locked(folder):
                pass
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    with locked(folder):
        pass


def test_the_lock_is_given_back_also_after_an_error(tmp_path: Path):
    folder = RunFolder(tmp_path, is_new=False)
    with pytest.raises(KeyError), locked(folder):
        raise KeyError
    with locked(folder):
        pass
