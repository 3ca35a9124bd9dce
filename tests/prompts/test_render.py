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


def test_examples_as_turns_leave_the_cue_to_the_assistant():
    template = Template("Choose a letter.\n\n{examples}Q: {question}\n{choices}\nANSWER:")
    prompter = make_prompter(ARC, (SKY, SKY), template=template, system_prompt="Be brief.", as_turns=True)
    asked = "Q: What is blue?\nA. the sky\nB. grass"
    assert prompter(FIRE) == (
        Message("system", "Be brief."),
        Message("user", f"Choose a letter.\n\n{asked}"),
        Message("assistant", "ANSWER: A"),
        Message("user", asked),
        Message("assistant", "ANSWER: A"),
        Message("user", "Q: What burns? {letters}\nA. water\nB. wood\nC. sand"),
    )


def test_without_examples_turns_change_nothing():
    whole = make_prompter(ARC, (), template=Template("Q: {question}\nANSWER:"), as_turns=True)
    assert whole(SKY) == (Message("user", "Q: What is blue?\nANSWER:"),)


def test_the_letters_of_the_head_are_those_of_the_question_also_in_turns():
    prompter = make_prompter(ARC, (SKY,), template=Template("One of {letters}.\n\n{examples}{question}"), as_turns=True)
    assert prompter(FIRE)[0] == Message("user", "One of A, B, C.\n\nWhat is blue?")


def test_a_sample_is_asked_in_the_wording_that_it_names_and_so_are_its_examples():
    benchmark = replace(ARC, prompt=Template("Q: {question}"), wordings={"zh": Template("问：{question}")})
    prompter = make_prompter(benchmark, (SKY,))
    assert prompter(SKY)[0].content == "Q: What is blue? A\n\nQ: What is blue?"
    in_chinese = replace(SKY, wording="zh")
    assert prompter(in_chinese)[0].content == "问：What is blue? A\n\n问：What is blue?"
    assert (prompter.question_marker(SKY), prompter.question_marker(in_chinese)) == ("Q:", "问：")


def test_a_template_of_the_users_replaces_every_wording():
    benchmark = replace(ARC, wordings={"zh": Template("问：{question}")})
    prompter = make_prompter(benchmark, (), template=Template("{question}!"))
    assert prompter(replace(SKY, wording="zh")) == (Message("user", "What is blue?!"),)


def test_what_is_ranked_follows_the_context_as_messages_of_the_assistant():
    benchmark = replace(ARC, prompt=Template("{question}"), continuations=lambda sample: (" yes", " no"))
    assert make_prompter(benchmark, ())(SKY) == (
        Message("user", "What is blue?"),
        Message("assistant", " yes"),
        Message("assistant", " no"),
    )


@pytest.mark.parametrize(
    ("template", "continuation"),
    [("{question}", " yes"), ("{question}\nA: ", "yes"), ("{question}\n", "yes"), ("{question}\n答案：", "yes")],
    ids=["a word", "a space", "a new line", "a full-width colon"],
)
def test_what_is_ranked_joins_the_context_as_solved_examples_do(template, continuation):
    benchmark = replace(ARC, continuations=lambda sample: (" yes",))
    assert make_prompter(benchmark, (), template=Template(template))(SKY)[-1].content == continuation


def test_the_last_turn_of_a_conversation_is_put_in_the_form_and_its_own_system_speaks():
    turns = (
        Message("system", "Be kind."),
        Message("user", "hi"),
        Message("assistant", "hello"),
        Message("user", "so?"),
    )
    prompter = make_prompter(ARC, (), template=Template("{question} Reply in one word."), system_prompt="Be brief.")
    assert prompter(replace(SKY, input=turns)) == (*turns[:-1], Message("user", "so? Reply in one word."))


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
