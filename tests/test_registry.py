"""Names become benchmarks and models: built in, plugged in, or in a file of the user's own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evalscope.errors import ConfigError
from evalscope.registry import benchmark_names, find_benchmark, find_model_maker

FILE = """
from dataclasses import replace
from evalscope.benchmarks.gsm8k import BENCHMARK as GSM8K
BENCHMARK = replace(GSM8K, name={name!r})
"""
PlugIn = Callable[..., None]


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlugIn:
    """Installs a package with one entry point, as a wheel would leave it."""

    def install(group: str, name: str, code: str, attribute: str = "BENCHMARK") -> None:
        module = f"plugged_{name.replace('-', '_').lower()}"
        (tmp_path / f"{module}.py").write_text(code)
        dist = tmp_path / f"{module}-1.0.dist-info"
        dist.mkdir()
        (dist / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (dist / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:{attribute}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gsm8k", "gsm8k"),
        ("GSM8K", "gsm8k"),
        ("arc", "arc"),
        ("ai2_arc", "arc"),
        ("AI2-ARC", "arc"),
    ],
)
def test_case_dashes_and_aliases_do_not_matter(name, expected):
    assert find_benchmark(name).name == expected


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("gsm8kk", "did you mean 'gsm8k'?"),
        ("GSM-8k", "did you mean 'gsm8k'?"),
        ("arcc", "did you mean 'arc'"),
        ("gsm8k,arc", "several are written apart: --datasets gsm8k arc"),
        ("qqqqqq", "known: "),
        ("", "known: "),
        ("_private", "known: "),
        ("../gsm8k", "did you mean 'gsm8k'?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name, named):
    with pytest.raises(ConfigError, match="'evalscope benchmarks' lists all") as caught:
        find_benchmark(name)
    assert f"data set {name!r} is unknown; " in str(caught.value)
    assert named in str(caught.value)


def test_a_benchmark_is_found_in_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(FILE.format(name="mine"))
    assert find_benchmark(str(path)).name == "mine"


def test_two_files_of_the_same_name_stay_apart(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(FILE.format(name=f"mine_{folder}"))
    found = [find_benchmark(str(tmp_path / folder / "mine.py")).name for folder in ("a", "b", "a")]
    assert found == ["mine_a", "mine_b", "mine_a"]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (None, "does not exist (looked in "),
        ("def (:\n", "cannot be loaded: SyntaxError: "),
        ("import math\n\nx = nowhere\n", "cannot be loaded at line 3: NameError: name 'nowhere' is not defined"),
        ("import not_there_at_all\n", "cannot be loaded at line 1: ModuleNotFoundError: "),
        ("import sys\nsys.exit(3)\n", "cannot be loaded at line 2: SystemExit: 3"),
        ("x = 1\n", "holds no benchmark: a value BENCHMARK = Benchmark(…) is needed"),
        ("BENCHMARK = 'gsm8k'\n", "holds no benchmark: a value BENCHMARK = Benchmark(…) is needed"),
        ("", "holds no benchmark"),
    ],
    ids=["missing", "syntax", "raising", "missing import", "exiting", "without BENCHMARK", "of another type", "empty"],
)
def test_a_file_that_holds_no_benchmark_is_refused_with_the_reason(code, named, tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    if code is not None:
        path.write_text(code)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"'mine\.py'") as caught:
        find_benchmark("mine.py")
    assert named in str(caught.value)


def test_a_file_that_failed_can_be_mended_and_loaded(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("x = nowhere\n")
    with pytest.raises(ConfigError):
        find_benchmark(str(path))
    path.write_text("# mended\n" + FILE.format(name="mine"))
    assert find_benchmark(str(path)).name == "mine"


@pytest.mark.parametrize("typed", ["My-Bench", "my-bench", "my_bench"])
def test_a_plugged_in_benchmark_is_found_and_listed(typed, plug_in):
    plug_in("evalscope.benchmarks", "My-Bench", FILE.format(name="my_bench"))
    assert find_benchmark(typed).name == "my_bench"
    assert "My-Bench" in benchmark_names()


def test_a_plug_in_does_not_replace_a_built_in_benchmark(plug_in):
    plug_in("evalscope.benchmarks", "gsm8k", FILE.format(name="not_gsm8k"))
    assert find_benchmark("gsm8k").name == "gsm8k"
    assert benchmark_names().count("gsm8k") == 1


@pytest.mark.parametrize(
    ("code", "attribute", "named"),
    [
        ("import not_there_at_all\n", "BENCHMARK", "cannot be loaded: ModuleNotFoundError"),
        ("x = 1\n", "BENCHMARK", "cannot be loaded: AttributeError"),
        ("BENCHMARK = 3\n", "BENCHMARK", "holds no benchmark"),
    ],
    ids=["import fails", "no such value", "no benchmark"],
)
def test_a_broken_plug_in_gives_one_message(code, attribute, named, plug_in):
    plug_in("evalscope.benchmarks", "broken", code, attribute)
    with pytest.raises(ConfigError, match="'broken'") as caught:
        find_benchmark("broken")
    assert named in str(caught.value)


def test_a_plugged_in_model_maker_is_found(plug_in):
    plug_in("evalscope.models", "my_model", "def make(config):\n    return config\n", "make")
    assert find_model_maker("my_model", {})("config") == "config"


def test_a_broken_model_plug_in_gives_one_message(plug_in):
    plug_in("evalscope.models", "broken_model", "raise RuntimeError('no licence')\n", "make")
    with pytest.raises(ConfigError, match=r"'broken_model' of the package plugged_broken_model .* no licence"):
        find_model_maker("broken_model", {})


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("servce", "did you mean 'service'?"),
        ("prediction", "did you mean 'predictions'?"),
        ("qqqq", "known: checkpoint, mock_llm, predictions, service"),
    ],
)
def test_an_unknown_kind_of_model_is_answered_with_the_nearest(kind, advice):
    with pytest.raises(ConfigError) as caught:
        find_model_maker(kind, {"service": "x:y"})
    assert str(caught.value) == f"eval_type {kind!r} is unknown; {advice}"


@pytest.mark.parametrize("name", ["modelscope/gsm8k", "AI-ModelScope/gsm8k", "openai/gsm8k"])
def test_an_id_on_a_hub_names_its_benchmark(name):
    assert find_benchmark(name).name == "gsm8k"
