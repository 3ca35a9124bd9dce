"""mmlu, mmlu_pro, ceval and cmmlu: records understood, from every layout alike."""

import pytest

from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.exam_layouts import Question, layouts_of
from tests.benchmarks.shelf import records_of
from tests.sources.source_builders import lay_out, load_from

SPLITS = {
    "mmlu": ("test", "dev"),
    "mmlu_pro": ("test", "validation"),
    "ceval": ("val", "dev"),
    "cmmlu": ("test", "dev"),
}
SUBJECTS = {
    "mmlu": ("high_school_physics", "anatomy"),
    "mmlu_pro": ("computer science", "law"),
    "ceval": ("law", "accountant"),
    "cmmlu": ("agronomy", "arts"),
}
OFFICIAL = {
    "mmlu": {"STEM": 18, "Humanities": 13, "Social Science": 12, "Other": 14},
    "ceval": {"STEM": 20, "Social Science": 10, "Humanities": 11, "Other": 11},
    "cmmlu": {"STEM": 17, "Social Science": 13, "Humanities": 11, "China specific": 15, "Other": 11},
}
TOTALS = {"mmlu": (57, 14042), "mmlu_pro": (14, 12032), "ceval": (52, 1346), "cmmlu": (67, 11582)}

# spaces at the ends, cells that look like numbers or nothing, quotes, two lines, a repeated choice
TEXTS = (
    " Which of these\nis right? ",
    'What does "so-called" mean, in short?',
    "问题，选哪一个",
    "Which number?",
    "Q\u2028R?",
)
CHOICES = (("None", " 007", "0.50", "1,234"), ("a", "a", 'say "b"', "NA"), ("两\n行", "是", "否", "－"))


def made_up(subject: str, num: int, first: int) -> list[Question]:
    return [
        Question(
            subject=subject,
            text=f"{TEXTS[index % len(TEXTS)]}{index}",
            choices=CHOICES[index % len(CHOICES)],
            letter="ABCD"[index % 4],
            id=index,
            reasoning=f"A: Let's think. It is {index}. The answer is ({'ABCD'[index % 4]}).",
        )
        for index in range(first, first + num)
    ]


def exam_of(name: str):
    asked, examples = SPLITS[name]
    return {
        asked: {subject: made_up(subject, 7 + place, 100) for place, subject in enumerate(SUBJECTS[name])},
        examples: {subject: made_up(subject, 6, 10 * place) for place, subject in enumerate(SUBJECTS[name])},
    }


def asked_from(path, name: str, **args):
    """What is asked of each subset: id, messages and target of every sample."""
    benchmark = find_benchmark(name)
    found = {}
    for subset in load_from(path, benchmark, **args).subsets:
        prompter = make_prompter(benchmark, subset.examples)
        found[subset.name] = [(sample.id, prompter(sample), sample.target) for sample in subset.samples]
    return found


LAYOUTS = [(name, layout) for name in SPLITS for layout in layouts_of(name, exam_of(name))]


@pytest.mark.parametrize(("name", "layout"), LAYOUTS, ids=[": ".join(one) for one in LAYOUTS])
def test_every_layout_is_asked_alike(name, layout, tmp_path):
    layouts = layouts_of(name, exam_of(name))
    subjects = list(SUBJECTS[name])
    first = asked_from(lay_out(tmp_path / "first", layouts[next(iter(layouts))]), name, subset_list=subjects)
    found = asked_from(lay_out(tmp_path / "found", layouts[layout]), name, subset_list=subjects)
    assert found == first
    assert {subject: len(rows) for subject, rows in found.items()} == dict(zip(subjects, (7, 8), strict=True))


@pytest.mark.parametrize("name", SPLITS)
def test_five_solved_examples_of_the_same_subject_go_before_the_question(name, tmp_path):
    layouts = layouts_of(name, exam_of(name))
    found = asked_from(lay_out(tmp_path, next(iter(layouts.values()))), name, subset_list=[SUBJECTS[name][0]])
    (message,) = found[SUBJECTS[name][0]][0][1]
    assert message.content.count("\nA. ") == 6


@pytest.mark.parametrize("name", TOTALS)
def test_subjects_and_records_are_as_many_as_published(name):
    nums = find_benchmark(name).source.num_records
    assert (len(nums), sum(nums.values())) == TOTALS[name]
    assert tuple(nums) == find_benchmark(name).source.subsets


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_subject_has_its_category(name):
    benchmark = find_benchmark(name)
    assert set(benchmark.categories) == set(benchmark.source.subsets)
    found = list(benchmark.categories.values())
    assert {category: found.count(category) for category in found} == OFFICIAL[name]


def test_cmmlu_says_in_its_report_whose_categories_it_shows():
    (note,) = find_benchmark("cmmlu").notes
    assert "partition" in note
    assert "the authors' overlap" in note


@pytest.mark.parametrize("answer", [4, -1, "E", "AB", "", "choice A", None, True], ids=repr)
@pytest.mark.parametrize("name", ["mmlu", "mmlu_pro", "cmmlu"])
def test_an_answer_that_names_no_choice_is_refused(name, answer):
    first = records_of(name)[2]  # three choices in mmlu_pro
    with pytest.raises(ValueError, match="names none of the"):
        find_benchmark(name).to_sample({**first, "choices": ["(A) a", "(B) b", "(C) c", "(D) d"], "answer": answer})


def test_mmlu_answer_is_a_place_on_the_hub_and_a_letter_in_csv():
    to_sample = find_benchmark("mmlu").to_sample
    record = records_of("mmlu")[0]
    cells = dict(zip("ABCD", record["choices"], strict=True))
    assert to_sample(record) == to_sample({"question": record["question"], **cells, "answer": "C"})
    assert to_sample({**record, "answer": 0}).target == "A"


def test_cmmlu_letters_before_choices_are_cut_once():
    record = {**records_of("cmmlu")[0], "choices": ["(A) (A) 型", "(B)乙", "(C) C", "(D) "]}
    assert find_benchmark("cmmlu").to_sample(record).choices == ("(A) 型", "乙", "C", "")


def test_mmlu_pro_letter_goes_before_the_index_that_disagrees():
    record = {**records_of("mmlu_pro")[0], "answer": "B", "answer_index": 0}
    assert find_benchmark("mmlu_pro").to_sample(record).target == "B"


@pytest.mark.parametrize(
    ("reasoning", "reply"),
    [
        ("A: Two and two. The answer is (C).", "Two and two.\nANSWER: C"),
        ("A: Two\nand two.\nThe answer is (C).\n", "Two\nand two.\nANSWER: C"),
        ("The answer is (C). That was easy.", "The answer is (C). That was easy.\nANSWER: C"),
        ("", "ANSWER: C"),
        (None, "ANSWER: C"),
    ],
    ids=["marked", "two lines", "statement inside", "none", "null"],
)
def test_mmlu_pro_examples_reason_and_then_answer_in_the_asked_form(reasoning, reply):
    benchmark = find_benchmark("mmlu_pro")
    sample = benchmark.to_sample({**records_of("mmlu_pro")[2], "cot_content": reasoning})
    assert benchmark.few_shot.answer(sample) == reply


@pytest.mark.parametrize("layout", ["flat csv", "hub clone"])
def test_the_test_split_of_ceval_is_refused_for_it_has_no_answers(layout, tmp_path):
    unanswered = {
        "flat csv": {"law_test.csv": "id,question,A,B,C,D\n0,选,甲,乙,丙,丁\n"},
        "hub clone": {
            "law/test.jsonl": [
                dict(id=0, question="选", A="甲", B="乙", C="丙", D="丁", answer="", explanation=""),
            ]
        },
    }
    folder = lay_out(tmp_path, {**layouts_of("ceval", exam_of("ceval"))[layout], **unanswered[layout]})
    with pytest.raises(DatasetError, match="no answers published"):
        load_from(folder, find_benchmark("ceval"), subset_list=["law"], eval_split="test")


def test_one_csv_of_mmlu_is_its_subject_even_if_its_first_choices_repeat(tmp_path):
    lay_out(tmp_path, {"anatomy_test.csv": "How many?,2,2,3,4,C\nWhich?,a,b,c,d,A\n"})
    (subset,) = load_from(tmp_path / "anatomy_test.csv", find_benchmark("mmlu")).subsets
    assert (subset.name, [sample.target for sample in subset.samples]) == ("anatomy", ["C", "A"])


def test_one_jsonl_of_mmlu_serves_every_subject_in_it(tmp_path):
    lay_out(tmp_path, layouts_of("mmlu", exam_of("mmlu"))["two jsonl with a column of subjects"])
    subjects = list(SUBJECTS["mmlu"])
    loaded = load_from(tmp_path / "test.jsonl", find_benchmark("mmlu"), subset_list=subjects)
    assert [(subset.name, subset.num) for subset in loaded.subsets] == [("high_school_physics", 7), ("anatomy", 8)]
