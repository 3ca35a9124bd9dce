"""Which sandbox is taken, how each is started, and what is said where there is none."""

import sys
from pathlib import Path

import pytest

from evalscope.errors import ConfigError
from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.choose import find_engine
from evalscope.sandboxes.docker import Docker
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.interpreter import find_interpreter
from evalscope.sandboxes.job import Ending, Job, Limits
from evalscope.sandboxes.pool import Sandboxes
from evalscope.sandboxes.unprotected import Unprotected
from evalscope.sandboxes.warm import WarmSandbox
from tests.sandboxes.needs import needs_bubblewrap

DOUBLE = Job(programs=("def f(x):\n    return x * 2\n",), names=("f",), tests="assert f(2) == 4\n")


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Makes commands that are all there is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name, script):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return make


def test_where_there_is_no_sandbox_one_message_names_the_package(commands):
    with pytest.raises(ConfigError, match="apt install bubblewrap") as refusal:
        find_engine(Settings())
    assert "docker" in str(refusal.value)
    assert "--sandbox engine=none" in str(refusal.value)


def test_name_spaces_that_are_forbidden_are_no_sandbox(commands):
    commands("bwrap", "echo 'no permission to unshare' >&2; exit 1")
    with pytest.raises(ConfigError, match="no permission to unshare"):
        find_engine(Settings())
    with pytest.raises(ConfigError, match="engine bubblewrap cannot be used"):
        find_engine(Settings(engine=EngineName.BUBBLEWRAP))


def test_docker_is_taken_where_bubblewrap_is_not_there(commands):
    commands("docker", "exit 0")
    assert find_engine(Settings(image="python:x")) == Docker("python:x")


def test_bubblewrap_is_preferred(commands):
    commands("docker", "exit 0")
    commands("bwrap", "exit 0")
    assert find_engine(Settings()) == Bubblewrap()


def test_an_image_that_is_not_there_is_named_with_what_to_do(commands):
    commands("docker", "echo 'No such image' >&2; exit 1")
    with pytest.raises(ConfigError, match=r"docker pull python:x.*No such image"):
        find_engine(Settings(engine=EngineName.DOCKER, image="python:x"))


def test_none_is_never_taken_unless_it_is_written_out(commands):
    assert find_engine(Settings(engine=EngineName.NONE)) == Unprotected()


def test_the_command_line_of_docker_has_every_limit(monkeypatch):
    monkeypatch.setenv("SECRET_API_KEY", "not to be seen")
    limits = Limits(memory_bytes=100, tmp_bytes=7, tmp_files=5)
    start = Docker("python:x").start(limits, Path("/unused"))
    line = " ".join(start.command)
    for part in (
        "docker run --rm --interactive",
        "--pull never",
        "--network none",
        "--ipc none",
        "--read-only",
        "--user 65534:65534",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--pids-limit 32",
        "--memory 307 --memory-swap 307",
        "--tmpfs /tmp:rw,nosuid,nodev,noexec,size=7,nr_inodes=6",
        "/inside:/sandbox/evalscope/sandboxes/inside:ro",
        "--entrypoint python3 python:x -s -P -B -X utf8 -X no_debug_ranges -m evalscope.sandboxes.inside",
    ):
        assert part in line
    assert "SECRET" not in line
    assert "SECRET_API_KEY" not in start.environment
    assert start.tmp == "/tmp"


async def test_a_container_is_spoken_to_through_the_command_alone(commands, tmp_path):
    """A stand-in runs the keeper where it is; everything else is as with docker."""
    root = Path(__file__).parents[2]
    inside = f"PYTHONPATH={root} PYTHONHASHSEED=0 exec {sys._base_executable} -s -P -m evalscope.sandboxes.inside"
    commands("docker", f'[ "$1" = image ] && exit 0\n{inside}')
    pool = Sandboxes(Settings(engine=EngineName.DOCKER, num_sandboxes=1))
    assert (await pool.run(DOUBLE)).ending is Ending.PASSED
    await pool.aclose()


async def test_without_a_sandbox_programs_still_have_limits():
    pool = Sandboxes(Settings(engine=EngineName.NONE, limits=Limits(timeout_s=5.0), num_sandboxes=1))
    programs = {
        "def f(x): return x * 2": Ending.PASSED,
        "def f(x): return x * 3": Ending.FAILED,
        "def f(x):\n    while True: pass": Ending.TIMED_OUT,
        "def f(x): return bytearray(10 * 2**30)": Ending.OUT_OF_MEMORY,
        "import os\nos.fork()\ndef f(x): return x * 2": Ending.FAILED,
        "import os\nos.environ['HOME']\ndef f(x): return x * 2": Ending.FAILED,
    }
    for program, ending in programs.items():
        verdict = await pool.run(Job(programs=(program,), names=("f",), tests=DOUBLE.tests))
        assert verdict.ending is ending, verdict
    await pool.aclose()


def test_the_interpreter_is_the_one_that_runs():
    python = find_interpreter()
    assert (python.stdlib / "os.py").is_file()
    assert python.stdlib.name == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert all(path.is_file() for path in (python.program, *python.libraries.values()))
    assert python.loader is None or python.loader.is_file()


@needs_bubblewrap
def test_nothing_of_the_machine_is_seen_but_the_interpreter():
    program = (
        "import os, sys\ndef f():\n    roots = set(os.listdir('/')) - {'lib', 'lib64'}\n"
        "    return roots, os.listdir('/tmp'), set(os.listdir('/dev')), os.getuid(), dict(os.environ), sys.path\n"
    )
    tests = (
        "roots, tmp, devices, user, environment, path = f()\n"
        "assert roots == {'dev', 'python', 'sandbox', 'tmp'}\n"
        "assert (tmp, user, environment) == ([], 65534, {})\n"
        "assert devices == {'null', 'zero', 'full', 'random', 'urandom'}\n"
        "assert all(entry.startswith('/python/lib/') for entry in path)\n"
    )
    sandbox = WarmSandbox(Bubblewrap(), Limits())
    verdict = sandbox.run(Job(programs=(program,), names=("f",), tests=tests), 5)
    sandbox.close()
    assert verdict.ending is Ending.PASSED, verdict
