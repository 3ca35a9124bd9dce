"""The house keeps its order: names, weight of imports, files that open with a sentence."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import evalscope

PACKAGE = Path(evalscope.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {"torch", "transformers", "pyarrow", "aiohttp", "rich", "modelscope_hub", "huggingface_hub", "sympy", "jinja2"}


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
    code = (
        "from evalscope import run_task\n"
        f"run_task({{'model': 'm', 'eval_type': 'mock_llm', 'datasets': ['gsm8k'], 'limit': 1, 'work_dir': {str(tmp_path)!r},"
        f" 'dataset_args': {{'gsm8k': {{'local_path': {str(tmp_path)!r}, 'few_shot_num': 0}}}}}})"
    )
    (tmp_path / "test.jsonl").write_text('{"question": "1+1?", "answer": "2\\n#### 2"}\n')
    assert not modules_after(code) & {"torch", "transformers", "pyarrow"}


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
