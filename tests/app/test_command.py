"""evalscope app as people start it; and that nothing else loads what it needs."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.app.made_up import plain_run
from tests.commands import environment, shell

WEB = {"starlette", "uvicorn", "duckdb", "markdown_it", "mdit_py_plugins", "latex2mathml", "anyio"}
opener = build_opener(ProxyHandler({}))


@contextlib.contextmanager
def started(*flags: str, cwd) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command, and the address that it printed."""
    command = ["evalscope", "app", "--port", "0", *flags]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(server.stdout, selectors.EVENT_READ)
                line = server.stdout.readline() if selector.select(60) else ""
            yield server, re.search(r"http://\S+", line).group()
        finally:
            server.kill()


def test_the_tutorials_command_serves_the_outputs_folder_until_it_is_stopped(tmp_path):
    plain_run(tmp_path / "outputs" / "run", model="some-model")
    with started(cwd=tmp_path) as (server, address):
        assert address.startswith("http://127.0.0.1:")
        assert b"some-model" in opener.open(address, timeout=20).read()
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        assert server.stderr.read() == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outputs"]


def test_an_address_that_others_can_reach_gets_a_token(tmp_path):
    plain_run(tmp_path / "run", model="some-model")
    with started("--outputs", ".", "--host", "0.0.0.0", cwd=tmp_path) as (_, address):
        bare, _, token = address.replace("0.0.0.0", "127.0.0.1").partition("?token=")
        assert len(token) >= 24
        with pytest.raises(HTTPError, match="401"):
            opener.open(bare, timeout=20)
        with_cookie = Request(bare, headers={"Cookie": f"evalscope_token={token}"})
        assert b"some-model" in opener.open(with_cookie, timeout=20).read()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--outputs nowhere", "nowhere does not exist; --outputs names the folder"),
        ("--outputs file", "file is no folder"),
        ("--port x", "--port: a whole number up to 65535 is needed; found 'x'"),
        ("--port 70000", "--port: a whole number"),
        ("--host 203.0.113.9", "203.0.113.9:7860 cannot be listened on"),
        ("--share", "--share is unknown"),
    ],
)
def test_what_cannot_be_served_is_one_message(tmp_path, flags, said):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "file").touch()
    done = shell(f"evalscope app {flags}", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import evalscope",
        "import evalscope.run",
        "from evalscope.cli import main; main(['eval', '--help'])",
        "from evalscope.cli import main; main(['app', '--help'])",
    ],
)
def test_nothing_but_the_dashboard_loads_what_it_needs(code):
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert not {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()} & WEB


def test_without_its_packages_the_dashboard_names_the_pip_line(tmp_path):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "duckdb.py").write_text("raise ModuleNotFoundError('none', name='duckdb')\n")
    done = shell("evalscope app --port 0", tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "error: the dashboard needs packages that are not installed: pip install 'evalscope[app]'\n"
