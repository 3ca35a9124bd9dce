"""From a sample to the messages that ask it."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalscope.core.benchmark import Benchmark
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.core.template import Template, fill
from evalscope.prompts.choices import list_choices


@dataclass(frozen=True, slots=True)
class Prompter:
    """Asks every sample of one subset in the same way; the solved examples are rendered once.

    Attributes:
        head: what is said once, before the examples.
        body: the form in which the question is put.
        question_marker: what opens a question's line in this wording: "Question:".
        system: the system's message, if any.
        examples: the solved examples, rendered, each followed by a blank line.
    """

    head: str
    body: str
    question_marker: str
    system: tuple[Message, ...]
    examples: str

    def __call__(self, sample: Sample) -> tuple[Message, ...]:
        """The messages that ask one sample; a conversation is asked as it stands."""
        if not isinstance(sample.input, str):
            has_own_system = sample.input[0].role == "system"
            return sample.input if has_own_system else (*self.system, *sample.input)
        values = _values(sample)
        text = fill(self.head, values) + self.examples + fill(self.body, values)
        return (*self.system, Message("user", text))


def make_prompter(
    benchmark: Benchmark, examples: Sequence[Sample], *, template: Template, system_prompt: str
) -> Prompter:
    """The prompter of one subset: `examples` are worded as questions, each with the answer an assistant would give."""
    system = (Message("system", system_prompt),) if system_prompt else ()
    return Prompter(
        head=template.head,
        body=template.body,
        question_marker=template.question_marker,
        system=system,
        examples="".join(_demonstrate(benchmark, template.body, example) for example in examples),
    )


def _demonstrate(benchmark: Benchmark, body: str, example: Sample) -> str:
    assert benchmark.few_shot is not None, "the loader refuses examples where a benchmark has no form for them"
    question = fill(body, _values(example))
    gap = "" if question[-1:].isspace() or question.endswith("：") else " "  # a full-width colon is wide enough
    return f"{question}{gap}{benchmark.few_shot.answer(example)}\n\n"


def _values(sample: Sample) -> dict[str, str]:
    return {
        "question": sample.question,
        "choices": list_choices(sample.choices),
        "letters": ", ".join(sample.letters),
        "examples": "",
    }
