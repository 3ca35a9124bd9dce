"""evalscope judge-check: a judge of known errors measured, and a run's score corrected by what was found."""

import asyncio
import json
import re

import pytest

from evalscope import TaskConfig, run_task
from evalscope.cli import main
from evalscope.errors import ConfigError
from tests.judges import ObedientJudge
from tests.own_data import write_jsonl
from tests.run_content import rows_of
from tests.servers.scripted import choosing, completion

NUM_RIGHT, NUM_WRONG = 60, 40
RIGHT_FOUND, WRONG_FOUND = 54, 32


def number_in(answer):
    return int(re.search(r"\d+", answer)[0])


def grades(answer, turn):
    """CORRECT for 54 of the 60 answers below 60, INCORRECT for 32 of the 40 from there on."""
    number = number_in(answer)
    is_seen = number < RIGHT_FOUND or number >= 100 - WRONG_FOUND
    return f"GRADE: {'CORRECT' if (number < NUM_RIGHT) == is_seen else 'INCORRECT'}"


def labels(tmp_path, num=100, **changed):
    rows = [
        {"question": f"q {n}?", "answer": f"it is {n}", "target": f"t {n}", "label": n < NUM_RIGHT, **changed}
        for n in range(num)
    ]
    return write_jsonl(tmp_path / "labels.jsonl", rows)


async def checked(tmp_path, judge, *words, args=None, path=None):
    """(exit code, judge_check.json) of the command."""
    async with choosing(judge) as bench:
        settings = {"model_id": "org/strict", "api_url": bench.url, **(args or {})}
        command = ["judge-check", "--labels", str(path or labels(tmp_path)), "--judge-model-args", json.dumps(settings)]
        code = await asyncio.to_thread(main, [*command, "--work-dir", str(tmp_path / "check"), "--quiet", *words])
    found = tmp_path / "check" / "judge_check.json"
    return code, json.loads(found.read_text(encoding="utf-8")) if found.exists() else None


async def test_known_errors_come_out_as_they_are(tmp_path, capsys):
    judge = ObedientJudge(grades)
    code, found = await checked(tmp_path, judge)
    assert code == 0
    assert found["confusion"] == {
        "CORRECT": {"CORRECT": 54, "INCORRECT": 6},
        "INCORRECT": {"CORRECT": 8, "INCORRECT": 32},
    }
    assert found["counts"] == {"num_right": 60, "num_right_found": 54, "num_wrong": 40, "num_wrong_found": 32}
    assert (found["sensitivity"]["value"], found["specificity"]["value"]) == (0.9, 0.8)
    assert found["agreement"]["value"] == 0.86
    chance = (60 * 62 + 40 * 38) / 100**2
    assert found["kappa"]["value"] == pytest.approx((0.86 - chance) / (1 - chance))
    assert found["kappa"]["ci_low"] < found["kappa"]["value"] < found["kappa"]["ci_high"]
    assert found["usage"] == {"replies": 100, "input_tokens": 300, "output_tokens": 100}
    assert (found["judge"], found["rubric"], found["num"], found["failed"]) == ("strict", "correctness", 100, 0)
    shown = capsys.readouterr().out
    assert re.search(r"\| CORRECT +\| +54 \| +6 \|", shown)
    assert re.search(r"sensitivity \(right answers called right\) +\| +0.9 \| 0.799 – 0.953 +\| +60 \|", shown)


async def test_nothing_is_asked_twice_and_a_further_answer_alone_is_asked_about(tmp_path):
    judge = ObedientJudge(grades)
    _, first = await checked(tmp_path, judge, path=labels(tmp_path, num=90))
    assert len(judge.asked) == 90
    _, again = await checked(tmp_path, judge, path=labels(tmp_path, num=90))
    assert (len(judge.asked), again) == (90, first)
    _, whole = await checked(tmp_path, judge)
    assert len(judge.asked) == 100
    backwards = labels(tmp_path).read_text(encoding="utf-8").splitlines(keepends=True)[::-1]
    (tmp_path / "backwards.jsonl").write_text("".join(backwards), encoding="utf-8")
    _, found = await checked(tmp_path, judge, path=tmp_path / "backwards.jsonl")
    assert (len(judge.asked), found) == (100, whole)


async def test_repeated_the_judge_is_really_asked_again(tmp_path):
    turns = {}

    def wavers(answer, turn):
        turns[answer] = turns.get(answer, 0) + 1
        return "GRADE: INCORRECT" if number_in(answer) < 10 and turns[answer] == 3 else "GRADE: CORRECT"

    judge = ObedientJudge(wavers)
    _, found = await checked(tmp_path, judge, "--repeats", "3")
    assert len(judge.asked) == 300
    assert found["same_when_repeated"]["value"] == 0.9
    assert found["confusion"]["CORRECT"] == {"CORRECT": 60, "INCORRECT": 0}  # the first time alone counts
    keys = [row["key"] for path in (tmp_path / "check").glob("judgements/*/*.jsonl") for row in rows_of(path)]
    assert len(set(keys)) == len(keys) == 300
    await checked(tmp_path, judge, "--repeats", "4")
    assert len(judge.asked) == 400


async def test_a_seed_of_the_judge_moves_on_with_each_repeat(tmp_path):
    seeds = set()

    def judge(method, body):
        seeds.add(body["seed"])
        return completion("GRADE: CORRECT")

    await checked(tmp_path, judge, "--repeats", "2", args={"generation_config": {"seed": 7, "temperature": 1}})
    assert seeds == {7, 8}


async def test_answers_without_a_verdict_are_counted_apart(tmp_path, capsys):
    judge = ObedientJudge(lambda answer, turn: "hm" if number_in(answer) in {3, 4, 70} else grades(answer, turn))
    code, found = await checked(tmp_path, judge)
    assert (code, found["failed"], found["no_verdict"]) == (1, 3, {"CORRECT": 2, "INCORRECT": 1})
    assert found["agreement"]["num"] == 97
    assert "no verdict" in capsys.readouterr().out


async def test_a_benchmarks_own_rubric_is_followed(tmp_path):
    path = labels(tmp_path, num=3, label="not attempted")
    judge = ObedientJudge(lambda answer, turn: "GRADE: NOT_ATTEMPTED")
    _, found = await checked(tmp_path, judge, "--dataset", "simple_qa", path=path)
    assert found["confusion"]["NOT_ATTEMPTED"] == {"CORRECT": 0, "INCORRECT": 0, "NOT_ATTEMPTED": 3}
    assert found["counts"] == {"num_right": 0, "num_right_found": 0, "num_wrong": 3, "num_wrong_found": 3}


async def test_of_two_answers_both_orders_are_asked_and_compared_with_the_label(tmp_path):
    rows = [
        {"question": f"q {n}?", "answer": f"mine {n}", "other": f"yours {n}", "label": "A" if n < 6 else "tie"}
        for n in range(10)
    ]

    def judge(method, body):
        text = body["messages"][0]["content"]
        number, is_mine_first = int(re.search(r"q (\d+)", text)[1]), "mine" in text.split("Answer B:")[0]
        if number < 5:
            return completion("WINNER: A" if is_mine_first else "WINNER: B")
        return completion("WINNER: A" if number < 8 else "WINNER: TIE")  # of three it prefers the first

    path = write_jsonl(tmp_path / "pairs.jsonl", rows)
    _, found = await checked(tmp_path, judge, args={"rubric": "pairwise"}, path=path)
    assert found["same_in_both_orders"]["value"] == 0.7
    assert found["confusion"] == {
        "A": {"A": 5, "B": 0, "TIE": 1},
        "B": {"A": 0, "B": 0, "TIE": 0},
        "TIE": {"A": 0, "B": 0, "TIE": 4},
    }
    assert (found["counts"], found["sensitivity"], found["usage"]["replies"]) == (None, None, 20)


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        ([{"question": "q", "answer": "a", "label": 1}], [], r"labels.jsonl:1: there is no 'target'"),
        (
            [
                {"question": "q", "answer": "a", "target": "t", "label": 1},
                {"question": "q", "answer": "a", "target": "t", "label": "maybe"},
            ],
            [],
            r"labels.jsonl:2: label is 'maybe'; one of CORRECT, INCORRECT is needed",
        ),
        ([{"question": "q", "answer": " ", "target": "t", "label": 1}], [], r"labels.jsonl:1: answer is ' '"),
        (
            [{"question": "q", "answer": "a", "target": "t", "label": False}],
            ["--dataset", "simple_qa"],
            "label is False, which could be INCORRECT or NOT_ATTEMPTED",
        ),
        ([], [], "holds no labelled answer"),
        ([{"question": "q"}], ["--dataset", "simple_q"], "did you mean 'simple_qa'"),
        ([{"question": "q"}], ["--repeats", "0"], "repeats: at least 1"),
        ([{"question": "q"}], ["--limit", "3"], "--limit is unknown"),
    ],
)
async def test_labels_that_cannot_be_used_are_one_message(tmp_path, capsys, rows, words, message):
    judge = ObedientJudge()
    code, found = await checked(tmp_path, judge, *words, path=write_jsonl(tmp_path / "labels.jsonl", rows))
    assert (code, found, judge.asked) == (2, None, [])
    assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "check").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"rubric": "quality"}, "gives numbers"),
        ({"check": "judge_check.json"}, "is what judge-check makes"),
    ],
)
async def test_a_judge_that_cannot_be_measured_is_refused(tmp_path, capsys, args, message):
    assert await checked(tmp_path, ObedientJudge(), args=args) == (2, None)
    assert message in capsys.readouterr().err


def test_its_help_names_every_flag_that_it_takes(capsys):
    assert main(["judge-check", "--help"]) == 0
    shown = capsys.readouterr().out
    for flag in ("labels", "dataset", "repeats", "work-dir", "judge-model-args", "judge-worker-num", "output-format"):
        assert f"--{flag} " in shown


def test_without_a_judge_the_option_is_named(tmp_path, capsys):
    assert main(["judge-check", "--labels", str(labels(tmp_path))]) == 2
    assert "--judge-model-args" in capsys.readouterr().err


def test_one_judge_is_measured_at_a_time(tmp_path, capsys):
    judges = json.dumps([{"eval_type": "mock_llm", "name": name} for name in "ab"])
    assert main(["judge-check", "--labels", str(labels(tmp_path)), "--judge-model-args", judges]) == 2
    assert "run it once for each" in capsys.readouterr().err


async def run(tmp_path, judge, data, **settings):
    """The report of general_qa, whose every question is answered with itself."""
    async with (
        choosing(lambda method, body: completion(f"it is {number_in(body['messages'][-1]['content'])}")) as server,
        choosing(judge) as bench,
    ):
        args = {"model_id": "org/strict", "api_url": bench.url, **settings.pop("args", {})}
        config = TaskConfig(
            model="m",
            api_url=server.url,
            datasets=["general_qa"],
            dataset_args={"general_qa": {"local_path": str(data)}},
            judge_strategy=settings.pop("judge_strategy", "llm"),
            judge_model_args=settings.pop("judge_model_args", args),
            work_dir=str(tmp_path / "out"),
            quiet=True,
            **settings,
        )
        return (await asyncio.to_thread(run_task, config))["general_qa"]


def questions(tmp_path, num=100):
    rows = [{"query": f"number {n}?", "response": f"t {n}"} for n in range(num)]
    write_jsonl(tmp_path / "data" / "first.jsonl", rows[: num // 2])
    write_jsonl(tmp_path / "data" / "second.jsonl", rows[num // 2 :])
    return tmp_path / "data"


async def test_a_score_is_given_corrected_too(tmp_path):
    judge = ObedientJudge(grades)
    await checked(tmp_path, judge)
    check = {"check": str(tmp_path / "check" / "judge_check.json")}
    report = await run(tmp_path, judge, questions(tmp_path), args=check)
    rows = {(row.metric, row.subset): row for row in report.rows}
    assert rows["AverageAccuracy", "OVERALL"].score == report.score == 0.62
    corrected = rows["AverageAccuracy (corrected)", "OVERALL"]
    assert (corrected.score, corrected.num) == (pytest.approx(0.6), 100)  # the truth
    plain = rows["AverageAccuracy", "OVERALL"]
    assert corrected.ci_high - corrected.ci_low > plain.ci_high - plain.ci_low
    assert rows["AverageAccuracy (corrected)", "first"].num == 50
    assert ("AverageAccuracy (corrected)", "MEAN OF SUBSETS") not in rows
    assert report.judged["check"]["num_right_found"] == 54


async def test_a_finished_run_is_corrected_without_a_further_question(tmp_path):
    judge = ObedientJudge(grades)
    await checked(tmp_path, judge)
    plain = await run(tmp_path, judge, questions(tmp_path), run_name="one")
    num_asked = len(judge.asked)
    check = {"check": str(tmp_path / "check" / "judge_check.json")}
    found = await run(tmp_path, judge, tmp_path / "data", args=check, use_cache=str(tmp_path / "out" / "one"))
    assert len(judge.asked) == num_asked
    assert {row.metric for row in found.rows} - {row.metric for row in plain.rows} == {"AverageAccuracy (corrected)"}
    page = (tmp_path / "out" / "one" / "reports" / "report.html").read_text(encoding="utf-8")
    assert "54 of 60 right and 32 of 40 wrong answers seen as people see them" in page


async def test_a_check_that_does_not_fit_is_refused_before_anything_is_asked(tmp_path):
    judge, other = ObedientJudge(grades), ObedientJudge()
    await checked(tmp_path, judge)
    path = tmp_path / "check" / "judge_check.json"
    good, data = path.read_text(encoding="utf-8"), questions(tmp_path)
    coin = json.dumps(
        json.loads(good) | {"counts": {"num_right": 50, "num_right_found": 25, "num_wrong": 50, "num_wrong_found": 25}}
    )
    one, two = ({"model_id": name, "api_url": "http://127.0.0.1:1/v1"} for name in "ab")
    for written, settings, message in (
        (good, {"args": {"model_id": "org/other"}}, "is of the judge 'strict', which is another model than 'other'"),
        (good, {"args": {"generation_config": {"temperature": 1}}}, "generates its replies in another way"),
        (good, {"args": {"system_prompt": "be kind"}}, "in another wording"),
        (good, {"judge_model_args": [{**one, "check": str(path)}, two]}, "2 judges vote"),
        (coin, {}, "no better than a coin"),
        ("{}", {}, "was not written by this program's judge-check"),
        ("{", {}, "cannot be read"),
    ):
        path.write_text(written, encoding="utf-8")
        if "judge_model_args" not in settings:
            settings = {"args": {"check": str(path), **settings.get("args", {})}}
        with pytest.raises(ConfigError, match=message):
            await run(tmp_path, other, data, **settings)
    assert other.asked == []
    assert not (tmp_path / "out").exists()


async def test_a_second_look_cannot_be_corrected(tmp_path):
    judge = ObedientJudge(grades)
    await checked(tmp_path, judge)
    check = {"check": str(tmp_path / "check" / "judge_check.json")}
    with pytest.raises(ConfigError, match="llm_recall it sees only what the rule calls wrong"):
        await run(tmp_path, judge, questions(tmp_path), args=check, judge_strategy="llm_recall")
