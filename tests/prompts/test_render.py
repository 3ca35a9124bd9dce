"""Wordings with and without solved examples."""

from dataclasses import replace

import pytest

from evalscope.benchmarks.arc import BENCHMARK as ARC
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.core.template import Template
from evalscope.errors import ConfigError
from evalscope.prompts.render import make_prompter

SKY = Sample(input="What is blue?", choices=("the sky", "grass"), target="A")
FIRE = Sample(input="What burns? {letters}", choices=("water", "wood", "sand"), target="B")


def text(template: str, *examples: Sample, system: str = "") -> str:
    prompter = make_prompter(ARC, examples, template=Template(template), system_prompt=system)
    return prompter(FIRE)[-1].content


def test_examples_stand_where_the_template_says_in_the_form_of_the_question():
    assert text("Choose.\n\n{examples}Q: {question}\nA:", SKY) == (
        "Choose.\n\nQ: What is blue?\nA: A\n\nQ: What burns? {letters}\nA:"
    )


def test_without_a_place_for_examples_they_are_asked_in_the_whole_wording_before_the_question():
    assert text("Answer: {question}\n", SKY) == "Answer: What is blue?\nA\n\nAnswer: What burns? {letters}\n"


def test_choices_and_letters_are_those_of_the_sample():
    assert text("{letters}|{question}\n{choices}") == "A, B, C|What burns? {letters}\nA. water\nB. wood\nC. sand"


def test_what_a_question_holds_is_never_taken_for_a_placeholder():
    assert "{letters}" in text("{question}")


def test_braces_that_are_no_placeholder_stay():
    assert text(r"\boxed{} {{x}} {question}").startswith(r"\boxed{} {x} ")


def test_the_system_speaks_first():
    prompter = make_prompter(ARC, (), template=Template("{question}"), system_prompt="Be brief.")
    assert prompter(SKY) == (Message("system", "Be brief."), Message("user", "What is blue?"))


def test_a_conversation_is_asked_as_it_stands():
    turns = (Message("user", "hi"), Message("assistant", "hello"), Message("user", "and?"))
    prompter = make_prompter(ARC, (), template=Template("{question}"), system_prompt="Be brief.")
    assert prompter(replace(SKY, input=turns)) == (Message("system", "Be brief."), *turns)


@pytest.mark.parametrize(
    ("template", "named"),
    [("{qestion}", "question"), ("no question", "{question}"), ("{question} {answer}", "answer")],
    ids=["misspelt", "none", "unknown"],
)
def test_a_wording_that_cannot_be_filled_is_refused(template, named):
    with pytest.raises(ConfigError, match=named):
        Template(template).check("prompt_template")


@pytest.mark.parametrize(
    ("template", "marker"),
    [
        ("Do.\n\n{examples}Question: {question}\nA:", "Question:"),
        ("Q: {question}", "Q:"),
        ("{question}", ""),
        ("问题：{query}\n", "问题："),
    ],
)
def test_the_marker_is_what_opens_the_line_of_a_question(template, marker):
    assert Template(template).question_marker == marker
