"""Runs commands as a user's shell would."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMO_CHECKPOINT = ROOT / "demo" / "checkpoint"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment with this Python's commands first, and no key or proxy of the person who runs the tests."""
    unwanted = {"OPENAI_API_KEY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "COLUMNS": "80", **(extra or {})}


def shell(command: str, cwd: Path, *, timeout_s: float = 240, **extra: str) -> subprocess.CompletedProcess[str]:
    """The command, run by bash."""
    return _run(["bash", "-c", command], cwd, timeout_s, extra)


def python(script: str, cwd: Path, *, timeout_s: float = 240, **extra: str) -> subprocess.CompletedProcess[str]:
    """The script, run as a file of its own."""
    path = cwd / "snippet.py"
    path.write_text(script, encoding="utf-8")
    return _run([sys.executable, str(path)], cwd, timeout_s, extra)


def _run(
    words: Sequence[str], cwd: Path, timeout_s: float, extra: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=cwd,
        env=environment(extra),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def table_rows(stdout: str) -> list[list[str]]:
    """The cells of a printed table, header first."""
    lines = [line for line in stdout.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
