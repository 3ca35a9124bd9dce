"""All of the sets of mathematics beside MATH and GSM8K. Needs EVALSCOPE_TEST_DATA."""

import asyncio
import os
import re
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

NUM_SAMPLES = {
    "math_500": 500,
    "aime24": 30,
    "aime25": 30,
    "amc23": 40,
    "minerva_math": 272,
    "olympiadbench": 675,
    "college_math": 2818,
    "gaokao2023en": 385,
    "sat_math": 32,
    "aqua": 254,
    "svamp": 1000,
    "cmath": 1098,
    "mgsm": 250,
}
EXPRESSIONS = tuple(NUM_SAMPLES)[:8]
EQUAL_NEIGHBOURS = {("5", "x=5"), ("$-2$", r"$\{-2\}$"), ("1", r"$\frac{x^{2}}{2} - \frac{y^{2}}{2} = 1$")}
"""What stands left of the value, and braces around the only one, are no difference."""


def samples_of(name):
    """Those that have a target: two of gaokao2023en have none."""
    args = {"subset_list": ["zh"]} if name == "mgsm" else {}
    loaded = load_from(DATA / name, find_benchmark(name), **args)
    assert not [note for note in loaded.notes if "officially" in note]
    found = [sample for subset in loaded.subsets for sample in subset.samples]
    assert len(found) == NUM_SAMPLES[name]
    return [sample for sample in found if sample.targets != ("",)]


async def credits_of(benchmark, answered):
    async def credit(answer, sample):
        score = benchmark.scorer(answer, sample)
        return (await score if isawaitable(score) else score).values["acc"]

    found = await asyncio.gather(*(credit(answer, sample) for answer, sample in answered))
    if close := getattr(benchmark.scorer, "aclose", None):
        await close()
    return found


@pytest.mark.parametrize("name", NUM_SAMPLES)
async def test_every_reply_of_the_authors_and_every_target_is_right(name):
    benchmark, samples = find_benchmark(name), samples_of(name)
    answered = [(benchmark.extract(benchmark.few_shot.answer(sample), sample), sample) for sample in samples]
    answered += [(target, sample) for sample in samples for target in sample.targets]
    credits = await credits_of(benchmark, answered)
    assert [pair for pair, credit in zip(answered, credits, strict=True) if credit != 1.0] == []


async def test_powers_of_ten_of_minerva_are_right_in_every_spelling():
    benchmark, answered = find_benchmark("minerva_math"), []
    for sample in samples_of("minerva_math"):
        if found := re.fullmatch(r"([\d.]+)e(-?\d+)", sample.targets[0]):
            for form in (r"{} \times 10^{{{}}}", r"{}\cdot 10^{{{}}} \mathrm{{~erg}}", "{}E{}", r"{} × 10^{}"):
                answered.append((form.format(*found.groups()), sample))
    assert len(answered) > 4 * 50
    credits = await credits_of(benchmark, answered)
    assert [(pair[0], pair[1].target) for pair, credit in zip(answered, credits, strict=True) if credit != 1.0] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name not in ("college_math", "minerva_math")])
async def test_no_target_equals_the_next_one_but_where_it_does(name):
    """The two left out hold pairs of differential equations that the library does not come to an end of."""
    benchmark, samples = find_benchmark(name), samples_of(name)
    pairs = []
    for place, sample in enumerate(samples):
        other = next(one for one in samples[place + 1 :] + samples[:place] if one.targets != sample.targets)
        pairs.append((other.targets[0], Sample(input="?", target=sample.targets[0], id="1")))
    credits = await credits_of(benchmark, pairs)
    equal = {(sample.target, other) for (other, sample), credit in zip(pairs, credits, strict=True) if credit}
    assert {pair for pair in equal if not any(set(pair) == set(known) for known in EQUAL_NEIGHBOURS)} == set()
