"""Collections: samples drawn by weight, evenly or in proportion, and one score out of several data sets."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest
import yaml

from evalscope import TaskConfig, run_task
from evalscope.comparison.compare import compare
from evalscope.comparison.read import read_entrants
from evalscope.config import DatasetArgs
from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL
from evalscope.engine.verifying import verify
from evalscope.errors import ConfigError, DatasetError
from evalscope.models.mock import MockModel
from evalscope.registry import find_benchmark
from evalscope.reports.table import describe_asking
from evalscope.run import score_again
from evalscope.runs.folder import open_run_folder
from evalscope.sources.amounts import allot
from evalscope.sources.drawing import draw
from evalscope.sources.load import load
from evalscope.sources.supply import Supply
from tests.commands import shell
from tests.own_data import write_arc, write_gsm8k

MIXED = {
    "name": "my_index",
    "num": 12,
    "datasets": [
        {"name": "gsm8k", "weight": 2, "tags": ["math", "reasoning"], "task": "solving"},
        {"name": "arc", "weight": 1, "tags": ["science", "reasoning"], "task": "choosing"},
    ],
}


@pytest.fixture
def sets(tmp_path):
    """gsm8k with 12 samples, arc with 12 in each of two subsets."""
    return {
        "gsm8k": {"local_path": str(write_gsm8k(tmp_path / "data" / "gsm8k")), "few_shot_num": 2},
        "arc": {"local_path": str(write_arc(tmp_path / "data" / "arc") or tmp_path / "data" / "arc")},
    }


class Asked:
    """A model that answers "ANSWER: A" (and so a quarter of arc), and remembers what it was asked."""

    def __init__(self, reply="ANSWER: A"):
        self.texts = []
        self.model = MockModel(lambda messages: self.texts.append(messages[-1].content) or reply, name="m")


def run(tmp_path, sets, collection=MIXED, model=None, **changes):
    names = [entry if isinstance(entry, str) else entry["name"] for entry in collection["datasets"]]
    own = {name: args for name, args in sets.items() if name in names}
    task = {"model": model or Asked().model, "model_id": "m", "collection": collection, "dataset_args": own}
    return run_task({**task, "work_dir": tmp_path / "runs", "quiet": True, **changes})


def rows_of(report, metric):
    return {(row.subset, row.categories): row for row in report.rows if row.metric == metric}


def asked_ids(folder: Path, dataset: str) -> set[tuple[str, str]]:
    rows = [
        json.loads(line)
        for path in sorted((folder / "predictions" / "m").glob(f"{dataset}_*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {(row["subset"], row["sample_id"]) for row in rows}


# --- how many


@pytest.mark.parametrize(
    ("total", "weights", "most", "given"),
    [
        (12, [2, 1], [100, 100], (8, 4)),
        (10, [1, 1, 1], [100, 100, 100], (4, 3, 3)),
        (12, [2, 1], [5, 100], (5, 7)),
        (30, [5, 3, 2], [4, 6, 100], (4, 6, 20)),
        (7, [0.1, 0.2, 0.4], [9, 9, 9], (1, 2, 4)),
        (3, [1000, 1], [9, 9], (3, 0)),
        (18, [1, 1], [9, 9], (9, 9)),
    ],
    ids=["by weight", "remainders", "one is full", "two are full", "fractions", "nothing left", "all"],
)
def test_samples_are_shared_out_by_weight_and_none_beyond_what_is_there(total, weights, most, given):
    assert allot(total, weights, most) == given


@pytest.mark.parametrize(
    ("sampling", "nums"),
    [("weighted", (8, 4)), ("even", (6, 6)), ("proportional", (4, 8)), ("evenly", (6, 6))],
)
def test_samples_are_drawn_by_weight_evenly_or_in_proportion_to_size(tmp_path, sets, sampling, nums):
    reports = run(tmp_path, sets, {**MIXED, "sampling": sampling})
    assert (reports["gsm8k"].num, reports["arc"].num) == nums
    assert reports["my_index"].num == 12


def test_a_data_set_may_have_a_number_of_its_own(tmp_path, sets):
    first, second = MIXED["datasets"]
    reports = run(tmp_path, sets, {**MIXED, "datasets": [{**first, "num": 3}, second]})
    assert (reports["gsm8k"].num, reports["arc"].num) == (3, 9)
    alone = {"name": "own", "datasets": [{**first, "num": 3}, "arc"]}
    reports = run(tmp_path, sets, alone)
    assert (reports["gsm8k"].num, reports["arc"].num, reports["own"].num) == (3, 24, 27)


# --- which


def test_drawn_samples_are_those_of_the_plain_data_set_in_the_same_words(tmp_path, sets):
    drawn, plain = Asked(), Asked()
    run(tmp_path, sets, model=drawn.model, run_name="drawn")
    run_task(
        {
            "model": plain.model,
            "model_id": "m",
            "datasets": ["gsm8k", "arc"],
            "dataset_args": sets,
            "work_dir": tmp_path / "runs",
            "run_name": "plain",
            "quiet": True,
        }
    )
    assert len(drawn.texts) == 12
    assert set(drawn.texts) < set(plain.texts)
    for name in ("gsm8k", "arc"):
        own, every = (_rows_by_id(tmp_path / "runs" / run_name, name) for run_name in ("drawn", "plain"))
        assert own.items() < every.items()  # keys, prompts and all


def _rows_by_id(folder, dataset):
    found = {}
    for path in (folder / "predictions" / "m").glob(f"{dataset}_*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["subset"], row["sample_id"]] = (row["key"], json.dumps(row["messages"]))
    return found


def test_another_seed_draws_others_and_the_same_seed_the_same(tmp_path, sets):
    for name, seed in (("one", 1), ("two", 2), ("again", 1)):
        run(tmp_path, sets, run_name=name, seed=seed)
    one, two, again = (asked_ids(tmp_path / "runs" / name, "arc") for name in ("one", "two", "again"))
    assert one == again != two


def test_a_larger_collection_goes_on_in_the_same_run_and_asks_nothing_twice(tmp_path, sets):
    first, more = Asked(), Asked()
    run(tmp_path, sets, model=first.model, run_name="one")
    reports = run(tmp_path, sets, {**MIXED, "num": 18}, model=more.model, use_cache=tmp_path / "runs" / "one")
    assert (len(first.texts), len(more.texts)) == (12, 6)
    assert not set(first.texts) & set(more.texts)
    assert reports["my_index"].num == 18


def test_a_limit_leaves_the_first_of_each_subset_among_those_that_are_drawn(tmp_path, sets):
    run(tmp_path, sets, run_name="whole")
    reports = run(tmp_path, sets, run_name="few", limit=2)
    assert reports["gsm8k"].num == 2
    assert asked_ids(tmp_path / "runs" / "few", "arc") < asked_ids(tmp_path / "runs" / "whole", "arc")


def test_every_sample_is_drawn_as_often_as_any_other(sets):
    args = DatasetArgs(**sets["arc"])
    loaded = load(find_benchmark("arc"), args, supply=Supply(), limit=None, seed=0)
    counts = Counter()
    for seed in range(300):
        drawn = draw(loaded, 6, seed=str(seed), limit=None)
        own = [(subset.name, sample.id) for subset in drawn.subsets for sample in subset.samples]
        assert len(own) == len(set(own)) == 6
        counts.update(own)
    assert len(counts) == 24
    assert min(counts.values()) > 45  # 75 are due, give or take 7.5
    assert max(counts.values()) < 105


def test_a_part_of_a_data_set_has_the_digests_of_its_own_records(sets):
    args = DatasetArgs(**sets["arc"], shuffle=True)
    loaded = load(find_benchmark("arc"), args, supply=Supply(), limit=None, seed=0)
    drawn = draw(loaded, 7, seed="x", limit=None)
    whole = {sample.id: sample for subset in loaded.subsets for sample in subset.samples}
    for part in drawn.subsets:
        (subset,) = (one for one in loaded.subsets if one.name == part.name)
        assert part.num == len(list(part.samples)) == len(part.digests.rows)
        assert all(whole[sample.id] == sample for sample in part.samples)
        for place, row in enumerate(part.digests.rows):
            assert part.digests.record(place) == subset.digests.record(list(subset.digests.rows).index(row))
    assert drawn.fingerprint != loaded.fingerprint
    assert drawn.fingerprint == draw(loaded, 7, seed="x", limit=None).fingerprint


# --- the report


def test_the_score_is_weighted_and_stands_beside_the_plain_ones(tmp_path, sets):
    report = run(tmp_path, sets, {**MIXED, "sampling": "even"})["my_index"]
    arc = rows_of(report, "WeightedAverage")["arc", ("choosing",)].score
    assert 0 < arc < 1
    weighted, plain = rows_of(report, "WeightedAverage"), rows_of(report, "Average")
    assert report.score == weighted[OVERALL, ()].score == pytest.approx((2 * 0 + arc) / 3)
    assert plain[OVERALL, ()].score == pytest.approx(arc / 2)
    assert plain[MEAN_OF_SUBSETS, ()].score == pytest.approx(arc / 2)
    assert report.num == plain[OVERALL, ()].num == 12


def test_the_report_has_rows_for_data_sets_tasks_and_tags_with_intervals(tmp_path, sets):
    report = run(tmp_path, sets)["my_index"]
    weighted, plain = rows_of(report, "WeightedAverage"), rows_of(report, "Average")
    assert list(weighted) == [
        ("gsm8k", ("solving",)),
        ("arc", ("choosing",)),
        (OVERALL, ("task", "solving")),
        (OVERALL, ("task", "choosing")),
        (OVERALL, ("tag", "math")),
        (OVERALL, ("tag", "reasoning")),
        (OVERALL, ("tag", "science")),
        (OVERALL, ()),
    ]
    assert set(plain) == {key for key in weighted if key[0] == OVERALL} | {(MEAN_OF_SUBSETS, ())}
    for row in report.rows:
        assert row.ci_low <= row.score <= row.ci_high
        assert row.ci_low < row.ci_high
    assert weighted[OVERALL, ("tag", "reasoning")].num == 12


def test_the_weighted_error_is_that_of_independent_parts(tmp_path, sets):
    report = run(tmp_path, sets)["my_index"]
    rows = rows_of(report, "WeightedAverage")
    parts = [(2, rows["gsm8k", ("solving",)]), (1, rows["arc", ("choosing",)])]
    assert rows[OVERALL, ()].stderr == pytest.approx(math.hypot(*(weight * row.stderr for weight, row in parts)) / 3)
    above = math.hypot(*(weight * (row.ci_high - row.score) for weight, row in parts)) / 3
    assert rows[OVERALL, ()].ci_high - rows[OVERALL, ()].score == pytest.approx(above)


def test_tags_that_are_not_given_are_those_of_the_benchmark(tmp_path, sets):
    report = run(tmp_path, sets, {"name": "x", "num": 4, "datasets": ["gsm8k", {"name": "arc", "tags": []}]})["x"]
    categories = [row.categories for row in report.rows if row.categories[:1] == ("tag",)]
    assert ("tag", "mathematics") in categories
    assert ("tag", "multiple-choice") not in categories


def test_a_data_set_without_a_score_is_left_out_and_named(tmp_path, sets):
    def fails(messages):
        if "animal" in messages[-1].content:
            raise RuntimeError("no answer")
        return "ANSWER: 1"

    reports = run(tmp_path, sets, model=MockModel(fails, name="m"))
    assert reports["my_index"].asked["notes"] == ["arc has no score, and is left out of the weighted one"]
    assert reports["my_index"].score == reports["gsm8k"].score
    assert reports["my_index"].outcomes["request_failed"] == 4


def test_the_report_is_told_printed_drawn_and_written(tmp_path, sets, capsys):
    reports = run(tmp_path, sets, run_name="one")
    assert describe_asking(reports["my_index"].asked).startswith("a collection of 2 data sets")
    out = capsys.readouterr().out
    assert "my_index" in out
    stored = json.loads((tmp_path / "runs" / "one" / "reports" / "m" / "my_index.json").read_text(encoding="utf-8"))
    assert stored["score"] == pytest.approx(reports["my_index"].score)
    assert stored["asked"]["weights"] == {"gsm8k": 2.0, "arc": 1.0}
    page = (tmp_path / "runs" / "one" / "reports" / "report.html").read_text(encoding="utf-8")
    assert "my_index" in page
    notes = reports["arc"].asked["notes"]
    assert any("collection my_index: 4 of 24 samples, drawn by seed 42" in note for note in notes)


def test_grading_again_draws_the_same_samples_and_makes_the_same_report(tmp_path, sets, capsys):
    before = run(tmp_path, sets, run_name="one")
    after = score_again(tmp_path / "runs" / "one", {"quiet": True}).reports
    assert after["my_index"].rows == before["my_index"].rows
    assert after["my_index"].data_fingerprint == before["my_index"].data_fingerprint


def test_a_run_of_a_collection_is_verified_data_set_by_data_set(tmp_path, sets):
    run(tmp_path, sets, run_name="one", limit=3)
    found = {(one.dataset, one.what): one for one in verify(open_run_folder(tmp_path / "runs" / "one"), {})}
    assert all(one.is_same for one in found.values())
    assert "3 records" in found["gsm8k", "data"].said
    path = tmp_path / "data" / "gsm8k" / "test.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("Nora", "Mona"), encoding="utf-8")
    found = {(one.dataset, one.what): one for one in verify(open_run_folder(tmp_path / "runs" / "one"), {})}
    assert found["gsm8k", "data"].is_same is False
    assert found["arc", "data"].is_same


def test_two_runs_of_a_collection_are_compared_by_weight(tmp_path, sets):
    run(tmp_path, sets, run_name="one")
    run(tmp_path, sets, model=Asked("ANSWER: B").model, run_name="two")
    (comparison,) = compare(read_entrants([tmp_path / "runs" / "one", tmp_path / "runs" / "two"]))
    found = {one.dataset: one.difference for one in comparison.datasets}
    assert list(found) == ["arc", "gsm8k", "my_index", OVERALL]
    assert found["my_index"].value == pytest.approx((2 * found["gsm8k"].value + found["arc"].value) / 3)
    assert found["my_index"].ci_low <= found["my_index"].value <= found["my_index"].ci_high
    assert (found["my_index"].num, found["my_index"].gained) == (12, found["arc"].gained)


def test_runs_with_other_weights_are_not_compared_in_secret(tmp_path, sets):
    run(tmp_path, sets, {**MIXED, "sampling": "even"}, run_name="one")
    first, second = MIXED["datasets"]
    other = {**MIXED, "sampling": "even", "datasets": [first, {**second, "weight": 5}]}
    run(tmp_path, sets, other, run_name="two")
    with pytest.raises(ConfigError, match="my_index: weights of data sets"):
        list(compare(read_entrants([tmp_path / "runs" / "one", tmp_path / "runs" / "two"])))


# --- what is written


def test_a_file_is_read_from_the_command_line(tmp_path, sets):
    path = tmp_path / "my_index.yaml"
    datasets = [{**entry, "args": sets[entry["name"]]} for entry in MIXED["datasets"]]
    path.write_text(yaml.safe_dump({**MIXED, "datasets": datasets}), encoding="utf-8")
    done = shell(f"evalscope eval --eval-type mock_llm --model m --collection {path} --output-format json", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["my_index"]["num"] == 12
    done = shell(f"evalscope eval --eval-type mock_llm --model m --collection {path} --dry-run", tmp_path)
    assert "12 requests" in done.stdout


def test_settings_of_the_task_go_over_those_of_the_collection(tmp_path, sets):
    few = {**MIXED, "datasets": [{"name": "gsm8k", "args": {**sets["gsm8k"], "few_shot_num": 1}}]}
    reports = run(tmp_path, {}, few)
    assert reports["gsm8k"].asked["few_shot_num"] == 1
    reports = run(tmp_path, {"gsm8k": {"few_shot_num": 3}}, few)
    assert reports["gsm8k"].asked["few_shot_num"] == 3


REFUSED = {
    "a key": ({"wieght": 2, "name": "gsm8k"}, "data set 1 (gsm8k): a data set of the collection has no key 'wieght'"),
    "the nearest key": ({"wieght": 2, "name": "gsm8k"}, "did you mean 'weight'?"),
    "an argument": ({"few_shot_num": 2, "name": "gsm8k"}, "it is one of its args"),
    "a weight": ({"weight": 0, "name": "gsm8k"}, "weight: a number over 0 is needed; found 0"),
    "a weight in words": ({"weight": "much", "name": "gsm8k"}, "weight: a number is needed; found 'much'"),
    "no weight at all": ({"weight": float("nan"), "name": "gsm8k"}, "weight: a finite number is needed"),
    "a number of samples": ({"num": 0, "name": "gsm8k"}, "num: at least 1 is needed"),
    "a key of args": ({"name": "gsm8k", "args": {"few_shot": 1}}, "did you mean 'few_shot_num'"),
    "no name": ({"weight": 2}, "data set 1 (without a name)"),
    "no mapping": (5, "data set 1: a name or a mapping is needed; found 5"),
}


@pytest.mark.parametrize(("entry", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_data_set_that_cannot_be_is_refused_and_named(entry, message):
    with pytest.raises(ConfigError) as caught:
        TaskConfig(collection={"name": "x", "datasets": [entry]})
    assert message in str(caught.value)


WRONG = {
    "a key": ({"nam": "x", "datasets": ["gsm8k"]}, "the collection has no key 'nam'; did you mean 'name'"),
    "no name": ({"datasets": ["gsm8k"]}, "the collection: name: it is needed, and is not there"),
    "no data set": ({"name": "x", "datasets": []}, "a list of data sets"),
    "sampling": ({"name": "x", "num": 2, "sampling": "evn", "datasets": ["gsm8k"]}, "did you mean 'even'"),
    "sampling of all": ({"name": "x", "sampling": "even", "datasets": ["gsm8k"]}, "sampling has no effect without num"),
    "sums": ({"name": "x", "num": 3, "datasets": [{"name": "gsm8k", "num": 4}]}, "num is 3, and the nums"),
    "a name of two lines": ({"name": "x\ny", "datasets": ["gsm8k"]}, "a short name in one line"),
    "a path": ("nowhere.yaml", "'nowhere.yaml' does not exist"),
    "a number": (7, "the path of a YAML file, or a mapping, is needed; found 7"),
}


@pytest.mark.parametrize(("collection", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_collection_that_cannot_be_is_refused(collection, message):
    with pytest.raises(ConfigError) as caught:
        TaskConfig(collection=collection)
    assert message in str(caught.value)


def test_the_file_at_fault_is_named(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ndatasets:\n- {name: gsm8k, weigth: 2}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.yaml: data set 1 \(gsm8k\)"):
        TaskConfig(collection=path)
    path.write_text("name: x\nname: y\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.yaml:2:1: key 'name' is written twice"):
        TaskConfig(collection=path)


def test_names_of_data_sets_and_numbers_are_checked_before_anything_is_asked(tmp_path, sets):
    asked = Asked()
    cases = [
        ({"name": "x", "datasets": ["gsm9k"]}, ConfigError, "did you mean 'gsm8k'"),
        ({"name": "x", "datasets": ["gsm8k", "gsm8k"]}, ConfigError, "named twice"),
        ({"name": "GSM8K", "datasets": ["arc"]}, ConfigError, "as a data set is"),
        ({"name": "x", "num": 99, "datasets": ["gsm8k"]}, DatasetError, "there are 12; lower num by 87"),
        ({"name": "x", "datasets": [{"name": "gsm8k", "num": 13}]}, DatasetError, "draws 13 samples, and there are 12"),
        (
            {"name": "x", "num": 2, "datasets": ["gsm8k", {"name": "arc", "weight": 0.01}]},
            ConfigError,
            "no sample for arc; raise num",
        ),
    ]
    for collection, kind, message in cases:
        with pytest.raises(kind, match=message):
            run(tmp_path, sets, collection, model=asked.model)
    assert asked.texts == []


def test_data_sets_beside_a_collection_are_refused():
    with pytest.raises(ConfigError, match="datasets has no place beside it"):
        TaskConfig(collection=MIXED, datasets=["mmlu"])
