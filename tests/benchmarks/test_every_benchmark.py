"""One test over the whole shelf: a new file is found by itself."""

import dataclasses
from inspect import isawaitable

import pytest

from evalscope.core.likelihood import write_logprobs
from evalscope.core.sample import LETTERS
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.core.template import Template, fill
from evalscope.errors import ScoringError
from evalscope.extractors.free_text import short_answer
from evalscope.extractors.whole import whole_text
from evalscope.models.mock import MockModel
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import built_in_names, find_way, golden_path, golden_prompt, samples_of, ways_of_asking

NAMES = built_in_names()
WAYS = ways_of_asking()
JUDGED = [name for name in NAMES if find_benchmark(name).scorer is None]
GRADED = [name for name in JUDGED if find_benchmark(name).rubric.form == "GRADE"]
RANKED = [one for one in WAYS if find_way(*one).ranks]

every_benchmark = pytest.mark.parametrize("name", NAMES)
every_way = pytest.mark.parametrize(("name", "way"), WAYS, ids=[" ".join(one).strip() for one in WAYS])
every_judged = pytest.mark.parametrize("name", JUDGED)
every_graded = pytest.mark.parametrize("name", GRADED)
every_ranking = pytest.mark.parametrize(("name", "way"), RANKED, ids=[" ".join(one) for one in RANKED])


async def credits_of(benchmark, replies):
    """What replies to samples earn in the headline value; the scorer's processes, if any, serve all of them."""
    found = []
    for reply, sample in replies:
        score = benchmark.scorer(benchmark.extract(reply, sample), sample)
        score = await score if isawaitable(score) else score
        found.append(next(iter(score.values.values())))
    if close := getattr(benchmark.scorer, "aclose", None):
        await close()
    return found


def credited(name):
    """The benchmark, if its scorer can be asked here without more."""
    benchmark = find_benchmark(name)
    if benchmark.scorer is None:
        pytest.skip("only a judge can tell")
    if benchmark.few_shot is None:
        pytest.skip("no reply is known to be right: a test of its own")
    if hasattr(benchmark.scorer, "prepare"):
        pytest.skip("the scorer runs programs: a test of its own")
    return benchmark


@every_benchmark
def test_it_is_found_by_its_file_name_its_aliases_and_its_ids(name):
    benchmark = find_benchmark(name)
    assert benchmark.name == name
    ids = (benchmark.source.id, benchmark.source.huggingface_id, *benchmark.source.old_ids)
    assert all(find_benchmark(other) is benchmark for other in (*benchmark.aliases, *ids) if other)


@every_benchmark
def test_listings_have_all_they_say(name):
    benchmark = find_benchmark(name)
    assert benchmark.about
    assert benchmark.about_zh.endswith("。")
    assert "http" not in benchmark.about_zh
    assert bool(benchmark.source.licence) == bool(benchmark.source.id)


@every_way
def test_the_first_record_is_asked_in_exactly_the_golden_words(name, way):
    assert golden_prompt(name, way) == golden_path(name, way).read_text(encoding="utf-8")


@every_way
def test_its_wordings_have_every_placeholder_they_need(name, way):
    benchmark = find_way(name, way)
    for wording in (benchmark.prompt, *benchmark.wordings.values()):
        wording.check("the prompt", needs_examples=benchmark.few_shot is not None)


@every_way
@pytest.mark.parametrize("num", [0, 1, 2])
def test_a_users_template_system_prompt_and_any_number_of_examples_work(name, way, num):
    benchmark = find_way(name, way)
    sample, *examples = samples_of(benchmark)
    num = num if benchmark.few_shot else 0
    template = Template("Be careful.\n\n{examples}Here it is: {question}\n{choices}\nMine:")
    prompter = make_prompter(benchmark, examples[:num], template=template, system_prompt="Be brief.")
    system, *_, user = [message for message in prompter(sample) if message.role != "assistant"]
    assert system.role == "system"
    assert user.content.startswith("Be careful.")
    assert user.content.endswith("Mine:")
    assert user.content.count("Here it is: ") == min(num, len(examples)) + 1


@every_benchmark
def test_its_examples_may_be_turns(name):
    benchmark = find_benchmark(name)
    sample, *examples = samples_of(benchmark)
    if benchmark.few_shot is None:
        pytest.skip("it has no examples")
    *turns, asked = make_prompter(benchmark, examples, as_turns=True)(sample)
    roles = [message.role for message in turns if message.role != "system"]
    assert roles == ["user", "assistant"] * len(examples)
    assert all(message.content.strip() for message in turns)
    assert asked.role == "user"


@every_benchmark
async def test_a_reply_in_the_asked_form_is_right_and_another_is_wrong(name):
    benchmark = credited(name)
    samples = samples_of(benchmark)
    right = [(benchmark.few_shot.answer(sample), sample) for sample in samples]
    other = next(sample for sample in samples if sample.target != samples[0].target)
    earned = await credits_of(benchmark, [*right, (benchmark.few_shot.answer(other), samples[0])])
    assert earned == [1.0] * len(samples) + [0.0]


@pytest.mark.parametrize("reply", ["", " \n", "I cannot help with that."], ids=["empty", "blank", "refusal"])
@every_benchmark
async def test_a_reply_without_an_answer_gives_none_and_no_credit(name, reply):
    benchmark = credited(name)
    takes_any_line = benchmark.extract in (short_answer, whole_text)  # then a refusal is an answer, and wrong
    samples = samples_of(benchmark)
    for sample in samples:
        assert benchmark.extract(reply, sample) is None or (takes_any_line and reply.strip())
    earned = await credits_of(benchmark, [(reply, sample) for sample in samples])
    assert max(earned) < (0.2 if benchmark.extract is whole_text else 1e-9)  # a refusal shares words with any text


@every_way
def test_the_target_of_a_multiple_choice_sample_is_of_its_letters(name, way):
    for sample in samples_of(find_way(name, way)):
        if sample.choices:
            assert set("".join(sample.targets)) <= set(
                LETTERS[: len(sample.choices)]
            )  # several, as "AC", are all right


@every_benchmark
def test_it_is_frozen(name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        find_benchmark(name).name = "other"


@every_judged
def test_the_answer_is_judged_whole_and_one_in_which_nothing_is_said_is_none(name):
    benchmark = find_benchmark(name)
    for sample in samples_of(benchmark):
        assert benchmark.extract(" So it is.\nGRADE: CORRECT ", sample) == "So it is.\nGRADE: CORRECT"
        assert benchmark.extract(" \n", sample) is None


@every_graded
def test_the_judge_is_shown_question_target_and_answer_once_and_nothing_is_left_open(name):
    benchmark = find_benchmark(name)
    for sample in samples_of(benchmark):
        shown = {"question": sample.question, "target": sample.targets[0], "answer": "[what was answered]"}
        asked = fill(benchmark.rubric.template, {name: f"<{text}>" for name, text in shown.items()})
        assert all(asked.count(f"<{text}>") == 1 for text in shown.values())
        assert "{" not in asked
        assert "}" not in asked


@every_graded
def test_the_judge_is_told_every_grade_in_the_form_it_is_read_in(name):
    rubric = find_benchmark(name).rubric
    for text in (rubric.template, rubric.repair):
        assert text.split("\n")[-len(rubric.grades) :] == [f"GRADE: {grade}" for grade in rubric.grades]
    assert rubric.empty in rubric.grades


@every_graded
def test_every_metric_of_a_judged_benchmark_is_given_by_every_grade(name):
    benchmark = find_benchmark(name)
    assert benchmark.metrics == benchmark.rubric.metrics
    for place, values in enumerate(benchmark.rubric.grades.values()):
        score = Score(values=values, answer="so")
        judged = SampleScore(sample_id="0", subset="s", repeat=0, outcome=Outcome.CORRECT, score=score)
        estimates = [metric([judged]) for metric in benchmark.metrics]
        assert estimates[place].value == 1.0
        assert all(estimate.num in (0, 1) for estimate in estimates)


@every_ranking
def test_a_variant_asks_the_same_questions_and_has_no_variants(name, way):
    benchmark, variant = find_benchmark(name), find_way(name, way)
    assert (variant.name, variant.version, variant.variants) == (name, benchmark.version, {})
    ids = [sample.id for sample in samples_of(benchmark)]
    assert [sample.id for sample in samples_of(variant)] == ids


@every_ranking
def test_a_solved_example_reads_as_the_question_does_with_its_right_continuation(name, way):
    variant = find_way(name, way)
    for sample in samples_of(variant):
        question, *ranked = make_prompter(variant, ())(sample)
        assert [message.role for message in ranked] == ["assistant"] * len(sample.choices)
        right = ranked[LETTERS.index(sample.targets[0])].content
        (first, *_) = make_prompter(variant, (sample,))(sample)
        assert first.content == f"{question.content}{right}\n\n{question.content}"


@every_ranking
async def test_the_likeliest_continuation_decides(name, way):
    variant = find_way(name, way)
    samples = samples_of(variant)
    for sample in samples:
        messages = make_prompter(variant, ())(sample)
        right = variant.continuations(sample)[LETTERS.index(sample.targets[0])]
        for liked, credit in ((-1.0, 1.0), (-999.0, 0.0)):
            model = MockModel(loglikelihood=lambda _, said, liked=liked, right=right: liked if said == right else -99.0)
            response = await variant.solver(messages, sample, model, variant.generation)
            assert await credits_of(variant, [(response.text, sample)]) == [credit]


@every_ranking
def test_every_metric_of_a_variant_is_given_by_its_scorer(name, way):
    variant = find_way(name, way)
    sample = samples_of(variant)[0]
    score = variant.scorer(write_logprobs((-1.0,) * len(sample.choices)), sample)
    assert [metric.value for metric in variant.metrics] == list(score.values)


@pytest.mark.parametrize("reply", ["", "ANSWER: A", "-1.0"], ids=["empty", "letter", "too few"])
@every_ranking
def test_a_reply_in_words_is_no_ranking_and_a_failure(name, way, reply):
    variant = find_way(name, way)
    sample = samples_of(variant)[0]
    with pytest.raises(ScoringError, match="were asked for"):
        variant.scorer(variant.extract(reply, sample), sample)
