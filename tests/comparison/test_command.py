"""evalscope compare on runs that the stub server answered: what is printed, and how it ends."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest

from evalscope import run_task
from evalscope.cli import main
from tests.comparison.made_runs import right, write_run
from tests.own_data import write_arc, write_gsm8k, write_jsonl
from tests.servers.running import running_stub


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Runs named base, same, worse (arc and gsm8k), shots and short (gsm8k in another way), fails (some requests)."""
    root = tmp_path_factory.mktemp("runs")
    write_gsm8k(root / "gsm8k", num=120)
    write_arc(root / "arc", num=60)
    settings: tuple[tuple[str, float, list[str], dict[str, Any]], ...] = (
        ("base", 0.9, ["gsm8k", "arc"], {}),
        ("same", 0.9, ["gsm8k", "arc"], {}),
        ("worse", 0.7, ["gsm8k", "arc"], {}),
        ("shots", 0.9, ["gsm8k"], {"few_shot_num": 1}),
        ("short", 0.9, ["gsm8k"], {"limit": 50}),
        ("fails", 0.9, ["gsm8k"], {"breaks": True, "max_retries": 0}),
    )
    for name, chance, datasets, more in settings:
        flags: list[object] = ["--gsm8k", root / "gsm8k" / "test.jsonl", "--p-correct", chance, "--seed", 3]
        for subset in ("ARC-Easy", "ARC-Challenge"):
            flags += ["--arc", root / "arc" / subset / f"{subset}-Test.jsonl"]
        flags += ["--malformed-rate", 0.15] if more.get("breaks") else []
        shots = {"few_shot_num": more["few_shot_num"]} if "few_shot_num" in more else {}
        with running_stub(*flags) as stub:
            run_task(
                {
                    "model": name,
                    "api_url": stub.url,
                    "datasets": datasets,
                    "dataset_args": {
                        dataset: {"local_path": str(root / dataset), **(shots if dataset == "gsm8k" else {})}
                        for dataset in datasets
                    },
                    **{setting: more[setting] for setting in ("limit", "max_retries") if setting in more},
                    "work_dir": str(root / "out"),
                    "run_name": name,
                    "quiet": True,
                }
            )
    return root / "out"


def command(runs, capsys, words: str):
    """Exit code, standard output and standard error; names of runs stand for their folders."""
    known = {path.name: str(path) for path in runs.iterdir()}
    code = main(["compare", *(known.get(word, word) for word in words.split())])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("base worse", 0),
        ("base worse --fail-if-worse", 1),
        ("worse base --fail-if-worse", 0),
        ("base same --fail-if-worse", 0),
        ("base same worse --fail-if-worse", 1),
        ("base worse --fail-if-worse --by 0.9", 0),
        ("base worse --fail-if-worse --by 0.02", 1),
        ("base --min-score gsm8k=0.5", 0),
        ("base --min-score gsm8k=0.999", 1),
        ("base worse --min-score gsm8k=0.8 --min-score arc=0.1", 1),
        ("worse base --min-score gsm8k=0.8", 0),
        ("base shots --unpaired", 0),
    ],
)
def test_the_exit_code_says_what_was_asked(words, code, runs, capsys):
    assert command(runs, capsys, f"{words} --flips 0")[0] == code


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("base shots", "gsm8k: number of examples: 4 against 1"),
        ("base short", "gsm8k: data: "),
        ("base", "base is the only run"),
        ("base --fail-if-worse --min-score gsm8k=0.1", "base is the only run"),
        ("", "folders of runs are needed"),
        ("base nowhere", "nowhere does not exist"),
        ("base worse --min-score gsm8=0.5", "did you mean 'gsm8k'"),
        ("base worse --min-score gsm8k", "'gsm8k' is no NAME=NUMBER"),
        ("base worse --min-score gsm8k=nan", "is no NAME=NUMBER"),
        ("base worse --by 0.1", "--by is for --fail-if-worse"),
        ("base worse --flips -1", "numbers from 0 on"),
        ("base worse --output-format xml", "--output-format: invalid choice: 'xml'"),
        ("base worse --unpared", "did you mean '--unpaired'"),
        ("base worse --effect 0.1", "are for --plan"),
        ("--plan", "--plan needs --effect"),
        ("--plan --effect 2", "--plan needs --effect"),
        ("--plan --effect 0.02 --power 1", "--power is 1"),
        ("--plan --effect 0.02 --discordant 0.01", "a share from the effect"),
        ("base worse --plan --effect 0.02 --discordant 0.1", "measured on the runs"),
        ("--plan --effect 0.02 --output-format junit", "printed as table or json"),
        ("base --plan --effect 0.02", "base is the only run"),
    ],
)
def test_what_cannot_be_compared_is_said_with_exit_code_2(words, message, runs, capsys):
    code, out, err = command(runs, capsys, words)
    assert (code, out) == (2, "")
    assert message in err


def test_two_runs_of_one_model_do_not_differ(runs, capsys):
    _, out, _ = command(runs, capsys, "base same --output-format json")
    (found,) = orjson.loads(out)["comparisons"]
    assert [(one["difference"]["value"], one["difference"]["p"], one["lost"]) for one in found["datasets"]] == [
        (0, 1, [])
    ] * 3


def test_the_same_command_prints_the_same(runs, capsys):
    first, second = (command(runs, capsys, "base worse --output-format json") for _ in range(2))
    assert first == second


def test_the_table_tells_scores_difference_and_flips(runs, capsys):
    _, out, _ = command(runs, capsys, "base worse")
    assert "worse against base" in out
    assert "| Dataset" in out
    assert "| OVERALL" in out
    assert "McNemar, exact" in out
    assert "\nlost: gsm8k main " in out
    assert "base (correct, found " in out
    assert "worse (wrong, found " in out


def test_json_has_every_flip_whole(runs, capsys):
    _, out, _ = command(runs, capsys, "base worse --output-format json")
    (found,) = orjson.loads(out)["comparisons"]
    gsm8k = next(one for one in found["datasets"] if one["dataset"] == "gsm8k")
    assert len(gsm8k["lost"]) == gsm8k["difference"]["lost"] > 3
    flip = gsm8k["lost"][0]
    assert flip["prompt"][-1]["content"].startswith("Solve the problem step by step.")
    assert flip["first"][0]["outcome"] == "correct"
    assert flip["later"][0]["outcome"] == "wrong"
    assert flip["target"] == flip["first"][0]["found"] != flip["later"][0]["found"]


def test_failed_requests_are_left_out_and_counted(runs, capsys):
    _, out, _ = command(runs, capsys, "base fails --output-format json")
    (one,) = orjson.loads(out)["comparisons"][0]["datasets"]
    assert one["unpaired"]["only_first"] > 0
    assert one["difference"]["num"] + one["unpaired"]["only_first"] == 120
    assert "samples are not compared" in command(runs, capsys, "base fails --flips 0")[1]


def test_junit_has_a_failure_for_each_loss(runs, capsys):
    code, out, _ = command(runs, capsys, "base same worse --fail-if-worse --output-format junit")
    suites = {suite.get("name"): suite for suite in ElementTree.fromstring(out)}
    assert code == 1
    assert [suite.get("failures") for suite in suites.values()] == ["0", "3"]
    assert list(suites) == ["same against base", "worse against base"]


def test_markdown_has_a_table(runs, capsys):
    _, out, _ = command(runs, capsys, "base worse --output-format markdown --flips 1")
    assert "## worse against base" in out
    assert out.count(" lost, 1 shown") == 2
    lines = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {13}


def test_the_plan_takes_disagreement_from_runs_or_from_the_command(runs, capsys):
    code, out, _ = command(runs, capsys, "--plan --effect 0.02 --output-format json")
    assert (code, [one["num"] for one in orjson.loads(out)]) == (0, [979, 1960, 3923, 5885])
    _, out, _ = command(runs, capsys, "--plan --effect 0.02 --discordant 0.2")
    assert "3923 samples to see a difference of 0.02 with a chance of 0.8" in out
    _, out, _ = command(runs, capsys, "base worse --plan --effect 0.05 --power 0.9")
    assert "gsm8k: worse against base: " in out
    assert "; 120 are there" in out
    _, out, _ = command(runs, capsys, "base same --plan --effect 0.05")
    assert "so they cannot differ by 0.05" in out


def test_a_loss_that_chance_explains_is_no_loss(tmp_path, capsys):
    first, later = right(*[1.0] * 9), right(*[1.0] * 4, *[0.0] * 5)
    paths = [
        str(write_run(tmp_path / name, {"gsm8k": ends}, model=name)) for name, ends in (("a", first), ("b", later))
    ]
    assert main(["compare", *paths, "--fail-if-worse", "--output-format", "json"]) == 0  # five of five: p = 0.0625
    assert orjson.loads(capsys.readouterr().out)["comparisons"][0]["datasets"][0]["p_holm"] == 0.0625


def test_a_score_of_nothing_is_below_every_floor(tmp_path, capsys):
    path = write_run(tmp_path / "a", {"gsm8k": right(None, None)})
    assert main(["compare", str(path), "--min-score", "gsm8k=0"]) == 1
    assert "gsm8k at least 0: score –" in capsys.readouterr().out


def test_a_run_without_the_data_set_that_has_a_floor_fails(tmp_path, capsys):
    paths = [str(write_run(tmp_path / name, {name: right(1.0), "arc": right(1.0)}, model=name)) for name in ("a", "b")]
    assert main(["compare", *paths, "--min-score", "a=0.5"]) == 1
    assert "FAILED: b: a at least 0.5: score –" in capsys.readouterr().out


def test_runs_without_a_scored_sample_in_common_have_no_number(tmp_path, capsys):
    paths = [str(write_run(tmp_path / name, {"gsm8k": right(*values)}, model=name))
             for name, values in (("a", (1.0, None)), ("b", (None, 1.0)))]  # fmt: skip
    assert main(["compare", *paths, "--fail-if-worse"]) == 0
    out = capsys.readouterr().out
    assert "2 samples are not compared" in out
    assert "nan" not in out


def test_questions_about_one_passage_are_compared_together(tmp_path, capsys):
    rows = [
        {
            "example_id": f"high{index // 4}.txt",
            "article": f"Passage {index // 4} tells of a lake.",
            "question": f"What is asked in question {index}?",
            "options": ["a lake", "a hill", "a road", "a wood"],
            "answer": "ABCD"[index // 4 % 4],
        }
        for index in range(80)
    ]
    write_jsonl(tmp_path / "race" / "high" / "test.jsonl", rows)
    for reply in "AB":
        run_task(
            {
                "model": reply,
                "eval_type": "mock_llm",
                "model_args": {"reply": f"ANSWER: {reply}"},
                "datasets": ["race"],
                "dataset_args": {
                    "race": {"local_path": str(tmp_path / "race"), "subset_list": ["high"], "few_shot_num": 0}
                },
                "work_dir": str(tmp_path / "out"),
                "run_name": reply,
                "quiet": True,
            }
        )
    (report,) = (tmp_path / "out" / "A").glob("reports/*/race.json")
    row = orjson.loads(report.read_bytes())["rows"][0]
    assert (row["interval"], row["num"], row["num_groups"]) == ("wilson, grouped", 80, 20)
    assert main(["compare", str(tmp_path / "out" / "A"), str(tmp_path / "out" / "B"), "--flips", "0"]) == 0
    out = capsys.readouterr().out
    assert "sign flips by group" in out
    assert "race: 80 samples in 20 groups" in out
