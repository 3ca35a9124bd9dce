"""Generation settings in both vocabularies, over those of a benchmark."""

import pytest

from evalscope.config.generation import GenerationConfig, check_generation
from evalscope.core.generation import Generation
from evalscope.errors import ConfigError

DEFAULTS = Generation(max_tokens=2048, temperature=0.0, stop=("\n\n",))


def over(**settings) -> Generation:
    return GenerationConfig(**settings).over(DEFAULTS)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, DEFAULTS),
        ({"max_tokens": 9}, Generation(max_tokens=9, temperature=0.0, stop=("\n\n",))),
        ({"max_new_tokens": "9"}, Generation(max_tokens=9, temperature=0.0, stop=("\n\n",))),
        (
            {"max_completion_tokens": 9},
            Generation(max_tokens=9, max_tokens_field="max_completion_tokens", temperature=0.0, stop=("\n\n",)),
        ),
        ({"do_sample": False}, DEFAULTS),
        ({"do_sample": True}, Generation(max_tokens=2048, temperature=1.0, stop=("\n\n",))),
        ({"do_sample": True, "temperature": 0.6}, Generation(max_tokens=2048, temperature=0.6, stop=("\n\n",))),
        ({"temperature": 0.6}, Generation(max_tokens=2048, temperature=0.6, stop=("\n\n",))),
        ({"stop": "\n"}, Generation(max_tokens=2048, temperature=0.0, stop=("\n",))),
        ({"stop_sequences": ["a", "b"]}, Generation(max_tokens=2048, temperature=0.0, stop=("a", "b"))),
        ({"stop_strings": []}, Generation(max_tokens=2048, temperature=0.0)),
        ({"n": 4}, DEFAULTS),
        ({"num_return_sequences": 4}, DEFAULTS),
        ({"temperature": None, "max_tokens": None}, DEFAULTS),
    ],
    ids=repr,
)
def test_both_vocabularies_go_over_the_benchmarks_own(settings, expected):
    assert over(**settings) == expected


def test_settings_that_are_only_passed_on_arrive_as_they_are():
    passed = {
        "top_p": 0.9,
        "top_k": 20,
        "min_p": 0.05,
        "seed": 7,
        "repetition_penalty": 1.1,
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
        "chat_template_kwargs": {"enable_thinking": False},
        "reasoning_effort": "low",
        "extra_body": {"guided_choice": ["A", "B"], "nothing": None},
        "extra_headers": {"X-Team": "a"},
        "extra_query": {"api-version": "2026-01-01"},
    }
    generation = over(**passed)
    assert {name: getattr(generation, name) for name in passed} == passed


def test_greedy_asked_for_goes_over_a_sampling_benchmark():
    assert GenerationConfig(do_sample=False).over(Generation(temperature=0.8)).temperature == 0.0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"max_tokens": 5, "max_new_tokens": 5}, "both 'max_tokens' and 'max_new_tokens'"),
        ({"max_completion_tokens": 5, "max_new_tokens": 5}, "both 'max_completion_tokens' and 'max_new_tokens'"),
        ({"n": 2, "num_return_sequences": 2}, "both 'n' and 'num_return_sequences'"),
        ({"do_sample": False, "temperature": 0.5}, "greedy (do_sample false) and for sampling (temperature 0.5)"),
        ({"do_sample": True, "temperature": 0}, "sampling (do_sample true) and for temperature 0"),
        ({"max_tokens_field": "foo"}, "max_tokens_field is no setting; write max_tokens"),
        ({"stop": [""]}, "stop: an empty text would end every answer at once"),
        ({"stop": {"a"}}, "stop: a list is needed; found a set"),
        ({"max_new_tokens": 0}, "max_tokens: at least 1 is needed; found 0"),
        ({"temperature": True}, "temperature: a value other than true and false is needed; found True"),
        ({"extra_body": {"a": object}}, "extra_body: values that JSON can hold are needed"),
        ({"extra_body": {"a": float("nan")}}, "extra_body: values that JSON can hold are needed"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_settings_that_contradict_or_make_no_sense_are_refused(settings, named):
    with pytest.raises(ConfigError) as caught:
        GenerationConfig(**settings)
    assert named in str(caught.value)
    assert str(caught.value).count("generation_config") == 1


def test_a_number_as_name_inside_the_body_becomes_the_text_that_json_sends():
    assert over(extra_body={"logit_bias": {50256: -100}}).extra_body == {"logit_bias": {"50256": -100}}


def test_settings_that_a_model_would_drop_are_refused_by_name():
    check_generation(Generation(temperature=0.0), frozenset({"temperature"}), "it")
    with pytest.raises(ConfigError, match="it cannot honour presence_penalty, top_k of generation_config"):
        check_generation(Generation(top_k=3, presence_penalty=1.0), frozenset({"temperature"}), "it")


@pytest.mark.parametrize(
    "settings",
    [{"extra_body": {"a": "\ud800"}}, {"extra_body": {"a": 2**70}}, {"stop": ["\ud800"]}],
    ids=["half character", "number over 64 bits", "half character as stop"],
)
def test_what_could_not_be_stored_is_refused(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        GenerationConfig(**settings)


def test_a_temperature_in_the_body_is_no_greedy_request():
    assert GenerationConfig(temperature=0).over(Generation()).is_greedy
    assert not GenerationConfig(temperature=0, extra_body={"temperature": 1}).over(Generation()).is_greedy
