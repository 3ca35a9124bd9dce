"""The sets of mathematics beside MATH and GSM8K: their own traps, and the layouts they come in."""

import pytest

from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import records_of, samples_of
from tests.sources.source_builders import as_parquet, lay_out, load_from


def sample_of(name, **changes):
    return find_benchmark(name).to_sample({**records_of(name)[0], **changes})


@pytest.mark.parametrize(
    ("name", "changes", "targets"),
    [
        ("aime24", {"answer": "025"}, ("025",)),
        ("aime24", {"answer": 25}, ("25",)),
        ("aime24", {"answer": None}, ("045",)),
        ("amc23", {"answer": 27.0}, ("27",)),
        ("minerva_math", {"solution": r"So $\boxed{np.arcsin(3/5)}$."}, (r"\arcsin(3/5)",)),
        ("minerva_math", {"solution": "", "answer": " 1.2e3 "}, ("1.2e3",)),
        ("olympiadbench", {"final_answer": ["$-2$", "3"]}, ("$-2$, 3",)),
        ("college_math", {"answer": "$5 a-3$"}, ("$5 a-3$",)),
        (
            "college_math",
            {"answer": r"$x<-7:(-\infty,-7)$"},
            (r"$x<-7:(-\infty,-7)$", "x<-7", r"(-\infty,-7)"),
        ),
        (
            "college_math",
            {"answer": r"$-1<x \leqslant 1:(-1,1]$"},
            (r"$-1<x \leqslant 1:(-1,1]$", r"-1<x \leqslant 1", "(-1,1]"),
        ),
        ("college_math", {"answer": "domain: $[0, 1]$"}, ("domain: $[0, 1]$",)),
        ("svamp", {"Answer": 145.0}, ("145",)),
        ("svamp", {"Answer": "2.5"}, ("2.5",)),
        ("cmath", {"golden": "27.3%"}, ("27.3",)),
        ("mgsm", {"answer_number": "2,125"}, ("2125",)),
    ],
    ids=lambda value: str(value)[:40] if not isinstance(value, tuple) else "",
)
def test_the_target_is_read_from_every_form_of_a_record(name, changes, targets):
    assert sample_of(name, **changes).targets == targets


def test_a_competition_record_without_any_answer_is_refused():
    with pytest.raises(ValueError, match="neither an answer nor a solution"):
        sample_of("aime24", answer=None, solution="There are 15.")


def test_a_problem_that_asks_for_a_proof_and_a_margin_that_is_no_number_are_refused():
    with pytest.raises(ValueError, match="no final answer"):
        sample_of("olympiadbench", final_answer=[])
    with pytest.raises(ValueError, match="Fraction"):
        sample_of("olympiadbench", error="small")


@pytest.mark.parametrize(("answer", "right"), [("4.08", 1.0), (r"4.08\%", 1.0), ("4.2", 0.0)])
def test_a_margin_of_error_is_granted(answer, right):
    *_, sample = samples_of(find_benchmark("olympiadbench"))
    assert find_benchmark("olympiadbench").scorer(answer, sample).values == {"acc": right}


def test_a_context_stands_before_the_question_of_an_olympiad():
    assert samples_of(find_benchmark("olympiadbench"))[1].question.startswith("Let $a \\circ b = a^2 - b$.\n\nFind all")


@pytest.mark.parametrize(
    ("name", "options", "choices"),
    [
        ("sat_math", "A) 1,000 B) set A or B C) $R(0)$ D) -10", ("1,000", "set A or B", "$R(0)$", "-10")),
        ("sat_math", "A. 1.5 B. 2.5 C. 3. D. 4", ("1.5", "2.5", "3.", "4")),
        ("aqua", ["A)21", "B) 5", "C)C)7", "D) (D)", "E)None"], ("21", "5", "7", "(D)", "None")),
        ("math_qa", "a ) 1,500 , b ) 2 : 3 , c ) 3.5 , d ) a , e ) none", ("1,500", "2 : 3", "3.5", "a", "none")),
    ],
    ids=["letters with brackets", "letters with full stops", "letters once or twice", "letters in small"],
)
def test_options_lose_their_letters_and_nothing_else(name, options, choices):
    assert sample_of(name, options=options).choices == choices


def test_options_that_are_not_four_are_refused():
    with pytest.raises(ValueError, match="2 options marked"):
        sample_of("sat_math", options="A) 1 B) 2")


def test_a_story_ends_before_its_question_and_a_misspelt_type_is_no_type_of_its_own():
    first = sample_of("svamp", Body="Tom has 2 hats", Question="How many?", Type="Common-Divison")
    assert (first.question, first.category) == ("Tom has 2 hats. How many?", "Common-Division")
    assert sample_of("svamp", Body="Really?", Question="How many?").question == "Really? How many?"


def test_a_sample_of_math_500_counts_for_its_topic_and_its_level():
    assert sample_of("math_500").categories == ("Prealgebra", "Level 1")


GERMAN = {"question": "Wie viel ist 3 mal 4?", "answer_number": 12}


def mgsm_layouts():
    yield {"mgsm_de.tsv": "Wie viel ist 3 mal 4?\t12\n"}
    yield {"data/mgsm_de.tsv": "Wie viel ist 3 mal 4?\t12\n"}
    yield {"de/test-00000-of-00001.parquet": as_parquet([{**GERMAN, "answer": None, "equation_solution": None}])}
    yield {"mgsm_de.jsonl": [{"messages": [{"role": "user", "content": GERMAN["question"]}], "answer": "12"}]}


@pytest.mark.parametrize("files", list(mgsm_layouts()), ids=["authors", "authors in a folder", "hub", "messages"])
def test_every_layout_of_mgsm_gives_the_same_questions(tmp_path, files):
    (subset,) = load_from(lay_out(tmp_path, files), find_benchmark("mgsm"), subset_list=["de"]).subsets
    assert [(sample.question, sample.target) for sample in subset.samples] == [(GERMAN["question"], "12")]


def test_examples_of_mgsm_reason_in_their_language_without_their_headings(tmp_path):
    example = {
        "question": "Frage: Wie viel ist 5 + 6?",
        "answer": "Schritt-für-Schritt-Antwort: 5 + 6 = 11. Die Antwort ist 11.",
        "answer_number": 11,
    }
    lay_out(tmp_path, {"de/test.jsonl": [GERMAN], "de/train.jsonl": [example] * 8})
    loaded = load_from(tmp_path, find_benchmark("mgsm"), subset_list=["de"])
    (subset,) = loaded.subsets
    assert loaded.few_shot_num == 4
    (message,) = make_prompter(find_benchmark("mgsm"), subset.examples)(next(iter(subset.samples)))
    assert message.content.count("Question: Wie viel ist 5 + 6?\nSolution: 5 + 6 = 11.") == 4
    assert message.content.count("ANSWER: 11\n") == 4


@pytest.mark.parametrize("reply", ["ANSWER: 1400", "ANSWER: 1,400", "উত্তর\nANSWER: ১৪০০", "最后：\n答案：１４００"])
def test_a_reply_in_another_script_is_read_as_a_number(reply):
    benchmark = find_benchmark("mgsm")
    sample = samples_of(benchmark)[2]
    assert benchmark.scorer(benchmark.extract(reply, sample), sample).values == {"acc": 1.0}


def test_two_records_without_an_answer_are_no_fault_of_the_data_but_fail_to_be_scored(tmp_path):
    record = {**records_of("gaokao2023en")[0], "answer": ""}
    (subset,) = load_from(lay_out(tmp_path, {"test.jsonl": [record]}), find_benchmark("gaokao2023en")).subsets
    assert [sample.targets for sample in subset.samples] == [("",)]


OLYMPIAD = "OE_TO_maths_en_COMP"


@pytest.mark.parametrize("name", [f"{OLYMPIAD}.parquet", f"Data/{OLYMPIAD}/{OLYMPIAD}.parquet", "test.jsonl"])
def test_olympiadbench_is_found_in_its_repository_and_in_a_plain_file(tmp_path, name):
    records = [{**record, "error": record["error"] or ""} for record in records_of("olympiadbench")]
    content = as_parquet(records) if name.endswith(".parquet") else records
    (subset,) = load_from(lay_out(tmp_path, {name: content}), find_benchmark("olympiadbench")).subsets
    assert [sample.id for sample in subset.samples] == ["1", "2", "3"]


def test_a_record_that_is_another_is_named_by_file_and_line(tmp_path):
    lay_out(tmp_path, {"test.jsonl": [{"goal": "x"}]})
    with pytest.raises(DatasetError, match=r"test\.jsonl:1: column 'unique_id' is missing"):
        load_from(tmp_path, find_benchmark("math_500"))
