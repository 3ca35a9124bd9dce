"""The house keeps its order: names, weight of imports, files that open with a sentence."""

import ast
import subprocess
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import evalscope

PACKAGE = Path(evalscope.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "torch",
    "transformers",
    "ray",
    "pyarrow",
    "aiohttp",
    "rich",
    "modelscope_hub",
    "huggingface_hub",
    "sympy",
    "jinja2",
}


def modules_after(code: str) -> set[str]:
    """Top-level modules that are loaded once the code has run."""
    script = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_no_name_of_ours_hides_a_standard_module_or_a_dependency():
    ours = {path.stem for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"} - {"__init__", "__main__"}
    installed = {name for name, owners in packages_distributions().items() if owners != ["evalscope"]}
    assert not ours & set(sys.stdlib_module_names)
    assert not ours & installed


@pytest.mark.parametrize(
    "code",
    [
        "import evalscope",
        "import evalscope.cli; evalscope.cli.main(['--help'])",
        "from evalscope import TaskConfig, run_task",
    ],
    ids=["import", "help", "names"],
)
def test_a_light_start_loads_nothing_heavy(code):
    assert not modules_after(code) & HEAVY


def test_the_list_of_subcommands_needs_no_pydantic():
    assert "pydantic" not in modules_after("import evalscope.cli; evalscope.cli.main(['--help'])")


def test_a_service_needs_no_torch(tmp_path):
    args = {"gsm8k": {"local_path": str(tmp_path), "few_shot_num": 0}}
    task = {"eval_type": "mock_llm", "datasets": ["gsm8k"], "work_dir": str(tmp_path), "dataset_args": args}
    code = f"from evalscope import run_task\nrun_task({task!r})"
    (tmp_path / "test.jsonl").write_text('{"question": "1+1?", "answer": "2\\n#### 2"}\n')
    assert not modules_after(code) & {"torch", "transformers", "pyarrow"}


def test_the_base_install_stays_under_forty_distributions():
    found: set[str] = set()
    waiting = ["evalscope"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found.add(name)
            needs = map(Requirement, distribution(name).requires or ())
            waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    assert len(found) < 40, sorted(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_opens_with_a_sentence_and_stays_short(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert text.count("\n") <= 400


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_function_is_longer_than_fifty_lines(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name
