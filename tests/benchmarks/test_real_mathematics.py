"""All of MATH's test split. Needs EVALSCOPE_TEST_DATA."""

import asyncio
import os
from inspect import isawaitable
from pathlib import Path

import pytest

from evalscope.core.sample import Sample
from evalscope.registry import find_benchmark
from tests.sources.source_builders import load_from

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)

EQUAL_NEIGHBOURS = {(r"\frac{3}{4}", r"\frac34"), (r"120^\circ", "120"), (r"7\%", "7"), ("4", r"\$4"), ("-1", "x = -1")}


@pytest.fixture(scope="module")
def samples():
    loaded = load_from(DATA / "competition_math", find_benchmark("competition_math"))
    assert not [note for note in loaded.notes if "officially" in note]
    return [sample for subset in loaded.subsets for sample in subset.samples]


@pytest.fixture(scope="module")
def scorer():
    found = find_benchmark("competition_math").scorer
    yield found
    asyncio.run(found.aclose())


async def credit(scorer, answer, sample):
    score = scorer(answer, sample)
    return (await score if isawaitable(score) else score).values["acc"]


def test_it_is_whole_and_every_sample_has_its_topic(samples):
    assert len(samples) == 5000
    assert len({sample.category for sample in samples}) == 7
    assert sum(not isinstance(sample.target, str) for sample in samples) < 15


async def test_every_target_equals_itself(samples, scorer):
    wrong = [target for sample in samples for target in sample.targets if await credit(scorer, target, sample) != 1.0]
    assert wrong == []


async def test_every_solution_is_right(samples, scorer):
    benchmark = find_benchmark("competition_math")
    wrong = []
    for sample in samples:
        answer = benchmark.extract(benchmark.few_shot.answer(sample), sample)
        if await credit(scorer, answer, sample) != 1.0:
            wrong.append((answer, sample.target))
    assert wrong == []


FORMS = {
    "the authors' form": "Final Answer: The final answer is ${}$. I hope it is correct.",
    "boxed": "We think. The final answer is: $\\boxed{{{}}}$",
    "bold": "**Answer:** ${}$",
    "a display": "The answer is\n\\[ {} \\]",
    "Chinese": "因此，答案是 ${}$。",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
async def test_every_target_survives_extraction(samples, scorer, form):
    benchmark = find_benchmark("competition_math")
    lost = []
    for sample in samples:
        answer = benchmark.extract(form.format(sample.targets[0]), sample)
        if await credit(scorer, answer, sample) != 1.0:
            lost.append((answer, sample.targets[0]))
    assert lost == []


@pytest.mark.slow
async def test_no_target_equals_the_next_one_but_where_it_does(samples, scorer):
    """About a minute on two cores: the library has to say of most pairs that they differ."""
    targets = [sample.targets[0] for sample in samples]
    pairs = []
    for place, target in enumerate(targets):
        other = next(one for one in targets[place + 1 :] + targets[:place] if one != target)
        pairs.append((target, other))
    credits = await asyncio.gather(
        *(credit(scorer, other, Sample(input="?", target=target, id="1")) for target, other in pairs)
    )
    equal = {pair for pair, right in zip(pairs, credits, strict=True) if right}
    assert {pair for pair in equal if not any(set(pair) == set(known) for known in EQUAL_NEIGHBOURS)} == set()
