"""What a sandbox leaves behind: nothing, however it ends."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.job import Ending, Limits
from evalscope.sandboxes.unprotected import Unprotected
from evalscope.sandboxes.warm import WarmSandbox
from tests.sandboxes.needs import needs_bubblewrap
from tests.sandboxes.test_pool import job

pytestmark = needs_bubblewrap

ROOT = Path(__file__).parents[2]

STARTS_ONE = """
import sys, time
from tests.sandboxes.test_pool import DOUBLE
from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.job import Limits
from evalscope.sandboxes.unprotected import Unprotected
from evalscope.sandboxes.unprotected import Unprotected
from evalscope.sandboxes.warm import WarmSandbox
sandbox = WarmSandbox({engine}(), Limits())
for _ in range(2):  # from the second on there are spare processes
    sandbox.run(DOUBLE, 60)
print(sandbox.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("engine", ["Bubblewrap", "Unprotected"])
def test_nothing_outlives_a_parent_that_is_killed(engine, tmp_path):
    """Neither a process nor a folder."""
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE.format(engine=engine)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    inside = descendants(pid)
    assert len(inside) >= 3
    assert len(list(tmp_path.iterdir())) == (engine == "Unprotected")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert not alive_after_a_while((pid, *inside))
    assert not list(tmp_path.iterdir())


DEEP = """
import os
for _ in range({}):
    os.mkdir("x")
    os.chdir("x")
def f(x): return x * 2
"""


@pytest.mark.parametrize("engine", [Bubblewrap, Unprotected])
def test_nothing_is_left_behind(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mounts = Path("/proc/self/mounts").read_text()
    sandbox = WarmSandbox(engine(), Limits())
    assert sandbox.run(job(DEEP.format(20)), 60).ending is Ending.PASSED
    assert not sandbox.is_fresh
    inside = (sandbox.pid, *descendants(sandbox.pid))
    sandbox.close()
    assert not alive_after_a_while(inside)
    assert not list(tmp_path.iterdir())
    assert Path("/proc/self/mounts").read_text() == mounts


def test_folders_too_deep_to_be_removed_are_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandbox = WarmSandbox(Unprotected(), Limits())
    sandbox.run(job(DEEP.format(2000)), 60)
    sandbox.close()
    subprocess.run(["rm", "-rf", *tmp_path.iterdir()], check=True)


def alive_after_a_while(pids):
    """Those of the processes that are still there when the kernel has had time to end them."""
    until = time.monotonic() + 60
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.02)
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def descendants(pid):
    """The processes below one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]
