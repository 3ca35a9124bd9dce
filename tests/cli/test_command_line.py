"""The command as people type it: what it prints where, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalscope.version import __version__
from tests.commands import environment, shell

HEAVY = {"torch", "transformers", "pyarrow", "aiohttp", "rich", "modelscope_hub", "huggingface_hub"}
OWN_BENCHMARK = """
from dataclasses import replace
from evalscope.benchmarks.gsm8k import BENCHMARK as GSM8K
BENCHMARK = replace(GSM8K, name="mine", about="My own sums.")
"""


@pytest.mark.parametrize(
    ("command", "code", "start"),
    [
        ("evalscope --help", 0, "usage: evalscope SUBCOMMAND"),
        ("evalscope -h", 0, "usage: evalscope SUBCOMMAND"),
        ("evalscope help", 0, "usage: evalscope SUBCOMMAND"),
        ("evalscope", 2, "usage: evalscope SUBCOMMAND"),
        ("evalscope --version", 0, f"evalscope {__version__}\n"),
        ("python -m evalscope --version", 0, f"evalscope {__version__}\n"),
        ("evalscope eval --help", 0, "usage: evalscope eval"),
        ("evalscope help eval", 0, "usage: evalscope eval"),
        ("evalscope benchmarks -h", 0, "usage: evalscope benchmarks"),
        ("evalscope benchmarks", 0, "Name "),
        ("evalscope benchmarks gsm8k", 0, "gsm8k: Grade-school word problems"),
        ("evalscope benchmarks AI2-ARC", 0, "arc: School science questions"),
        ("evalscope benchmarks mine.py", 0, "mine: My own sums."),
    ],
)
def test_what_was_asked_for_is_printed_on_standard_output(command, code, start, tmp_path):
    (tmp_path / "mine.py").write_text(OWN_BENCHMARK)
    done = shell(command, tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(start)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("evalscope evl", ["subcommand 'evl' is unknown; did you mean 'eval'?"]),
        ("evalscope gsm8k", ["subcommand 'gsm8k' is unknown; known: ", "benchmarks, compare, download, eval"]),
        ("evalscope --verson", ["subcommand '--verson' is unknown"]),
        ("evalscope help evl", ["subcommand 'evl' is unknown"]),
        ("evalscope benchmarks gsm8kk", ["did you mean 'gsm8k'?"]),
        ("evalscope benchmarks arc gsm8k", ["'gsm8k' belongs to no flag"]),
        ("evalscope benchmarks --all", ["--all is unknown", "evalscope benchmarks --help"]),
        ("evalscope benchmarks nowhere.py", ["'nowhere.py' does not exist"]),
        ("evalscope eval --model", ["--model: expected one argument"]),
        ("evalscope eval -m x", ["-m is unknown"]),
        ("evalscope eval gsm8k", ["'gsm8k' belongs to no flag"]),
        ("evalscope eval --dataset gsm8k", ["--dataset is unknown; did you mean '--datasets'"]),
        ("evalscope eval --model m --datasets gsm8k,arc", ["gsm8k,arc", "--datasets gsm8k arc"]),
        ("evalscope eval --model m --datasets broken.py", ["broken.py", "at line 2", "ZeroDivisionError"]),
        ("evalscope eval --model m --datasets gsm8k --limit 10%", ["limit", "0.1", "'10%'"]),
        ("evalscope eval --model m --datasets gsm8k --api-url ''", ["api_url", "empty"]),
        ("evalscope eval --model m --datasets gsm8k --api-url localhost:8000", ["localhost:8000", "http://"]),
        ("evalscope eval --model m --datasets gsm8k --dataset-args few_shot_num=0", ["stand under its data set"]),
        ("evalscope eval --model m --datasets gsm8k --model-args precision", ["--model-args", "key=value"]),
        ("evalscope eval --model m --datasets gsm8k --generation-config '{temperature: 0}'", ["character 2", "^"]),
        ("evalscope eval --model m --datasets gsm8k --run-name a/b", ["run_name", "without slashes"]),
        ("evalscope eval --config task.yaml", ["task.yaml:2:1: not YAML"]),
        ("evalscope eval --config .", ["the configuration file '.' cannot be read"]),
        ("python -m evalscope eval --seed x --timeout 0", ["seed: a whole number", "timeout: a number over 0"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_command_gets_one_message_and_exit_code_2(command, named, tmp_path):
    (tmp_path / "task.yaml").write_text("model: [a\n")
    (tmp_path / "broken.py").write_text("import math\nx = 1 / 0\n")
    done = shell(command, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("error: ") == 1
    assert "Traceback" not in done.stderr
    assert "pydantic" not in done.stderr
    for words in named:
        assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.py", "task.yaml"]


def test_the_list_of_benchmarks_is_not_cut_where_it_goes_to_a_file(tmp_path):
    lines = shell("evalscope benchmarks", tmp_path, COLUMNS="40").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == sorted(line.split()[0] for line in lines[2:])
    gsm8k = next(line for line in lines if line.startswith("gsm8k"))
    assert gsm8k.endswith("https://arxiv.org/abs/2110.14168")


def test_one_benchmark_is_shown_with_its_prompt(tmp_path):
    shown = shell("evalscope benchmarks gsm8k", tmp_path).stdout
    for words in ("main 1319", "4 from train", "AverageAccuracy", "AI-ModelScope/gsm8k", "{examples}Question:"):
        assert words in shown


@pytest.mark.parametrize(
    "command",
    [
        "evalscope --help",
        "evalscope --version",
        "evalscope eval --help",
        "evalscope benchmarks",
        "evalscope benchmarks gsm8k",
    ],
)
def test_a_reader_that_has_gone_away_gives_no_traceback(command, tmp_path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    words = command.split()
    done = subprocess.run(words, stdout=write_end, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(), check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")
    assert shell(f"{command} | head -1", tmp_path).stderr == ""
    assert "Traceback" not in shell(f"{command} >&-", tmp_path).stderr


def test_a_terminal_without_our_signs_gives_no_traceback(tmp_path):
    done = shell("evalscope benchmarks gsm8k", tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u201cANSWER: 42\\u201d" in done.stdout


def test_a_broken_plug_in_does_not_hide_the_other_benchmarks(tmp_path: Path):
    (tmp_path / "broken_plug.py").write_text("raise RuntimeError('no licence')\n")
    dist = tmp_path / "broken_plug-1.0.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plug\nVersion: 1.0\n")
    (dist / "entry_points.txt").write_text("[evalscope.benchmarks]\nbroken = broken_plug\n")
    listed = shell("evalscope benchmarks", tmp_path, PYTHONPATH=str(tmp_path))
    assert listed.returncode == 0
    assert "gsm8k" in listed.stdout
    assert "RuntimeError: no licence" in listed.stdout
    asked = shell("evalscope eval --model m --datasets broken", tmp_path, PYTHONPATH=str(tmp_path))
    assert asked.returncode == 2
    assert asked.stderr == (
        "error: the plug-in 'broken' of the package broken-plug (broken_plug) cannot be loaded: "
        "RuntimeError: no licence\n"
    )


def modules_after(code: str) -> set[str]:
    """Top-level modules that are loaded once the code has run."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize(
    "code",
    [
        "import evalscope",
        "from evalscope import TaskConfig, run_task",
        "from evalscope.cli import main; main(['--help'])",
        "from evalscope.cli import main; main(['eval', '--help'])",
        "from evalscope.cli import main; main(['benchmarks', 'gsm8k'])",
    ],
    ids=["import", "public names", "help", "help of eval", "a benchmark"],
)
def test_a_light_command_loads_nothing_heavy(code):
    assert not modules_after(code) & HEAVY


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["evl"]], ids=" ".join)
def test_the_bare_command_does_not_even_load_pydantic(words):
    loaded = modules_after(f"from evalscope.cli import main; main({words})")
    assert not loaded & {"pydantic", "yaml", "orjson", "tabulate"}
