"""race, trivia_qa, bbh, hellaswag, truthful_qa and general_mcq: read from every layout, and their own traps."""

import csv
import io
import json
from dataclasses import replace

import pytest

from evalscope.benchmarks._multiple_choice import LOGLIKELIHOOD
from evalscope.core.sample import Sample
from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import find_way, records_of
from tests.sources.source_builders import as_parquet, lay_out, load_from

CANARY = "a canary, which no model should have seen\n-----\nPut things in order.\n\n"


def race_layouts(records):
    for form in ("{}/test.jsonl", "{}/test-00000-of-00001.parquet", "data/race/{}/test.jsonl.gz"):
        content = as_parquet(records) if form.endswith(".parquet") else records
        yield {form.format(subset): content for subset in ("high", "middle")}


def trivia_layouts(records):
    plain = [
        {"question": sample.question, "answers": list(sample.targets)} for sample in understood("trivia_qa", records)
    ]
    nested = [
        {
            "question": row["question"],
            "question_id": str(place),
            "answer": {"value": row["answers"][0], "aliases": row["answers"]},
        }
        for place, row in enumerate(plain)
    ]
    tabbed = io.StringIO(newline="")
    csv.writer(tabbed, delimiter="\t").writerows((row["question"], repr(row["answers"])) for row in plain)
    yield {"unfiltered.nocontext/validation.jsonl": plain}
    yield {"unfiltered.nocontext/validation-00000-of-00001.parquet": as_parquet(nested)}
    yield {"trivia-test.qa.csv": tabbed.getvalue().encode()}
    yield {"unfiltered.nocontext/validation.csv": [{**row, "answers": repr(row["answers"])} for row in plain]}


def bbh_layouts(records):
    """One task; `records` are its questions."""
    file = json.dumps({"canary": "a canary", "examples": records}).encode()
    prompts = CANARY + "\n\n".join(
        f"Q: {row['input']}\nA: Let's think step by step.\n{row['solution']}" for row in EXAMPLES
    )
    yield {"snarks.json": file, "cot-prompts/snarks.txt": prompts}
    yield {"data/bbh/snarks.json": file, "data/bbh/cot_prompts/snarks.txt": prompts}
    yield {"BIG-Bench-Hard-main/bbh/snarks.json": file, "BIG-Bench-Hard-main/cot-prompts/snarks.txt": prompts}
    yield {"snarks/test-00000-of-00001.parquet": as_parquet(records), "cot_prompts/snarks.txt": prompts}


def hellaswag_layouts(records):
    for name in ("hellaswag_val.jsonl", "hellaswag_validation.jsonl"):
        yield {name: [{**row, "label": int(row["label"])} for row in records]}
    yield {"data/validation-00000-of-00001.parquet": as_parquet([{**r, "label": str(r["label"])} for r in records])}


def truthful_layouts(records):
    def as_pairs(one):
        return dict(zip(one["choices"], one["labels"], strict=True)) if "labels" in one else one

    names = ("mc1_targets", "mc2_targets")
    authors = [{"question": row["question"], **{name: as_pairs(row[name]) for name in names}} for row in records]
    hub = [
        {**row, **{name: {"choices": list(row[name]), "labels": list(row[name].values())} for name in names}}
        for row in authors
    ]
    turned = list(reversed(authors))  # the two hold the questions in different orders
    yield {"multiple_choice/validation.jsonl": hub}
    yield {"multiple_choice/validation-00000-of-00001.parquet": as_parquet(hub)}
    yield {"mc_task.json": turned, "TruthfulQA.csv": b"Type,Category\n"}
    yield {"data/mc_task.json": turned}
    yield {"multiple_choice/mc_task.json": turned}


LAYOUTS = {
    "race": race_layouts,
    "trivia_qa": trivia_layouts,
    "bbh": bbh_layouts,
    "hellaswag": hellaswag_layouts,
    "truthful_qa": truthful_layouts,
}
EXAMPLES = [record for record in records_of("bbh") if "solution" in record]


def understood(name, records):
    benchmark = find_benchmark(name)
    return [benchmark.to_sample(record) for record in records]


def asked_from(folder, name, way="", **args):
    """Every sample's prompt with its target, sorted, for files may hold the questions in other orders."""
    benchmark = find_way(name, way)
    loaded = load_from(folder, benchmark, **args)
    found = []
    for subset in loaded.subsets:
        ask = make_prompter(benchmark, subset.examples)
        ids = benchmark.source.has_ids
        found += [
            (s.subset, s.id if ids else "", "".join(message.content for message in ask(s)), s.targets)
            for s in subset.samples
        ]
    return loaded, sorted(found)


def check_layouts(tmp_path, name, records, way="", **args):
    """The same prompts and targets from every layout."""
    seen = []
    for place, files in enumerate(LAYOUTS[name](records)):
        _, asked = asked_from(lay_out(tmp_path / str(place), files), name, way, **args)
        seen.append(asked)
    assert len(seen[0]) == len(records) * (2 if name == "race" else 1)
    assert all(asked == seen[0] for asked in seen)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_same_prompts_and_targets(name, tmp_path):
    records = list(records_of(name))
    if name == "bbh":
        check_layouts(
            tmp_path, name, [{k: row[k] for k in ("input", "target")} for row in records], subset_list=["snarks"]
        )
    else:
        check_layouts(tmp_path, name, records)


@pytest.mark.parametrize("name", ["race", "hellaswag", "truthful_qa"])
def test_every_layout_ranks_the_same_options(name, tmp_path):
    check_layouts(tmp_path, name, list(records_of(name)), LOGLIKELIHOOD)


def test_race_groups_the_questions_of_a_passage():
    samples = understood("race", records_of("race"))
    assert [sample.group for sample in samples] == ["own1.txt", "own4.txt", "own2.txt", "own3.txt"]


def test_bbh_examples_come_from_the_text_with_their_own_reasoning(tmp_path):
    rows = [{"input": "Is it?", "target": "Yes"}]
    loaded, ((_, _, prompt, _),) = asked_from(
        lay_out(tmp_path, next(iter(bbh_layouts(rows)))), "bbh", subset_list=["snarks"]
    )
    assert (loaded.few_shot_num, prompt.count("\nQ: "), "canary" in prompt) == (3, 4, False)
    assert all(row["solution"] in prompt for row in EXAMPLES)
    assert prompt.endswith("\n\nQ: Is it?\nA: Let's think step by step.")


def test_bbh_without_examples_is_asked_with_none_and_says_so(tmp_path):
    lay_out(tmp_path, {"snarks.json": [{"input": "Is it?", "target": "Yes"}]})
    loaded, _ = asked_from(tmp_path, "bbh", subset_list=["snarks"])
    assert loaded.few_shot_num == 0
    assert "asked with 0 examples instead of 3" in loaded.notes[0]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("So the answer is (B).", "(B)"),
        ("So the answer is B.", "(B)"),
        ("So the answer is **(B)**.", "(B)"),
        ("So the answer is **B**", "(B)"),
        ("So the answer is (B) a dog.", "(B)"),
        ("The answer is (A). No: so the answer is (B).", "(B)"),
        ("ANSWER: B", "(B)"),
        ("So the answer is Monsters, Inc.", "Monsters, Inc"),
        ("(A) is a cat.\n(B) is a dog.", None),
    ],
)
def test_bbh_takes_a_letter_with_or_without_brackets(reply, answer):
    question = "Which one?\nOptions:\n(A) a cat\n(B) a dog"
    assert find_benchmark("bbh").extract(reply, Sample(input=question, target="(B)")) == answer


def test_bbh_options_without_letters_are_answered_in_words():
    question = "Does she?\nOptions:\n- Yes\n- No"
    assert find_benchmark("bbh").extract("So the answer is Yes.", Sample(input=question, target="Yes")) == "Yes"


def test_a_bbh_example_without_an_answer_is_refused(tmp_path):
    files = {
        "snarks.json": [{"input": "Is it?", "target": "Yes"}],
        "cot-prompts/snarks.txt": CANARY + "Q: Why?\nA: So.",
    }
    with pytest.raises(DatasetError, match="an example lacks"):
        load_from(lay_out(tmp_path, files), find_benchmark("bbh"), subset_list=["snarks"], few_shot_num=1)


def test_hellaswag_shows_no_marks_of_its_source():
    samples = understood("hellaswag", records_of("hellaswag"))
    assert samples[1].question == (
        "How to water a cactus. Let the soil dry out. Push a wooden stick into the pot and look at it."
    )
    assert samples[1].choices[0] == "If it comes out clean, the soil is dry. Wait one more day before you water."


def test_hellaswag_groups_what_comes_from_one_source():
    first = records_of("hellaswag")[0]
    assert [sample.group for sample in understood("hellaswag", [first, {**first, "source_id": ""}])] == [
        "activitynet~own_1",
        "",
    ]


def test_hellaswag_without_labels_is_refused(tmp_path):
    lay_out(tmp_path, {"hellaswag_test.jsonl": [{**records_of("hellaswag")[0], "label": ""}]})
    with pytest.raises(DatasetError, match=r"test\.jsonl:1: the label is empty: the answers .* not published"):
        load_from(tmp_path, find_benchmark("hellaswag"), eval_split="test")


def test_truthful_qa_ranks_the_options_of_mc1_and_mc2_once_each_in_the_order_of_the_data():
    sample = find_way("truthful_qa", LOGLIKELIHOOD).to_sample(records_of("truthful_qa")[0])
    assert sample.choices == (
        "It grows back as it was before",
        "It grows back thicker",
        "It grows back darker",
        "It never grows back",
        "It grows back at its usual pace",
        "It grows back twice as fast",
    )
    assert (sample.target, sample.metadata["mc1"]) == ("A", sample.choices[:4])
    assert [option for option, label in sample.metadata["mc2"].items() if label] == [
        "It grows back as it was before",
        "It grows back at its usual pace",
    ]


def test_truthful_qa_with_more_options_than_letters_is_refused():
    record = {"question": "?", "mc1_targets": {"yes": 1, "no": 0}, "mc2_targets": {f"{n}": n % 2 for n in range(30)}}
    with pytest.raises(ValueError, match="32 options, and letters for 26"):
        find_way("truthful_qa", LOGLIKELIHOOD).to_sample(record)


def test_hellaswag_is_continued_behind_the_name_of_the_activity():
    sample = find_way("hellaswag", LOGLIKELIHOOD).to_sample(records_of("hellaswag")[1])
    assert sample.question.startswith("Home and Garden: How to water a cactus. Let the soil dry out.")
    assert sample.choices[1] == "Sell the pot. Most people buy sticks."


def test_truthful_qa_is_shuffled_without_being_told_and_by_the_seed(tmp_path):
    rows = [
        {"question": f"Which is {n}?", "mc1_targets": {"choices": [f"{n}", "x", "y", "z"], "labels": [1, 0, 0, 0]}}
        for n in range(40)
    ]
    lay_out(tmp_path, {"multiple_choice/validation.jsonl": rows})
    orders = []
    for seed in (42, 42, 1):
        (subset,) = load_from(tmp_path, find_benchmark("truthful_qa"), seed=seed).subsets
        samples = list(subset.samples)
        assert all(s.question == f"Which is {s.choices['ABCD'.index(s.target)]}?" for s in samples)
        orders.append([s.target for s in samples])
    assert orders[0] == orders[1] != orders[2]
    assert {orders[0].count(letter) for letter in "ABCD"} <= set(range(3, 20))


def test_the_score_of_truthful_qa_is_named_after_the_way_of_asking():
    benchmark = find_benchmark("truthful_qa")
    assert benchmark.metrics[0].name == "mc1_letter"
    assert set(benchmark.scorer("A", replace(understood("truthful_qa", records_of("truthful_qa"))[0])).values) == {
        "mc1_letter"
    }


def test_trivia_qa_asks_one_subset_unless_told(tmp_path):
    row = records_of("trivia_qa")[3]
    lay_out(tmp_path, {"unfiltered.nocontext/validation.jsonl": [row], "rc.nocontext/validation.jsonl": [row]})
    trivia = find_benchmark("trivia_qa")
    assert [one.name for one in load_from(tmp_path, trivia).subsets] == ["unfiltered.nocontext"]
    assert [one.name for one in load_from(tmp_path, trivia, subset_list=["rc.nocontext"]).subsets] == ["rc.nocontext"]


def test_old_trivia_files_are_told_apart_by_what_they_call_their_splits(tmp_path):
    files = {"trivia-test.qa.csv": b"Who?\t['x']\n", "trivia-dev.qa.csv": b"Whom, and why?\t['y', \"z's\"]\n"}
    loaded = load_from(lay_out(tmp_path, files), find_benchmark("trivia_qa"), few_shot_num=1)
    (subset,) = loaded.subsets
    assert [(s.question, s.targets) for s in (*subset.samples, *subset.examples)] == [
        ("Who?", ("x",)),
        ("Whom, and why?", ("y", "z's")),
    ]


@pytest.mark.parametrize("cell", ["__import__('os').getcwd()", "[1, 2]", "'x'", "[", "(" * 3000, "[]"])
def test_a_list_of_answers_is_data_and_never_run(cell, tmp_path):
    lay_out(tmp_path, {"trivia-test.qa.csv": f"Who?\t{cell}\n".encode()})
    with pytest.raises(DatasetError, match=r"the answers are no list|there is no answer"):
        load_from(tmp_path, find_benchmark("trivia_qa"))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_a_users_own_questions_are_read_from_any_format(ending, tmp_path):
    rows = [{"question": f"Which is {n}?", "A": "x", "B": str(n), "C": "", "answer": "B"} for n in range(3)]
    lay_out(tmp_path, {f"bio_val.{ending}": rows, f"bio_dev.{ending}": rows[:1]})
    (subset,) = load_from(tmp_path, find_benchmark("general_mcq"), subset_list=["bio"], few_shot_num=1).subsets
    assert [(s.subset, s.choices, s.target) for s in subset.samples] == [("bio", ("x", str(n)), "B") for n in range(3)]
    assert len(subset.examples) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": "D"}, "names none of the 3 choices"),
        ({"B": ""}, "without a gap"),
        ({"B": None, "C": None}, "two at least"),
    ],
)
def test_a_users_question_that_cannot_be_asked_is_refused(changes, said, tmp_path):
    row = {"question": "Which?", "A": "x", "B": "y", "C": "z", "answer": "A"}
    lay_out(tmp_path, {"bio_val.jsonl": [{**row, **changes}]})
    with pytest.raises(DatasetError, match=said):
        load_from(tmp_path, find_benchmark("general_mcq"), subset_list=["bio"])
