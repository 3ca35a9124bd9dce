"""winogrande, piqa, boolq, social_i_qa, openbookqa, commonsense_qa, sciq and nq_open: their own traps, and layouts."""

import pytest

from evalscope.benchmarks._multiple_choice import LOGLIKELIHOOD
from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import find_way, records_of
from tests.sources.source_builders import as_parquet, lay_out, load_from


def sample_of(name, way="", **changes):
    return find_way(name, way).to_sample({**records_of(name)[0], **changes})


@pytest.mark.parametrize(
    ("name", "changes", "target"),
    [
        ("winogrande", {"answer": "2"}, "B"),
        ("piqa", {"label": 1}, "B"),
        ("piqa", {"label": "0"}, "A"),
        ("boolq", {"label": True}, "A"),
        ("boolq", {"label": 0}, "B"),
        ("boolq", {"answer": True}, "A"),
        ("social_i_qa", {"label": "3"}, "C"),
        ("openbookqa", {"answerKey": "D"}, "D"),
        ("sciq", {"correct_answer": "zinc"}, "D"),
    ],
)
def test_the_right_choice_is_read_from_every_form_of_a_label(name, changes, target):
    assert sample_of(name, **changes).targets == (target,)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("winogrande", {"answer": ""}, "of test are not published"),
        ("piqa", {"label": -1}, "names none of the 2"),
        ("boolq", {"label": -1}, "of test are not published"),
        ("social_i_qa", {"label": "0"}, "names none of the 3"),
        ("commonsense_qa", {"answerKey": ""}, "the answer key '' is not among the choices"),
    ],
)
def test_a_split_whose_answers_are_not_published_is_refused(name, changes, message):
    with pytest.raises(ValueError, match=message):
        sample_of(name, **changes)


def test_a_question_of_boolq_has_one_question_mark():
    questions = [find_benchmark("boolq").to_sample(record).question for record in records_of("boolq")]
    assert [text.rpartition("\n")[2] for text in questions] == [
        "Question: is the moon larger than the earth?",
        "Question: can penguins swim?",
    ]


def test_the_choices_of_sciq_do_not_give_the_right_one_away_and_the_passage_may_be_missing():
    assert sample_of("sciq").choices == ("carbon dioxide", "helium", "nitrogen", "oxygen")
    assert sample_of("sciq", support="").question == "Question: What gas do plants take up to make sugar?"
    assert sample_of("sciq", distractor1="helium").choices == ("carbon dioxide", "helium", "helium", "nitrogen")


def test_spaces_at_the_ends_of_choices_are_no_part_of_them():
    for name in ("piqa", "winogrande"):
        keys = ("sol1", "sol2") if name == "piqa" else ("option1", "option2")
        assert sample_of(name, **{keys[0]: " a ", keys[1]: "b  "}).choices == ("a", "b")


def test_what_follows_the_blank_is_ranked_behind_either_name():
    sample = sample_of("winogrande", LOGLIKELIHOOD)
    question, *options = make_prompter(find_way("winogrande", LOGLIKELIHOOD), ())(sample)
    assert question.content == "The piano did not fit through the door because the"
    assert [option.content for option in options] == [" piano was too wide.", " door was too wide."]


@pytest.mark.parametrize("sentence", ["No blank at all.", "_ was too wide."])
def test_a_sentence_without_words_before_its_blank_cannot_be_ranked(sentence):
    with pytest.raises(ValueError, match="no blank"):
        sample_of("winogrande", LOGLIKELIHOOD, sentence=sentence)


LAYOUTS = {
    "winogrande": [
        "dev.jsonl",
        "winogrande_xl_validation.jsonl",
        "winogrande_xl/validation-00000-of-00001.parquet",
        "validation.jsonl",
    ],
    "piqa": ["validation.jsonl", "data/validation-00000-of-00001.parquet", "val.jsonl"],
    "openbookqa": ["main/test-00000-of-00001.parquet", "test.jsonl"],
    "commonsense_qa": ["data/validation-00000-of-00001.parquet", "validation.jsonl.gz"],
    "nq_open": ["validation.jsonl", "nq_open/validation-00000-of-00001.parquet"],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_same_samples(tmp_path, name):
    records = [{key: value for key, value in record.items() if key != "qID"} for record in records_of(name)]
    seen = []
    for number, file in enumerate(LAYOUTS[name]):
        content = as_parquet(records) if file.endswith(".parquet") else records
        (subset,) = load_from(lay_out(tmp_path / str(number), {file: content}), find_benchmark(name)).subsets
        seen.append([(s.id, s.question, s.choices, s.targets) for s in subset.samples])
    assert len(seen[0]) == len(records)
    assert all(samples == seen[0] for samples in seen)


def test_the_archive_of_winogrande_serves_examples_of_its_own_split(tmp_path):
    records = records_of("winogrande")
    lay_out(tmp_path, {"dev.jsonl": records[:1], "train_xl.jsonl": records[1:], "train_xs.jsonl": records[:1]})
    (subset,) = load_from(tmp_path, find_benchmark("winogrande"), few_shot_num=2).subsets
    assert [example.choices[0] for example in subset.examples] == ["Nina", "bus"]


def test_examples_that_the_data_lacks_are_an_error_where_they_are_asked_for(tmp_path):
    lay_out(tmp_path, {"validation.jsonl": records_of("nq_open")})
    assert load_from(tmp_path, find_benchmark("nq_open")).few_shot_num == 0
    with pytest.raises(DatasetError, match="no few-shot split 'train'"):
        load_from(tmp_path, find_benchmark("nq_open"), few_shot_num=2)


def test_validation_stands_in_for_a_test_split_that_a_local_copy_lacks_and_the_report_says_so(tmp_path):
    lay_out(tmp_path / "both", {"validation.jsonl": records_of("sciq")[:1], "test.jsonl": records_of("sciq")})
    assert load_from(tmp_path / "both", find_benchmark("sciq")).split == "test"
    lay_out(tmp_path / "one", {"validation.jsonl": records_of("sciq")})
    loaded = load_from(tmp_path / "one", find_benchmark("sciq"))
    assert loaded.split == "validation"
    assert "has no split 'test'; 'validation' is asked" in loaded.notes[0]
    with pytest.raises(DatasetError, match="test"):
        load_from(tmp_path / "one", find_benchmark("sciq"), eval_split="test")
