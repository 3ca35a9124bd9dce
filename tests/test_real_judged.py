"""simple_qa and chinese_simpleqa whole, by the tutorial's settings: a model and a judge of known errors.

Both answer on servers of their own. What the model says and how the judge errs is drawn by hashes of the question, so
that every figure of the report is known beforehand. Needs EVALSCOPE_TEST_DATA.
"""

import ast
import asyncio
import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from evalscope import TaskConfig, run_task
from evalscope.constants import EvalType, JudgeStrategy
from evalscope.core.report import Report
from tests.full_splits.row import csv_rows, json_rows
from tests.full_splits.splits import SPLITS
from tests.run_content import rows_of
from tests.servers.scripted import choosing, completion

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
GRADES = ("CORRECT", "INCORRECT", "NOT_ATTEMPTED")
SAID = {"CORRECT": 45, "INCORRECT": 30, "NOT_ATTEMPTED": 25}
"""In so many of a hundred questions the model is right, wrong, or says that it does not know."""

CONFUSION = {
    "CORRECT": {"CORRECT": 90, "INCORRECT": 7, "NOT_ATTEMPTED": 3},
    "INCORRECT": {"CORRECT": 10, "INCORRECT": 82, "NOT_ATTEMPTED": 8},
    "NOT_ATTEMPTED": {"CORRECT": 1, "INCORRECT": 4, "NOT_ATTEMPTED": 95},
}
"""By what the model's answer is, the grade that the judge gives it, in so many of a hundred cases."""

READABLE = {"at once": 92, "when asked again": 5, "never": 3}
DONT_KNOW = "I don't know. 我不知道。"
PARTS = re.compile(
    r"\n(?:Question:|问题：)\n(?P<question>.*)\n\n(?:Target:|标准答案：)\n(?P<target>.*)\n\n(?:Answer:|待评的回答：)\n"
    r"\[answer (?P<code>\w+) begins\]\n(?P<answer>.*)\n\[answer (?P=code) ends\]\n",
    re.DOTALL,
)
METRICS = ("is_correct", "is_incorrect", "is_not_attempted", "correct_given_attempted", "f_score")


class Fact(NamedTuple):
    """One record, as a reader of the tests' own reads it."""

    subset: str
    categories: tuple[str, ...]
    question: str
    target: str

    @property
    def kind(self) -> str:
        """What the model's answer to it is."""
        return drawn(SAID, "model", self.question)

    @property
    def answer(self) -> str:
        return {"CORRECT": f"{self.target}!", "INCORRECT": "Kunigunde", "NOT_ATTEMPTED": DONT_KNOW}[self.kind]

    @property
    def readable(self) -> str:
        """When the judge's grade can be read."""
        return drawn(READABLE, "unreadable", self.question)

    @property
    def grade(self) -> str:
        """What the judge says of the answer."""
        return drawn(CONFUSION[self.kind], "judge", self.question)


def drawn(shares: dict[str, int], purpose: str, question: str) -> str:
    """One of the names, each in its share of a hundred questions, always the same for a question."""
    place = int.from_bytes(hashlib.blake2b(f"{purpose} {question}".encode(), digest_size=8).digest()) % 100
    for name, share in shares.items():
        if place < share:
            return name
        place -= share
    raise AssertionError("shares are of a hundred")


def simple_qa() -> Iterator[Fact]:
    for record in csv_rows(DATA / "simple_qa/simple_qa_test_set.csv"):
        facts = ast.literal_eval(record["metadata"])
        categories = (facts["topic"], f"answer type: {facts['answer_type']}")
        yield Fact("default", categories, record["problem"].strip(), record["answer"].strip())


def chinese_simpleqa() -> Iterator[Fact]:
    for record in json_rows(DATA / "chinese_simpleqa/chinese_simpleqa.jsonl"):
        categories = (record["secondary_category"].strip(),)
        yield Fact(record["primary_category"], categories, record["question"].strip(), record["answer"].strip())


READERS = {"simple_qa": simple_qa, "chinese_simpleqa": chinese_simpleqa}


@dataclass(slots=True)
class Run:
    """What one run left, and what its judge was asked.

    Attributes:
        facts: all records.
        asked: how often the model was asked each question.
        turns: how often the judge was asked about each.
        strange: questions to the judge that do not hold the record's target and the model's answer to it.
    """

    facts: Sequence[Fact]
    asked: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    report: Report | None = None
    root: Path = Path()

    async def walk(self, name: str, work_dir: Path) -> None:
        by_question = {fact.question: fact for fact in self.facts}

        def model(method, body):
            question = body["messages"][-1]["content"]
            self.asked[question] += 1
            return completion(by_question[question].answer, usage={"prompt_tokens": 11, "completion_tokens": 5})

        def judge(method, body):
            said = body["messages"]
            parts = PARTS.search(said[0]["content"])
            fact = by_question[parts["question"]]
            self.turns[fact.question] += 1
            if (parts["target"], parts["answer"]) != (fact.target, fact.answer):
                self.strange.append(said[0]["content"])
            if fact.readable == "never" or (fact.readable == "when asked again" and len(said) == 1):
                return completion("Let me think about it. It could be right.")
            return completion(f"Compared with the target.\nGRADE: {fact.grade}")

        async with choosing(model) as service, choosing(judge) as bench:
            config = TaskConfig(
                model="qwen2.5-7b-instruct",
                api_url=service.url,
                api_key="sk-model",
                eval_type=EvalType.SERVICE,
                datasets=[name],
                dataset_args={name: {"local_path": str(DATA / name)}},
                eval_batch_size=5,
                judge_strategy=JudgeStrategy.AUTO,
                judge_model_args={"model_id": "qwen2.5-72b-instruct", "api_url": bench.url, "api_key": "sk-judge"},
                work_dir=str(work_dir),
                quiet=True,
            )
            self.report = (await asyncio.to_thread(run_task, config))[name]
        self.root = work_dir / "latest"


@pytest.fixture(scope="module", params=READERS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    run = Run(list(READERS[request.param]()))
    assert len(run.facts) == SPLITS[request.param].num_records
    asyncio.run(run.walk(request.param, tmp_path_factory.mktemp(request.param)))
    return run


def figures(facts: Sequence[Fact]) -> dict[str, float]:
    """Every metric of a group of records, as the paper defines it."""
    scored = [fact for fact in facts if fact.readable != "never"]
    counts, num = Counter(fact.grade for fact in scored), len(scored)
    correct, attempted = counts["CORRECT"], counts["CORRECT"] + counts["INCORRECT"]
    shares = [counts[grade] / num for grade in GRADES]
    given_attempted = correct / attempted
    f_score = 2 * given_attempted * shares[0] / (given_attempted + shares[0]) if correct else 0.0
    return dict(zip(METRICS, (*shares, given_attempted, f_score), strict=True))


def groups(facts: Sequence[Fact]) -> dict[tuple[str, tuple[str, ...]], list[Fact]]:
    """The records behind each row, by the row's subset and categories."""
    found: defaultdict[tuple[str, tuple[str, ...]], list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.subset, ("default",)].append(fact)
        for category in fact.categories:
            found["OVERALL", (category,)].append(fact)
    if len({fact.subset for fact in facts}) > 1:
        found["OVERALL", ()] = list(facts)
    return dict(found)


def test_every_question_is_asked_once_and_nothing_but_it(run: Run):
    assert run.asked == Counter(fact.question for fact in run.facts)


def test_the_judge_sees_the_target_and_the_answer_of_each(run: Run):
    assert run.strange == []
    assert run.turns.keys() == run.asked.keys()


def test_a_repair_costs_one_reply_more_and_no_verdict_is_asked_for_thrice(run: Run):
    assert run.turns == Counter({fact.question: 1 + (fact.readable != "at once") for fact in run.facts})
    usage = run.report.judged["usage"]["qwen2.5-72b-instruct"]
    num = run.turns.total()
    assert usage == {"replies": num, "input_tokens": 3 * num, "output_tokens": num}
    assert run.report.usage["input_tokens"] == 11 * len(run.facts)


def test_judge_failures_are_those_that_were_injected(run: Run):
    num_failed = sum(fact.readable == "never" for fact in run.facts)
    assert num_failed > 60
    assert run.report.outcomes["judge_failed"] == num_failed
    assert run.report.num == len(run.facts) - num_failed
    assert sum(run.report.outcomes.values()) == len(run.facts)


def test_every_row_holds_what_must_come_out(run: Run):
    expected = groups(run.facts)
    rows = [row for row in run.report.rows if row.subset != "MEAN OF SUBSETS"]
    assert {(row.subset, row.categories) for row in rows if row.metric == "is_correct"} == expected.keys()
    for row in rows:
        facts = expected[row.subset, row.categories]
        failed = sum(fact.readable == "never" for fact in facts)
        where = f"{row.metric} of {row.subset} {row.categories}"
        assert row.failed == failed, where
        assert row.score == pytest.approx(figures(facts)[row.metric], abs=1e-12), where
        if row.metric != "correct_given_attempted":
            assert row.num == len(facts) - failed, where


def test_all_metrics_have_their_overall_row(run: Run):
    found = {row.metric: row.score for row in run.report.rows if row.subset in {"OVERALL", "default"} and is_whole(row)}
    assert found == pytest.approx(figures(run.facts), abs=1e-12)
    assert run.report.score == found["is_correct"]


def is_whole(row) -> bool:
    return row.categories == () or row.subset == "default"


def test_the_mean_of_subsets_weighs_them_alike(run: Run):
    by_subset = [facts for (name, _), facts in groups(run.facts).items() if name != "OVERALL"]
    rows = [row for row in run.report.rows if row.subset == "MEAN OF SUBSETS"]
    assert len(rows) == (len(METRICS) if len(by_subset) > 1 else 0)
    for row in rows:
        shares = [figures(facts)[row.metric] for facts in by_subset]
        assert row.score == pytest.approx(sum(shares) / len(shares), abs=1e-12)


def test_every_review_holds_the_grade_of_its_question(run: Run):
    predictions = [row for path in sorted(run.root.glob("predictions/*/*.jsonl")) for row in rows_of(path)]
    reviews = [row for path in sorted(run.root.glob("reviews/*/*.jsonl")) for row in rows_of(path)]
    by_question = {fact.question: fact for fact in run.facts}
    assert len(reviews) == len(run.facts)
    for asked, review in zip(predictions, reviews, strict=True):
        fact = by_question[asked["messages"][-1]["content"]]
        values = {value: float(grade == fact.grade) for value, grade in zip(METRICS, GRADES, strict=False)}
        assert review["scores"] == ({} if fact.readable == "never" else values)


def test_no_key_reached_a_file(run: Run):
    for path in run.root.resolve().rglob("*"):
        assert not path.is_file() or b"sk-" not in path.read_bytes(), path
