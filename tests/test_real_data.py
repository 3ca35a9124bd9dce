"""All of gsm8k and arc, every verdict compared with what the server gave. Needs EVALSCOPE_TEST_DATA."""

import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.commands import shell
from tests.servers.running import running_stub

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
SHARES = ("--p-correct", "0.7", "--share-empty", "0.03", "--share-rambling", "0.05", "--share-cut-off", "0.04")
OUTCOME = {"correct": "correct", "wrong": "wrong", "empty": "unparsed", "rambling": "unparsed", "cut_off": "cut_off"}
OFFICIAL = {"gsm8k_main": 1319, "arc_ARC-Easy": 2376, "arc_ARC-Challenge": 1172}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict]:
    """The run's folder, the server's own verdicts, and the printed reports."""
    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    cwd = tmp_path_factory.mktemp("real")
    verdicts = cwd / "verdicts.jsonl"
    arc = [f"--arc {DATA / 'arc' / subset / 'test.jsonl'}" for subset in ("ARC-Easy", "ARC-Challenge")]
    flags = f"--gsm8k {DATA / 'gsm8k/main/test.jsonl'} {' '.join(arc)} --log-verdicts {verdicts}".split()
    args = json.dumps({name: {"local_path": str(DATA / name)} for name in ("gsm8k", "arc")})
    with running_stub(*flags, *SHARES) as stub:
        done = shell(
            f"evalscope eval --model stub --api-url {stub.url} --datasets gsm8k arc --dataset-args '{args}' "
            "--output-format json",
            cwd,
        )
    assert done.returncode == 0, done.stderr
    return (cwd / "outputs" / "latest").resolve(), verdicts, json.loads(done.stdout)


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_sample_ends_in_one_class_and_none_is_lost(name, reviewed):
    root, _, _ = reviewed
    rows = rows_of(root / "reviews/stub" / f"{name}.jsonl")
    assert len(rows) == len({row["sample_id"] for row in rows}) == OFFICIAL[name]


def test_every_verdict_is_the_one_that_the_server_gave(reviewed):
    root, verdicts, _ = reviewed
    given: defaultdict[str, Counter] = defaultdict(Counter)
    for row in rows_of(verdicts):
        given[row["question"].strip()][OUTCOME[row["verdict"]]] += 1
    found: defaultdict[str, Counter] = defaultdict(Counter)
    for name in OFFICIAL:
        questions = {
            row["sample_id"]: row["messages"][-1]["content"] for row in rows_of(root / f"predictions/stub/{name}.jsonl")
        }
        for row in rows_of(root / "reviews/stub" / f"{name}.jsonl"):
            found[_question(questions[row["sample_id"]])][row["outcome"]] += 1
    assert sum(map(Counter.total, given.values())) == sum(OFFICIAL.values())
    assert {question: dict(counts) for question, counts in found.items()} == {q: dict(c) for q, c in given.items()}


def test_the_reports_count_what_the_reviews_say(reviewed):
    root, _, printed = reviewed
    for dataset, report in printed.items():
        rows = [row for path in (root / "reviews/stub").glob(f"{dataset}_*.jsonl") for row in rows_of(path)]
        assert Counter(row["outcome"] for row in rows) == report["outcomes"]
        assert report["score"] == pytest.approx(sum(row["scores"]["acc"] for row in rows) / len(rows))
        assert json.loads((root / f"reports/stub/{dataset}.json").read_text()) == report


def _question(prompt: str) -> str:
    """The last question of a prompt, without its choices."""
    text = prompt.rpartition("Question: ")[2]
    for end in ("\nSolution:", "\nA. "):
        text = text.partition(end)[0]
    return text.strip()
