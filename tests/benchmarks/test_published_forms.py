"""gpqa, super_gpqa, mmlu_redux, musr, c3, agieval and drop: read from the forms that their authors and hubs publish."""

import json
from inspect import isawaitable

import pytest

from evalscope.config import DatasetArgs, TaskConfig
from evalscope.core.sample import Sample
from evalscope.engine.wishes import with_own_settings
from evalscope.errors import ConfigError, DatasetError
from evalscope.extractors.letters import choice_letter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import records_of, samples_of
from tests.own_data import write_jsonl
from tests.sources.source_builders import lay_out, load_from


def understood(name, *records):
    return [find_benchmark(name).to_sample(record) for record in records]


def loaded_samples(loaded):
    return [sample for subset in loaded.subsets for sample in subset.samples]


# --- gpqa


def test_gpqa_options_are_shuffled_by_the_seed_and_their_letters_go_along(tmp_path):
    benchmark, rows = find_benchmark("gpqa"), records_of("gpqa")
    lay_out(tmp_path, {"gpqa_diamond.csv": list(rows)})
    orders = set()
    for seed in range(8):
        samples = loaded_samples(load_from(tmp_path, benchmark, seed=seed))
        assert [sample.id for sample in samples] == ["own1", "own2", "own3"]
        for sample, row in zip(samples, rows, strict=True):
            assert sample.choices[sample.letters.index(sample.targets[0])] == row["Correct Answer"].strip()
        orders.add(samples[0].choices)
    assert len(orders) > 3
    again = loaded_samples(load_from(tmp_path, benchmark, seed=0))
    assert again == loaded_samples(load_from(tmp_path, benchmark, seed=0))


def test_gpqa_is_asked_as_diamond_unless_another_subset_is_named(tmp_path):
    lay_out(tmp_path, {f"{name}.csv": list(records_of("gpqa")) for name in ("gpqa_diamond", "gpqa_main")})
    names = [subset.name for subset in load_from(tmp_path, find_benchmark("gpqa")).subsets]
    assert names == ["gpqa_diamond"]
    picked = load_from(tmp_path, find_benchmark("gpqa"), subset_list=["gpqa_main"])
    assert [subset.name for subset in picked.subsets] == ["gpqa_main"]


def test_a_gpqa_record_without_an_id_is_known_by_its_question():
    (record, *_) = records_of("gpqa")
    bare = {name: text for name, text in record.items() if name != "Record ID"}
    first, second = understood("gpqa", bare, {**bare, "Question": "Another?"})
    assert first.id
    assert first.id != second.id


# --- super_gpqa, musr


def test_super_gpqa_is_one_file_told_apart_by_discipline(tmp_path):
    rows = [{**row, "discipline": name} for row in records_of("super_gpqa") for name in ("Law", "Science")]
    rows = [{**row, "uuid": str(place)} for place, row in enumerate(rows)]
    write_jsonl(tmp_path / "SuperGPQA-all.jsonl", rows)
    loaded = load_from(tmp_path, find_benchmark("super_gpqa"), subset_list=["Science", "Law"])
    assert [(subset.name, subset.num) for subset in loaded.subsets] == [("Law", 2), ("Science", 2)]


def test_musr_choices_are_read_from_text_in_pythons_form_and_stories_are_groups():
    thief, violin = samples_of(find_benchmark("musr"))
    assert (thief.choices, thief.target) == (("Mira", "Jon"), "B")
    assert violin.choices == ("blue case", "shelf", "teacher's desk")
    (same,) = understood("musr", {**records_of("musr")[1], "question": "Another?"})
    assert violin.group == same.group != thief.group


def test_musr_choices_that_are_no_list_are_refused():
    with pytest.raises(ValueError, match="no list"):
        understood("musr", {**records_of("musr")[0], "choices": "__import__('os').getcwd()"})


# --- mmlu_redux


def redux(tmp_path, **extra):
    write_jsonl(tmp_path / "anatomy" / "test.jsonl", records_of("mmlu_redux"))
    args = DatasetArgs(extra_params=extra)
    benchmark = with_own_settings(find_benchmark("mmlu_redux"), args, TaskConfig())
    return [sample.question for sample in loaded_samples(load_from(tmp_path, benchmark, subset_list=["anatomy"]))]


def test_mmlu_redux_asks_the_sound_questions_unless_told_otherwise(tmp_path):
    assert redux(tmp_path) == ["Which of these numbers is prime?", "How many sides has a hexagon?"]
    assert redux(tmp_path, error_types="wrong_groundtruth") == ["What is the square root of 16?"]
    assert len(redux(tmp_path, error_types=["ok", "wrong_groundtruth"])) == 3


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"error_typ": "ok"}, "has no key 'error_typ'; did you mean 'error_types'"),
        ({"error_types": ["okay"]}, "did you mean 'ok'"),
        ({"error_types": []}, "error_types"),
    ],
    ids=["key", "value", "none"],
)
def test_own_settings_that_cannot_be_are_refused_with_the_nearest_right_one(extra, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        redux(tmp_path, **extra)


def test_own_settings_of_a_benchmark_that_has_none_are_refused():
    with pytest.raises(ConfigError, match="'gsm8k' has no key 'lengths'; this benchmark has no settings of its own"):
        with_own_settings(find_benchmark("gsm8k"), DatasetArgs(extra_params={"lengths": [1]}), TaskConfig())


# --- c3


def test_c3_is_read_from_texts_with_all_their_questions_as_well(tmp_path):
    row = {
        "documents": ["男：这把伞是你的吗？", "女：不是，我的是红色的。"],
        "document_id": "9-1",
        "questions": {
            "question": ["伞是谁的？", "女的的伞是什么颜色？"],
            "choice": [["男的", "不知道"], ["红色", "黑色"]],
            "answer": ["不知道", "红色"],
        },
    }
    one_by_one = [
        dict(zip(row["questions"], cells, strict=True)) for cells in zip(*row["questions"].values(), strict=True)
    ]
    write_jsonl(tmp_path / "dialog" / "test.jsonl", [row, {**row, "document_id": "9-2", "questions": one_by_one}])
    loaded = load_from(tmp_path, find_benchmark("c3"), subset_list=["dialog"], few_shot_num=0)
    samples = loaded_samples(loaded)
    assert [(sample.id, sample.target, sample.group) for sample in samples] == [
        ("0", "B", "9-1"),
        ("1", "A", "9-1"),
        ("2", "B", "9-2"),
        ("3", "A", "9-2"),
    ]
    few = load_from(tmp_path, find_benchmark("c3"), limit=3, subset_list=["dialog"], few_shot_num=0)
    assert [sample.id for sample in loaded_samples(few)] == ["0", "1", "2"]


def test_a_c3_row_that_holds_fewer_answers_than_questions_is_named(tmp_path):
    torn = {"documents": [""], "document_id": "1", "questions": {"question": ["?"], "choice": [["a"]], "answer": []}}
    write_jsonl(tmp_path / "dialog" / "test.jsonl", [torn])
    with pytest.raises(DatasetError, match=r"test\.jsonl:1: no row of questions"):
        load_from(tmp_path, find_benchmark("c3"), subset_list=["dialog"], few_shot_num=0)


def test_an_answer_that_stands_among_the_choices_twice_is_right_at_both_places():
    (row, *_) = records_of("c3")
    (sample,) = understood("c3", {**row, "choice": ["自行车坏了", "自行车坏了", "想锻炼身体"]})
    assert sample.targets == ("A", "B")
    with pytest.raises(ValueError, match="none of the choices"):
        understood("c3", {**row, "answer": "没有"})


# --- agieval

AGIEVAL = {
    "a letter": (0, "Boat 5 it is.\nANSWER: C", 1.0),
    "another letter": (0, "ANSWER: B", 0.0),
    "a Chinese letter": (1, "分析：武汉在长江边。\n答案：A", 1.0),
    "all of several": (2, "答案：AC", 1.0),
    "one of several": (2, "答案：A", 0.0),
    "one too many": (2, "答案：ABC", 0.0),
    "a value": (3, "所以 $x=5$，$x^2=\\boxed{25}$。", 1.0),
    "the value otherwise": (3, "\\boxed{25.0}", 1.0),
    "another value": (4, "It is \\boxed{48}.", 0.0),
}


@pytest.mark.parametrize(("place", "reply", "credit"), AGIEVAL.values(), ids=AGIEVAL.keys())
async def test_agieval_takes_letters_where_there_are_choices_and_expressions_where_not(place, reply, credit):
    benchmark = find_benchmark("agieval")
    sample = samples_of(benchmark)[place]
    score = benchmark.scorer(benchmark.extract(reply, sample), sample)
    score = await score if isawaitable(score) else score
    await benchmark.scorer.aclose()
    assert score.values == {"acc": credit}


def test_agieval_words_each_kind_of_question_in_its_language():
    samples = samples_of(find_benchmark("agieval"))
    assert [sample.wording for sample in samples] == ["", "zh", "several_zh", "cloze_zh", "cloze"]
    assert samples[0].question.startswith("Five boats")  # the passage first
    assert samples[1].choices[0] == "武汉"


def test_a_label_of_several_letters_in_one_text_is_several_answers():
    (sample,) = understood("agieval", {**records_of("agieval")[1], "label": "AC"})
    assert (sample.target, sample.wording) == ("AC", "several_zh")
    with pytest.raises(ValueError, match="names none of the 4 choices"):
        understood("agieval", {**records_of("agieval")[1], "label": None})


# --- drop

PASSAGE = "The club won by 24 to 10 on 3 October."


def test_drop_is_read_from_the_authors_file_with_the_answers_of_several_people(tmp_path):
    no_date = {"day": "", "month": "", "year": ""}
    answer = {"number": "14", "date": no_date, "spans": []}
    pair = {"question": "By how much?", "query_id": "q", "answer": answer, "validated_answers": [answer]}
    date = {"number": "", "date": {"day": "3", "month": "October", "year": ""}, "spans": []}
    texts = {"number": "", "date": no_date, "spans": ["the club", "24"]}
    other = {"question": "Who, and when?", "query_id": "r", "answer": texts, "validated_answers": [date]}
    own = {"own_1": {"passage": PASSAGE, "qa_pairs": [pair, other]}, "own_2": {"passage": "…", "qa_pairs": [pair]}}
    (tmp_path / "drop_dataset_dev.json").write_text(json.dumps(own), encoding="utf-8")
    samples = loaded_samples(load_from(tmp_path, find_benchmark("drop"), few_shot_num=0))
    assert [(sample.targets, sample.group) for sample in samples] == [
        (("14",), "own_1"),
        (("the club\n24", "3 October"), "own_1"),
        (("14",), "own_2"),
    ]


def test_drop_answers_are_read_from_columns_as_well():
    columns = {"number": ["", "5"], "date": [{"day": "", "month": "May", "year": "1871"}, {}], "spans": [[], []]}
    record = {"section_id": "s", "passage": PASSAGE, "question": "?", "answer": {"number": "4"}}
    (sample,) = understood("drop", {**record, "validated_answers": columns})
    assert sample.targets == ("4", "May 1871", "5")


FLAT = {
    "numbers are answers by themselves": (["5", "6"], ["number", "number"], ("5", "6")),
    "what is repeated belongs together": (["a", "b", "a", "b"], ["span"] * 4, ("a\nb",)),
    "one text": (["a"], ["span"], ("a",)),
    "the same text twice": (["a", "a"], ["span"] * 2, ("a",)),
    "texts that are not repeated count alone and together": (["a", "b"], ["span"] * 2, ("a", "b", "a\nb")),
    "a number beside texts": (["3", "a"], ["number", "span"], ("3", "a")),
}


@pytest.mark.parametrize(("spans", "types", "targets"), FLAT.values(), ids=FLAT.keys())
def test_the_hubs_flat_list_is_parted_as_far_as_it_can_be(spans, types, targets):
    record = {"section_id": "s", "passage": PASSAGE, "question": "?"}
    (sample,) = understood("drop", {**record, "answers_spans": {"spans": spans, "types": types}})
    assert sample.targets == targets


def test_a_drop_record_without_an_answer_is_refused():
    record = {"section_id": "s", "passage": PASSAGE, "question": "?"}
    with pytest.raises(ValueError, match="no answer"):
        understood("drop", {**record, "answers_spans": {"spans": [], "types": []}})


def test_choice_letters_reach_to_the_tenth_option():
    sample = Sample(input="?", choices=tuple("abcdefghij"), target="J")
    assert choice_letter("So it must be the last.\nANSWER: J", sample) == "J"
