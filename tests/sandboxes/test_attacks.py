"""Every attack is contained and reported for what it was, and the next program finds a clean sandbox."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.warm import WarmSandbox
from tests.sandboxes.attacks import ATTACKS
from tests.sandboxes.attacks.attack import LIMITS, PASSED, RIGHT, Attack
from tests.sandboxes.needs import needs_bubblewrap

pytestmark = needs_bubblewrap

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@pytest.fixture(scope="module")
def sandboxes():
    """One sandbox after the other, each as long as it is clean."""
    held: list[WarmSandbox] = []

    def take() -> WarmSandbox:
        if held and not held[-1].is_fresh:
            held.pop().close()
        if not held:
            held.append(WarmSandbox(Bubblewrap(), LIMITS))
        return held[-1]

    yield take
    for sandbox in held:
        sandbox.close()


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    """A key in the environment that every sandbox is started from."""
    monkeypatch.setenv("SECRET_API_KEY", "not to be seen")


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_contained_and_the_run_goes_on(name, sandboxes):
    assert not ATTACKS[name].fault(ATTACKS[name].run(sandboxes()))
    honest = Attack(RIGHT, PASSED)
    assert not honest.fault(honest.run(sandboxes()))


def python_for(user: int) -> str | None:
    """A Python that such a user may run; one in root's home folder is none."""
    for python in (sys._base_executable, "/usr/bin/python3"):
        try:
            ask = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(ask, user=user, group=user, capture_output=True, check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another user; this run is an ordinary user's itself"
)
def test_the_attacks_are_contained_for_an_ordinary_user_too():
    python = python_for(NOBODY)
    if python is None or not os.access(ROOT, os.R_OK):
        pytest.skip("no Python here that an ordinary user may run")
    environment = {"PATH": os.environ["PATH"], "SECRET_API_KEY": "not to be seen", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "tests.sandboxes.attacks"]
    done = subprocess.run(
        command, user=NOBODY, group=NOBODY, extra_groups=(), cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
