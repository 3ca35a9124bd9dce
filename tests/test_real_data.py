"""Every benchmark over its whole split: each sample ends in the class that the stub's reply was made for.

What is right is read from the raw files by readers of the tests' own. Needs EVALSCOPE_TEST_DATA.
"""

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.commands import shell
from tests.full_splits.row import Row, json_rows
from tests.full_splits.splits import SPLITS, Split
from tests.own_data import write_jsonl
from tests.servers.answers import digest_of
from tests.servers.running import running_stub

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

T = TypeVar("T")
Json = Mapping[str, Any]

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
P_CORRECT = 0.6
SHARES = {"empty": 0.05, "rambling": 0.05, "cut_off": 0.05}
CLASSES = {"empty": "unparsed", "rambling": "unparsed", "cut_off": "cut_off"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run left.

    Attributes:
        split: what was asked.
        rows: the raw rows of each subset, in the order of the file.
        said: the stub's own notes on each reply, by the prompt's digest.
        predictions: the rows of each subset.
        reviews: the same.
        printed: the report on stdout.
        stored: the report in its file.
    """

    split: Split
    rows: Mapping[str, Sequence[Row]]
    said: Mapping[str, Json]
    predictions: Mapping[str, Sequence[Json]]
    reviews: Mapping[str, Sequence[Json]]
    printed: Json
    stored: Json


@pytest.fixture(scope="module", params=[name for name, split in SPLITS.items() if not split.is_judged])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One benchmark, asked whole by the command that users type."""
    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    split = SPLITS[request.param]
    cwd = tmp_path_factory.mktemp(split.dataset)
    rows = list(split.read(DATA / split.dataset))
    known, verdicts = write_jsonl(cwd / "known.jsonl", map(asdict, rows)), cwd / "verdicts.jsonl"
    flags = [word for kind, share in SHARES.items() for word in (f"--share-{kind.replace('_', '-')}", str(share))]
    args = {split.dataset: {"local_path": str(DATA / (split.path or split.dataset)), **split.args}}
    with running_stub("--known", known, "--log-verdicts", verdicts, "--p-correct", P_CORRECT, *flags) as stub:
        done = shell(
            f"evalscope eval --model stub --api-url {stub.url} --datasets {split.dataset} "
            f"--dataset-args '{json.dumps(args)}' --output-format json",
            cwd,
        )
    assert done.returncode == (1 if split.num_failed else 0), done.stderr
    root = cwd / "outputs" / "latest"
    return Run(
        split=split,
        rows=by_subset((row.subset, row) for row in rows),
        said={line["prompt"]: line for line in json_rows(verdicts)},
        predictions=stored_rows(root / "predictions/stub"),
        reviews=stored_rows(root / "reviews/stub"),
        printed=json.loads(done.stdout)[split.dataset],
        stored=json.loads((root / f"reports/stub/{split.dataset}.json").read_text(encoding="utf-8")),
    )


def stored_rows(folder: Path) -> dict[str, list[Json]]:
    return by_subset((row["subset"], row) for path in sorted(folder.glob("*.jsonl")) for row in json_rows(path))


def by_subset(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    grouped: defaultdict[str, list[T]] = defaultdict(list)
    for subset, row in pairs:
        grouped[subset].append(row)
    return dict(grouped)


def test_every_official_record_ends_in_one_row(run: Run):
    assert run.reviews.keys() == run.predictions.keys() == run.rows.keys()
    assert len(run.reviews) == run.split.num_subsets
    assert sum(map(len, run.reviews.values())) == run.split.num_records
    for subset, rows in run.reviews.items():
        ids = [row["sample_id"] for row in rows]
        assert len(set(ids)) == len(ids) == len(run.rows[subset])
        assert [row["sample_id"] for row in run.predictions[subset]] == ids


def test_every_sample_is_asked_the_question_of_its_record(run: Run):
    for subset, rows in run.rows.items():
        for row, asked in zip(rows, run.predictions[subset], strict=True):
            said = run.said[digest_in_log(asked)]
            assert said["question"] == row.question.strip(), f"sample {asked['sample_id']} of {subset}"
            assert said["verdict"] != "unknown"


def test_every_sample_ends_in_the_class_of_its_reply(run: Run):
    differing = [
        f"{subset}/{review['sample_id']}: {said['answer']!r} is {review['outcome']}, not {expected}"
        for subset, rows in run.rows.items()
        for row, asked, review in zip(rows, run.predictions[subset], run.reviews[subset], strict=True)
        for said in [run.said[digest_in_log(asked)]]
        for expected in [class_of(said, row, run.split)]
        if review["outcome"] != expected
    ]
    assert not differing, f"{len(differing)} differ: {differing[:20]}"


def test_the_report_counts_what_the_stub_said(run: Run):
    expected = Counter(
        class_of(run.said[digest_in_log(asked)], row, run.split)
        for subset, rows in run.rows.items()
        for row, asked in zip(rows, run.predictions[subset], strict=True)
    )
    num = run.split.num_records - run.split.num_failed
    assert run.printed["outcomes"] == dict(expected)
    assert run.printed["num"] == num
    assert run.printed["score"] == pytest.approx(expected["correct"] / num, abs=1e-12)
    assert max(row["failed"] for row in run.printed["rows"]) == run.split.num_failed
    assert run.stored == run.printed


def test_all_kinds_of_replies_came_in_their_shares(run: Run):
    shares = {**SHARES, "correct": P_CORRECT * (1 - sum(SHARES.values()))}
    shares["wrong"] = 1 - sum(shares.values())
    came, num = Counter(line["verdict"] for line in run.said.values()), len(run.said)
    for kind, share in shares.items():
        assert abs(came[kind] - share * num) <= 5 * math.sqrt(num * share * (1 - share)), f"{kind}: {came}"


def digest_in_log(asked: Json) -> str:
    return f"{digest_of(chr(10).join(message['content'] for message in asked['messages'])):016x}"


def class_of(said: Json, row: Row, split: Split) -> str:
    """The class that a reply was made for.

    Where records ask the same and differ in what is right, as two of ceval do, one reply serves them all: then what
    was said decides, and not what the stub took it for.
    """
    kind = said["verdict"]
    if row.unscored:
        return "scoring_failed"
    if kind in CLASSES:
        return split.classes.get(kind, CLASSES[kind])
    is_right = kind == "correct" if row.shuffled else said["answer"] == row.right
    return "correct" if is_right else "wrong"
