"""Wordings with placeholders: what is refused, where they divide, and what filling leaves alone."""

import pytest

from evalscope.core.template import Template, fill
from evalscope.errors import ConfigError

VALUES = {"question": "Q?", "choices": "A) x", "letters": "A, B", "examples": "E\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{question}", "Q?"),
        ("{query}", "Q?"),
        ("{fewshot}{question}", "E\nQ?"),
        ("{choices} of {letters}", "A) x of A, B"),
        (r"\boxed{} \frac{1}{2} {question}", r"\boxed{} \frac{1}{2} Q?"),
        ('{"a": 1} {question}', '{"a": 1} Q?'),
        ("{{question}} {question}", "{question} Q?"),
        ("{{{question}}}", "{Q?}"),
        ("{ question }", "{ question }"),
        ("", ""),
    ],
    ids=[
        "plain",
        "synonym",
        "few-shot synonym",
        "two",
        "LaTeX braces stand for themselves",
        "JSON stands for itself",
        "doubled braces",
        "doubled braces around a placeholder",
        "spaces inside are no placeholder",
        "empty",
    ],
)
def test_placeholders_are_filled_and_other_braces_are_left_alone(text, expected):
    assert fill(text, VALUES) == expected


def test_inserted_text_is_never_searched_for_placeholders():
    assert fill("{question} {choices}", {"question": "{choices} }} {{", "choices": "x"}) == "{choices} }} {{ x"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{question} {anser}", "{anser}"),
        ("{question} {letter}", "did you mean 'letters'"),
        ("no placeholder at all", "no {question}"),
        ("{{question}}", "no {question}"),
        ("", "no {question}"),
    ],
    ids=["unknown", "nearly right", "none", "only an escaped one", "empty"],
)
def test_a_wording_that_cannot_ask_is_refused(text, named):
    with pytest.raises(ConfigError, match="prompt_template of 'x'") as caught:
        Template(text).check("prompt_template of 'x'")
    assert named in str(caught.value)


def test_a_few_shot_wording_needs_a_place_for_examples():
    Template("{fewshot}{query}").check("it", needs_examples=True)
    with pytest.raises(ConfigError, match=r"no \{examples\}"):
        Template("{question}").check("it", needs_examples=True)


@pytest.mark.parametrize(
    ("text", "head", "body", "marker"),
    [
        ("Solve.\n{examples}Question: {question}\nA:", "Solve.\n", "Question: {question}\nA:", "Question:"),
        ("{fewshot}Q: {query}", "", "Q: {query}", "Q:"),
        ("Say {question}", "", "Say {question}", "Say"),
        ("{question}", "", "{question}", ""),
        ("{{examples}} {question}", "", "{{examples}} {question}", "{{examples}}"),
    ],
    ids=["divided", "synonyms", "no examples", "bare", "escaped examples do not divide"],
)
def test_examples_divide_a_wording(text, head, body, marker):
    template = Template(text)
    assert (template.head, template.body, template.question_marker) == (head, body, marker)
