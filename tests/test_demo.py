"""The demo prints the scores that the READMEs show."""

import re

import pytest

from tests.commands import ROOT, shell, table_rows


def demo_command() -> str:
    """What `make demo` runs once everything is installed."""
    recipe = re.search(r"^demo:.*?\n((?:\t.*\n?)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    return recipe.group(1).replace("\t@$(BIN)/", "").replace("\t", "")


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> str:
    work_dir = tmp_path_factory.mktemp("demo")
    done = shell(f"{demo_command().rstrip()} --work-dir {work_dir}", ROOT, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["README.md", "README_zh.md"])
def test_the_readme_shows_the_table_that_the_demo_prints(name, printed):
    assert printed in (ROOT / name).read_text(encoding="utf-8")


def test_the_scores_are_neither_none_nor_all(printed):
    rows = table_rows(printed)[1:]
    scores = {row[1]: float(row[5]) for row in rows if row[3] in ("OVERALL", "default")}
    assert len(scores) == 2
    assert all(0 < score < 1 for score in scores.values())


def test_the_weights_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "demo/checkpoint").glob("*.safetensors")) <= 2_000_000
