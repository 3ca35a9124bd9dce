"""Data of the user's own: questions with references, conversations, and multiple choice in two languages."""

import json
import os
from pathlib import Path

import pytest

from evalscope.config import TaskConfig
from evalscope.core.benchmark import Benchmark
from evalscope.core.message import Message
from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from evalscope.run import run_task
from tests.own_data import write_jsonl
from tests.sources.source_builders import lay_out, load_from

ROW = {"question": "Which of these is drunk?", "A": "water", "B": "stone", "C": "tea", "D": "", "answer": "A"}
ZH_ROW = {"question": "水的化学式是什么？", "A": "H2O", "B": "CO2", "C": "NaCl", "answer": "A"}


def sample_of(name, **record):
    return find_benchmark(name).to_sample(record)


def asked(name, **record):
    """The messages that ask one record."""
    benchmark: Benchmark = find_benchmark(name)
    return make_prompter(benchmark, (), system_prompt=benchmark.system_prompt)(benchmark.to_sample(record))


def turns(*contents):
    """A conversation in which the user begins."""
    return [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(contents)]


@pytest.mark.parametrize(
    ("record", "targets"),
    [
        ({"query": "Who?", "response": "Ada"}, ("Ada",)),
        ({"question": "Who?", "answer": "Ada"}, ("Ada",)),
        ({"question": "Who?", "answer": 42}, ("42",)),
        ({"question": "Who?", "answer": ["Ada", "", None, "Lovelace"]}, ("Ada", "Lovelace")),
        ({"query": "Who?", "response": "", "answer": "Ada"}, ("Ada",)),
        ({"messages": turns("Who?"), "response": "Ada"}, ("Ada",)),
        ({"messages": turns("Who?", "Ada")}, ("Ada",)),
        ({"messages": turns("Who?", "Ada"), "response": "Lovelace"}, ("Lovelace",)),
        ({"messages": None, "query": "Who?", "response": "Ada"}, ("Ada",)),
    ],
    ids=[
        "query",
        "question",
        "number",
        "several",
        "beside an empty one",
        "messages",
        "last turn",
        "both",
        "no messages",
    ],
)
def test_a_question_and_its_references_are_found(record, targets):
    sample = sample_of("general_qa", **record)
    assert (sample.question, sample.targets) == ("Who?", targets)


def test_a_question_is_asked_as_it_stands():
    assert asked("general_qa", query=" Who {is} it?\n", response="Ada") == (Message("user", " Who {is} it?\n"),)


def test_a_system_text_of_the_row_goes_first():
    said = asked("general_qa", system="You are brief.", query="Who?", response="Ada")
    assert said == (Message("system", "You are brief."), Message("user", "Who?"))


def test_messages_are_asked_as_a_conversation():
    said = asked("general_qa", system="Be brief.", messages=turns("Hello", "Hello!", "Who?", "Ada"))
    assert [(turn.role, turn.content) for turn in said] == [
        ("system", "Be brief."),
        ("user", "Hello"),
        ("assistant", "Hello!"),
        ("user", "Who?"),
    ]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"response": "Ada"}, "no question"),
        ({"query": "", "response": "Ada"}, "no question"),
        ({"messages": "Who?", "response": "Ada"}, "a list of turns"),
        ({"messages": ["Who?"], "response": "Ada"}, "turn 1 of messages has the role None"),
        ({"messages": [{"role": "human", "content": "Who?"}], "response": "Ada"}, "known: system, user, assistant"),
        ({"messages": [{"role": "user", "content": [{"image": "x"}]}], "response": "Ada"}, "only text can be asked"),
        ({"messages": [*turns("a", "b"), *turns("", "c")], "response": "x"}, "the content of turn 3"),
        ({"messages": [{"role": "system", "content": "x"}], "response": "Ada"}, "ends with a turn of the system"),
        ({"messages": [*turns("Who?", "x", "y"), *turns("z")[1:], {"role": "system", "content": "s"}]}, "stands first"),
        (
            {"system": "a", "messages": [{"role": "system", "content": "b"}, *turns("Who?")], "response": "x"},
            "one at most",
        ),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_its_reason(record, said):
    with pytest.raises(ValueError, match=said):
        sample_of("general_qa", **record)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "parquet"])
def test_questions_are_read_from_any_format(ending, tmp_path):
    rows = [{"query": f"Which, {n}?", "response": f"This, {n}."} for n in range(3)]
    lay_out(tmp_path, {f"mine.{ending}": rows, f"other.{ending}": rows[:1]})
    (subset,) = load_from(tmp_path, find_benchmark("general_qa"), subset_list=["mine"]).subsets
    assert [(s.subset, s.question, s.target) for s in subset.samples] == [
        ("mine", f"Which, {n}?", f"This, {n}.") for n in range(3)
    ]


@pytest.mark.parametrize(
    ("changes", "target", "wording"),
    [
        ({}, "A", ""),
        ({"answer": "c"}, "C", ""),
        ({"answer": "(C)"}, "C", ""),
        ({"answer": "AC"}, "AC", "several"),
        ({"answer": "C, A"}, "AC", "several"),
        ({"answer": "a/c"}, "AC", "several"),
        ({"answer": "A、C"}, "AC", "several"),
        ({"answer": ["C", "A"]}, "AC", "several"),
        ({"answer": ["A"]}, "A", "several"),
        ({"answer": '["C", "A"]'}, "AC", "several"),
        ({"answer": "['C']"}, "C", "several"),
        (ZH_ROW, "A", "zh"),
        ({**ZH_ROW, "answer": "AB"}, "AB", "several_zh"),
    ],
    ids=lambda part: str(part) if not isinstance(part, dict) else str(part.get("answer", "as it is")),
)
def test_the_answer_and_the_language_say_how_a_question_is_asked(changes, target, wording):
    sample = sample_of("general_mcq", **{**ROW, **changes})
    assert (sample.target, sample.wording) == (target, wording)


@pytest.mark.parametrize(
    ("question", "is_zh"),
    [
        ("以下哪个是C语言的关键词？", True),
        ("使用 for 循环的正确写法是哪一个？", True),
        ("What does 你好 mean?", False),
        ("What is the meaning of the proverb 塞翁失马，焉知非福?", False),
        ("日本の首都はどこですか？", False),
        ("1 + 1 = ?", False),
    ],
)
def test_the_question_says_its_language(question, is_zh):
    sample = sample_of("general_mcq", **{**ROW, "question": question})
    assert sample.wording == ("zh" if is_zh else "")


def test_where_the_question_has_no_words_the_choices_say_the_language():
    assert (
        sample_of("general_mcq", **{**ROW, "question": "____？", "A": "水分子", "B": "石头", "C": "火焰"}).wording
        == "zh"
    )


def test_columns_may_have_small_or_capital_names():
    sample = sample_of("general_mcq", Question="Which?", a=4, b=0.5, c=None, d=float("nan"), Answer="b")
    assert (sample.choices, sample.target) == (("4", "0.5"), "B")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (2, "is a number; write the letter"),
        ("2", "is a number; write the letter"),
        (1.0, "is a number; write the letter"),
        ("", "write the letter"),
        (None, "write the letter"),
        ([], "write the letter"),
        ("[]", "write the letter"),
        ("AA", "names a choice twice"),
        (["A", "A"], "names a choice twice"),
        ("D", "names none of the 3 choices"),
        ("AD", "names none of the 3 choices"),
        ("water", "names none of the 3 choices"),
        (True, "names none of the 3 choices"),
    ],
)
def test_an_answer_that_names_no_choice_is_refused_with_advice(answer, said):
    with pytest.raises(ValueError, match=said):
        sample_of("general_mcq", **{**ROW, "answer": answer})


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    rows = [{name: cell for name, cell in ROW.items() if name != "answer"}]
    lay_out(tmp_path, {"bio_val.jsonl": rows})
    with pytest.raises(DatasetError, match=r"column 'answer' is missing; the record has question, A, B"):
        load_from(tmp_path, find_benchmark("general_mcq"), subset_list=["bio"])


@pytest.mark.parametrize(
    ("record", "reply", "credit"),
    [
        (ROW, "ANSWER: A", 1.0),
        (ROW, "ANSWER: A, C", 0.0),
        ({**ROW, "answer": "AC"}, "ANSWER: C, A", 1.0),
        ({**ROW, "answer": "AC"}, "ANSWER: A", 0.0),
        ({**ROW, "answer": "AC"}, "ANSWER: A, B, C", 0.0),
        ({**ROW, "answer": ["A"]}, "A", 1.0),
        ({**ZH_ROW, "answer": "AB"}, "答案：AB", 1.0),
    ],
)
def test_all_right_letters_and_no_others_are_right(record, reply, credit):
    benchmark = find_benchmark("general_mcq")
    sample = benchmark.to_sample(record)
    assert benchmark.scorer(benchmark.extract(reply, sample), sample).values == {"acc": credit}


@pytest.mark.parametrize("record", [ROW, {**ROW, "answer": "AC"}, ZH_ROW, {**ZH_ROW, "answer": "AB"}])
def test_a_demonstration_answers_in_the_form_that_is_asked_for(record):
    benchmark = find_benchmark("general_mcq")
    sample = benchmark.to_sample(record)
    (message,) = make_prompter(benchmark, (sample,))(sample)
    assert benchmark.extract(message.content.rpartition("\n\n")[0].rpartition("\n")[2], sample) == sample.target


def test_every_wording_can_hold_demonstrations():
    for name, wording in find_benchmark("general_mcq").wordings.items():
        wording.check(name, needs_examples=True)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({**ROW, "answer": "AC"}, "all the right answers"),
        (ZH_ROW, "单项选择题"),
        ({**ZH_ROW, "answer": "AB"}, "不定项选择题"),
    ],
)
def test_each_kind_of_question_has_its_words(record, words):
    (message,) = asked("general_mcq", **record)
    assert words in message.content


def evaluate(name, folder, out, replies, **args):
    """A whole run on answers made elsewhere: the report, and the rows of its reviews."""
    answers = [{"dataset": name, "id": str(row), "prediction": reply} for row, reply in enumerate(replies)]
    stored = out / "answers.jsonl"
    stored.write_text("".join(json.dumps(row) + "\n" for row in answers), encoding="utf-8")
    reports = run_task(
        TaskConfig(
            model=str(stored),
            eval_type="predictions",
            datasets=[name],
            dataset_args={name: {"local_path": str(folder), **args}},
            work_dir=str(out / "outputs"),
        )
    )
    reviews = [json.loads(line) for path in out.rglob("reviews/*/*.jsonl") for line in path.read_text().splitlines()]
    return reports[name], reviews


def test_a_run_over_a_users_questions_reports_every_figure(tmp_path):
    rows = [
        {"query": "Which river?", "response": "It is the Nile."},
        {"messages": turns("Hello", "Hello!", "哪座山最高？", "是珠穆朗玛峰")},
        {"query": "Which sea?", "response": "The Red Sea"},
    ]
    folder = lay_out(tmp_path / "data", {"mine.jsonl": rows})
    report, reviews = evaluate(
        "general_qa", folder, tmp_path, ["It is the Nile.", "<think>?</think>珠穆朗玛峰", ""], subset_list=["mine"]
    )
    assert [row.metric for row in report.rows if row.subset == "mine"] == [
        "ROUGE-L",
        "ROUGE-1",
        "ROUGE-2",
        "BLEU-1",
        "BLEU-2",
        "BLEU-3",
        "BLEU-4",
        "ExactMatch",
    ]
    assert [(row["outcome"], row["answer"]) for row in reviews] == [
        ("correct", "It is the Nile."),
        ("partial", "珠穆朗玛峰"),
        ("unparsed", None),
    ]
    assert report.score == pytest.approx((1 + 2 / 3 + 0) / 3)


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "num"), [("general_qa", 13), ("general_mcq", 12)])
def test_the_published_examples_are_read_whole(name, num):
    folder = Path(os.environ["EVALSCOPE_TEST_DATA"]) / name
    (subset,) = load_from(folder, find_benchmark(name), subset_list=["example"]).subsets
    samples = list(subset.samples)
    assert len(samples) == num
    if name == "general_mcq":
        assert {sample.wording for sample in samples} == {"zh"}
    else:
        assert samples[0].input[0] == Message("system", "你是一位天文学家")
        assert samples[2].input[0] == Message("system", "你是一位地理学家")


def test_a_file_of_choices_may_tell_no_split(tmp_path):
    lay_out(tmp_path, {"bio.jsonl": [ROW, ROW]})
    (subset,) = load_from(tmp_path, find_benchmark("general_mcq"), subset_list=["bio"]).subsets
    assert (subset.name, subset.num) == ("bio", 2)


@pytest.mark.parametrize(
    ("name", "files", "subsets"),
    [
        ("general_mcq", ("bio_val.csv", "bio_dev.csv", "chem_val.csv"), ["bio", "chem"]),
        ("general_qa", ("b.jsonl", "a.jsonl"), ["a", "b"]),
        ("general_qa", ("test.jsonl", "dev.jsonl"), ["default"]),
    ],
    ids=["choices", "questions", "splits"],
)
def test_subsets_are_those_that_files_are_named_by(name, files, subsets, tmp_path):
    rows = [ROW] if name == "general_mcq" else [{"query": "Who?", "response": "Ada"}]
    loaded = load_from(lay_out(tmp_path, dict.fromkeys(files, rows)), find_benchmark(name))
    assert [one.name for one in loaded.subsets] == subsets


def test_shuffled_choices_take_all_their_right_letters_along(tmp_path):
    lay_out(tmp_path, {"bio.jsonl": [{**ROW, "answer": "AC"}] * 9})
    (subset,) = load_from(tmp_path, find_benchmark("general_mcq"), shuffle_choices=True).subsets
    samples = list(subset.samples)
    assert len({sample.target for sample in samples}) > 1
    for sample in samples:
        assert {sample.choices[sample.letters.index(letter)] for letter in sample.target} == {"water", "tea"}


def test_solved_questions_come_from_a_file_beside(tmp_path):
    solved = [{"query": "Which river?", "response": ["The Nile.", "Nile"]}]
    lay_out(tmp_path, {"mine.jsonl": [{"query": "Which sea?", "response": "x"}], "mine_dev.jsonl": solved})
    benchmark = find_benchmark("general_qa")
    (subset,) = load_from(tmp_path, benchmark, few_shot_num=1).subsets
    (sample,) = subset.samples
    texts = [message.content for message in make_prompter(benchmark, subset.examples, as_turns=True)(sample)]
    assert texts == ["Which river?", "The Nile.", "Which sea?"]
    assert make_prompter(benchmark, subset.examples)(sample)[0].content == "Which river? The Nile.\n\nWhich sea?"


@pytest.mark.parametrize(
    ("text", "answer"), [(" Ada\n", "Ada"), ("a\n b", "a\n b"), ("", None), (" \n\u3000", None)], ids=repr
)
def test_the_whole_reply_is_the_answer_unless_it_is_blank(text, answer):
    assert find_benchmark("general_qa").extract(text, sample_of("general_qa", query="Who?", response="Ada")) == answer


@pytest.mark.parametrize("record", [{"query": "Who?"}, {"query": "Who?", "response": " "}, {"messages": turns("Who?")}])
def test_a_question_without_a_right_answer_is_for_judges_only(record, tmp_path):
    assert sample_of("general_qa", **record).targets == ()
    write_jsonl(tmp_path / "default.jsonl", [record])
    with pytest.raises(DatasetError, match=r"jsonl:1: there is no right answer.*--judge-strategy llm"):
        load_from(tmp_path, find_benchmark("general_qa"))
