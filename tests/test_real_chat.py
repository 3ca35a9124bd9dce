"""mt_bench and alpaca_eval whole, with judges whose every verdict is known beforehand. Needs EVALSCOPE_TEST_DATA."""

import asyncio
import hashlib
import json
import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from evalscope import TaskConfig, run_task
from evalscope.core.report import Report
from tests.full_splits.row import json_rows
from tests.servers.scripted import choosing, completion

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
UNREADABLE = 4
"""To so many answers of a hundred a judge never gives a verdict."""

FENCED = re.compile(r"\[answer (\w+) begins\]\n(.*?)\n\[answer \1 ends\]", re.DOTALL)
MINE = "my answer number "
WITH_REFERENCES = ("math", "reasoning", "coding")


def drawn(purpose: str, text: str, num: int) -> int:
    """A number below `num`, always the same for a text."""
    return int.from_bytes(hashlib.blake2b(f"{purpose} {text}".encode(), digest_size=8).digest()) % num


def is_unreadable(answer: str) -> bool:
    return drawn("unreadable", answer, 100) < UNREADABLE


@dataclass(slots=True)
class Run:
    """A run's report, and everything that was asked of the model and of the judge."""

    report: Report | None = None
    asked: list[Any] = field(default_factory=list)
    judged: list[Any] = field(default_factory=list)


def run_whole(name: str, root: Path, model: Any, judge: Any, **args: Any) -> Run:
    async def walk() -> Run:
        async with choosing(model) as server, choosing(judge) as bench:
            config = TaskConfig(
                model="m",
                api_url=server.url,
                datasets=[name],
                dataset_args={name: {"local_path": str(DATA / name), **args}},
                judge_model_args={"model_id": "j", "api_url": bench.url},
                work_dir=str(root),
                quiet=True,
            )
            report = (await asyncio.to_thread(run_task, config))[name]
            return Run(report, server.bodies, bench.bodies)

    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    return asyncio.run(walk())


def whole_rows(report: Report) -> dict[tuple[str, str, str], Any]:
    return {(row.metric, row.subset, *row.categories): row for row in report.rows}


# mt_bench


def rating_of(answer: str) -> int:
    return 1 + drawn("rating", answer, 10)


def answer_in_turn(method: str, body: Any) -> Any:
    return completion(f"{MINE}{len(body['messages']) // 2 + 1} to: {body['messages'][-1]['content']}")


def rate(method: str, body: Any) -> Any:
    *_, (_, answer) = FENCED.findall(body["messages"][0]["content"])
    return completion("Hm." if is_unreadable(answer) else f"So so.\nSCORE: {rating_of(answer)}")


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_whole("mt_bench", tmp_path_factory.mktemp("mt_bench"), answer_in_turn, rate)


@pytest.fixture(scope="module")
def answers(conversations: Run) -> dict[tuple[str, str], list[str]]:
    """What the model must have said, by turn and category."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for record in json_rows(DATA / "mt_bench/question.jsonl"):
        for number, turn in enumerate(record["turns"], 1):
            found[f"turn {number}", record["category"]].append(f"{MINE}{number} to: {turn}")
    return dict(found)


def mean_rating(answers: list[str]) -> float:
    rated = [rating_of(answer) for answer in answers if not is_unreadable(answer)]
    return sum(rated) / len(rated)


def test_each_conversation_is_asked_once_in_two_turns_and_each_answer_judged(conversations, answers):
    assert Counter(len(body["messages"]) for body in conversations.asked) == {1: 80, 3: 80}
    said = [answer for group in answers.values() for answer in group]
    num_unreadable = sum(map(is_unreadable, said))
    assert (len(said), num_unreadable > 0) == (160, True)
    assert len(conversations.judged) == 160 + num_unreadable  # each of those is asked about once more
    assert conversations.report.outcomes["judge_failed"] == num_unreadable
    assert conversations.report.num == 160 - num_unreadable


def test_the_ratings_are_those_of_the_judge_by_turn_and_category(conversations, answers):
    rows = whole_rows(conversations.report)
    assert len({category for _, category in answers}) == 8
    expected: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for (turn, category), said in answers.items():
        for where in ((turn, "default"), ("OVERALL", category), ("OVERALL",)):
            expected[where] += said
    for where, said in expected.items():
        rating, quality = rows["Rating (1-10)", *where], rows["JudgedQuality", *where]
        assert rating.score == pytest.approx(mean_rating(said), abs=1e-12), where
        assert quality.score == pytest.approx((mean_rating(said) - 1) / 9, abs=1e-12), where
        assert rating.num == sum(not is_unreadable(answer) for answer in said), where


def test_right_answers_are_shown_in_the_categories_that_have_one(conversations):
    shown = Counter("\nThe right answer:\n" in body["messages"][0]["content"] for body in conversations.judged)
    texts = "\n".join(body["messages"][0]["content"] for body in conversations.judged)
    num = 0
    for record in json_rows(DATA / "mt_bench/question.jsonl"):
        references = record.get("reference", []) if record["category"] in WITH_REFERENCES else []
        for target in filter(None, map(str.strip, references)):
            assert f"\nThe right answer:\n{target}\n" in texts, record["question_id"]
            num += 1
    assert num == 55  # three of the reasoning questions have one for their first turn alone
    assert num <= shown[True] <= num + conversations.report.outcomes["judge_failed"]


# alpaca_eval

BASELINES = {"alpaca_eval_gpt4_baseline": "gpt4_1106_preview", "alpaca_eval": "text_davinci_003"}


def verdict_of(request: str, *, is_own_first: bool) -> str:
    """To 20 requests of a hundred the judge prefers whatever stands first; else it has a view of its own."""
    view = drawn("view", request, 100)
    if drawn("bias", request, 100) < 20:
        return "A"
    own = "TIE" if view < 10 else "own" if view < 65 else "other"
    return own if own == "TIE" else "A" if (own == "own") == is_own_first else "B"


def win_of(request: str) -> float:
    worth = {"A": 1.0, "B": 0.0, "TIE": 0.5}
    return (worth[verdict_of(request, is_own_first=True)] + 1 - worth[verdict_of(request, is_own_first=False)]) / 2


@pytest.fixture(scope="module", params=BASELINES)
def comparison(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[Any]]:
    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    records = json.loads((DATA / f"alpaca_eval/{request.param}.json").read_text(encoding="utf-8"))
    instructions = {hashlib.md5(one["instruction"].encode()).hexdigest(): one["instruction"] for one in records}

    def model(method: str, body: Any) -> Any:
        return completion(MINE + hashlib.md5(body["messages"][-1]["content"].encode()).hexdigest())

    def judge(method: str, body: Any) -> Any:
        text = body["messages"][0]["content"]
        (own,) = re.findall(rf"{MINE}(\w+)", text)
        is_own_first = text.index(MINE) < text.index("\nAnswer B:\n")
        asked = instructions[own]
        return completion("Hm." if is_unreadable(asked) else f"WINNER: {verdict_of(asked, is_own_first=is_own_first)}")

    root = tmp_path_factory.mktemp(request.param)
    return run_whole("alpaca_eval", root, model, judge, subset_list=[request.param]), records


def test_the_win_rate_is_that_of_the_judge_in_both_orders(comparison):
    run, records = comparison
    assert {record["generator"] for record in records} <= set(BASELINES.values())
    assert (len(records), len(run.asked)) == (805, 805)
    counted = [record for record in records if not is_unreadable(record["instruction"])]
    wins = [win_of(record["instruction"]) for record in counted]
    same = [
        win != 0.5 or drawn("bias", record["instruction"], 100) >= 20 for win, record in zip(wins, counted, strict=True)
    ]
    (subset,) = {row.subset for row in run.report.rows if row.categories == ("default",)}
    rows = whole_rows(run.report)
    assert rows["WinRate", subset, "default"].score == pytest.approx(sum(wins) / len(wins), abs=1e-12)
    assert rows["SameInBothOrders", subset, "default"].score == pytest.approx(sum(same) / len(same), abs=1e-12)
    win_rate = rows["WinRate", subset, "default"]
    assert win_rate.ci_low < win_rate.score < win_rate.ci_high
    assert run.report.outcomes["judge_failed"] == 805 - len(counted) > 10
    assert len(run.judged) == 2 * len(counted) + 4 * (805 - len(counted))
    by_set = defaultdict(list)
    for record, win in zip(counted, wins, strict=True):
        by_set[record["dataset"]].append(win)
    assert len(by_set) == 5
    for name, own in by_set.items():
        assert rows["WinRate", "OVERALL", name].score == pytest.approx(sum(own) / len(own), abs=1e-12)


def test_the_judge_sees_the_baselines_answer_to_the_same_request(comparison):
    run, records = comparison
    texts = {}
    for body in run.judged:
        text = body["messages"][0]["content"]
        texts.setdefault(re.findall(rf"{MINE}(\w+)", text)[0], text)
    for record in records:
        text = texts[hashlib.md5(record["instruction"].encode()).hexdigest()]
        assert f"The request:\n{record['instruction']}\n" in text
        other = next(answer for _, answer in FENCED.findall(text) if MINE not in answer)
        assert len(other) == len(record["output"]) or not record["output"].isascii()
