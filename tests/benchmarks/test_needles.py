"""needle_haystack: texts as long and facts as deep as asked, the same from the same seed, and reported by both."""

import json
import re

import pytest

from evalscope import TaskConfig, run_task
from evalscope.benchmarks._haystack import given_sentences, made_sentences
from evalscope.benchmarks._needles import make_records, read_settings
from evalscope.config import DatasetArgs
from evalscope.engine.wishes import with_own_settings
from evalscope.errors import ConfigError
from evalscope.models.mock import MockModel
from evalscope.models.tokens import counter_of, estimate_tokens
from evalscope.registry import find_benchmark
from tests.commands import DEMO_CHECKPOINT

LANGUAGES = pytest.mark.parametrize("language", ["english", "chinese"])


def made(language, seed=42, **given):
    return list(make_records(language, seed, settings=read_settings(given)))


@LANGUAGES
def test_texts_are_as_long_as_asked_and_facts_stand_as_deep(language):
    for record in made(language, lengths=[1000, 8000], depths=[0, 35, 100]):
        tokens = estimate_tokens(record["text"])
        assert 0.97 * record["length"] <= tokens <= record["length"]
        before = estimate_tokens(record["text"][: record["text"].index(record["answer"])])
        assert before / tokens == pytest.approx(record["depth"] / 100, abs=0.04)


@LANGUAGES
def test_a_text_holds_no_other_number_and_the_question_does_not_tell_it(language):
    for record in made(language, lengths=500):
        assert re.findall(r"\d+", record["text"]) == [record["answer"]]
        assert record["answer"] not in record["question"]
        assert record["needle"].strip() in record["text"]


@LANGUAGES
def test_the_same_seed_makes_the_same_texts_and_more_lengths_or_depths_change_none(language):
    few, many = made(language, lengths=[500], depths=[50]), made(language, lengths=[500, 900], depths=[10, 50])
    assert few == made(language, lengths=[500], depths=[50])
    assert few[0] in many
    other = made(language, seed=1, lengths=[500], depths=[50])
    assert few[0]["text"] != other[0]["text"]
    assert few[0]["answer"] != other[0]["answer"]


@LANGUAGES
def test_a_longer_text_begins_as_a_shorter_one_so_that_prompts_share_their_beginning(language):
    short, long = made(language, lengths=[500, 900], depths=[100])
    assert long["text"].startswith(short["text"].replace(short["needle"], "")[:600])


def test_several_facts_are_hidden_at_each_place():
    answers = [record["answer"] for record in made("english", lengths=200, depths=[0, 50], needles=3)]
    assert len(set(answers)) == 6


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_sentences_do_not_repeat_soon(language):
    import random

    stream = made_sentences(language, random.Random(0))
    sentences = [next(stream) for _ in range(300)]
    assert len(set(sentences)) == 300


def test_a_text_of_the_users_own_is_cut_into_its_sentences_and_goes_on_for_ever(tmp_path):
    stream = given_sentences("One. Two, 3.5 apples!\nDrei? 四。五。")
    assert [next(stream) for _ in range(6)] == ["\n", "One.", " Two, 3.5 apples!", "\n", "Drei?", " 四。"]
    (tmp_path / "essay.txt").write_text("It was a dark night. Nobody spoke.", encoding="utf-8")
    (record,) = made("english", lengths=200, depths=50, haystack=str(tmp_path / "essay.txt"))
    assert record["text"].count("Nobody spoke.") > 5
    assert record["answer"] in record["text"]


# --- counting tokens


def test_the_tokenizer_of_a_local_model_counts_and_else_an_estimate_is_told():
    counter = counter_of(TaskConfig(model=str(DEMO_CHECKPOINT)), None)
    assert counter.said == "lengths are tokens of the tokenizer in checkpoint"
    records = list(make_records("english", 0, settings=read_settings({"lengths": 300}), count=counter.count))
    assert all(250 <= counter.count(record["text"].strip()) <= 305 for record in records)
    estimated = counter_of(TaskConfig(model="qwen", api_url="http://127.0.0.1:1/v1"), None)
    assert estimated.said.startswith("lengths are estimates: 4 letters a token, 1.5 Chinese characters")


def test_a_tokenizer_may_be_named_for_a_service(tmp_path):
    task = TaskConfig(model="qwen", api_url="http://127.0.0.1:1/v1")
    for path in (DEMO_CHECKPOINT, DEMO_CHECKPOINT / "tokenizer.json"):
        assert counter_of(task, path).count("abc") > 0
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"a tokenizer\.json is needed"):
        counter_of(task, tmp_path)


# --- settings

REFUSED = {
    "an unknown name": ({"length": [1]}, "has no key 'length'; did you mean 'lengths'"),
    "no number": ({"lengths": ["long"]}, "lengths: whole numbers from 100 to 10000000 are needed; found 'long'"),
    "too short": ({"lengths": 5}, "lengths: whole numbers from 100"),
    "a flag": ({"lengths": True}, "lengths: whole numbers"),
    "none": ({"depths": []}, "depths: it is empty; leave it out for 0, 10, 20"),
    "too deep": ({"depths": [101]}, "depths: whole numbers from 0 to 100 are needed; found 101"),
    "no needle": ({"needles": 0}, "needles: whole numbers from 1"),
    "no file": ({"haystack": "/nowhere/at/all.txt"}, "haystack: '/nowhere/at/all.txt' cannot be read"),
}


@pytest.mark.parametrize(("extra", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_settings_that_cannot_be_are_refused(extra, message):
    with pytest.raises(ConfigError, match=message):
        with_own_settings(find_benchmark("needle_haystack"), DatasetArgs(extra_params=extra), TaskConfig())


# --- a run


def finds_short(messages):
    """Finds the fact in texts of up to 1500 letters, and in longer ones where it stands at the very end."""
    text = messages[-1].content
    code = re.search(r"\d{5}", text)
    is_found = len(text) < 1500 or code.start() > 0.9 * len(text)
    return f"It is {code.group()[:2]},{code.group()[2:]}." if is_found else "The text does not say."


def run(tmp_path, model, **changes):
    extra = {"lengths": [200, 600], "depths": [0, 50, 100]}
    args = {"subset_list": ["english"], "extra_params": extra}
    task = {"model": model, "datasets": ["needle"], "dataset_args": {"needle": args}, "work_dir": tmp_path}
    return run_task({**task, "quiet": True, **changes})["needle_haystack"]


def test_a_run_is_reported_by_length_and_depth_and_drawn(tmp_path, capsys):
    report = run(tmp_path, MockModel(finds_short), run_name="one")
    scores = {row.categories: row.score for row in report.rows if row.categories != ("default",)}
    assert scores["english", "200 tokens"] == 1.0
    assert scores["english", "600 tokens"] == pytest.approx(1 / 3)
    assert scores["english", "depth 100 %"] == 1.0
    assert scores["english", "600 tokens", "depth 50 %"] == 0.0
    assert report.score == pytest.approx(4 / 6)
    assert any(note.startswith("lengths are estimates") for note in report.asked["notes"])
    printed = capsys.readouterr().out
    assert "600 tokens" in printed
    assert "Cat.2" not in printed
    page = (tmp_path / "one" / "reports" / "report.html").read_text(encoding="utf-8")
    assert "600 tokens, depth 50 %: 0 (0.000 – 0.793), 1 samples" in page


def test_a_run_goes_on_with_further_lengths_and_asks_no_text_twice(tmp_path):
    asked = []

    def remember(messages):
        asked.append(messages[-1].content)
        return finds_short(messages)

    run(tmp_path, MockModel(remember), run_name="one")
    extra = {"lengths": [200, 400, 600], "depths": [0, 50, 100]}
    args = {"needle": {"subset_list": ["english"], "extra_params": extra}}
    report = run(tmp_path, MockModel(remember), use_cache=tmp_path / "one", dataset_args=args)
    assert report.num == 9
    assert len(asked) == len(set(asked)) == 9


def test_a_path_for_texts_that_are_made_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="makes its questions itself; leave local_path"):
        run(tmp_path, MockModel(), dataset_args={"needle": {"local_path": str(tmp_path)}})


def test_rows_say_which_length_and_depth_they_are(tmp_path):
    run(tmp_path, MockModel(finds_short), run_name="one")
    (path,) = (tmp_path / "one" / "reviews").glob("*/*.jsonl")
    ids = [json.loads(line)["sample_id"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert ids == ["200-0-0", "200-50-0", "200-100-0", "600-0-0", "600-50-0", "600-100-0"]
