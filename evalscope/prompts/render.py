"""From a sample to the messages that ask it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalscope.core.benchmark import Benchmark
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.core.template import Template, fill
from evalscope.prompts.choices import list_choices


@dataclass(frozen=True, slots=True)
class Form:
    """One wording, its solved examples rendered.

    Attributes:
        head: what is said once, before the examples.
        body: the form in which a question is put.
        examples: the solved examples before the question, each followed by a blank line.
        turns: the solved examples as turns of user and assistant; the head goes before the first of them.
        question_marker: what opens a question's line: "Question:".
    """

    head: str
    body: str
    examples: str
    turns: tuple[Message, ...]
    question_marker: str


@dataclass(frozen=True, slots=True)
class Prompter:
    """Asks every sample of one subset; the solved examples are rendered once for each wording.

    Attributes:
        benchmark: whose samples are asked.
        system: the system's message, if any.
        forms: the wordings, by the name that a sample gives.
    """

    benchmark: Benchmark
    system: tuple[Message, ...]
    forms: Mapping[str, Form]

    def __call__(self, sample: Sample) -> tuple[Message, ...]:
        """The messages that ask one sample; what is to be ranked behind it follows as messages of the assistant.

        Of a conversation the last turn is put in the benchmark's form, which for most is the turn as it stands; a
        system's message of its own takes the place of ours.
        """
        form, values = self.forms[sample.wording], _values(sample)
        question, head = fill(form.body, values), fill(form.head, values)
        if form.turns:
            first, *others = form.turns
            said: tuple[Message, ...] = (Message("user", head + first.content), *others)
        else:
            said, question = (), head + form.examples + question
        system = self.system
        if not isinstance(sample.input, str):
            *before, _ = sample.input
            if before and before[0].role == "system":
                system = (before.pop(0),)
            said = (*said, *before)
        ranked = tuple(
            Message("assistant", _joined(question, text.lstrip())[len(question) :])
            for text in self.benchmark.continuations(sample)
        )
        return (*system, *said, Message("user", question), *ranked)

    def question_marker(self, sample: Sample) -> str:
        """What opens a question's line in the wording that asks this sample; empty for nothing."""
        return self.forms[sample.wording].question_marker


def make_prompter(
    benchmark: Benchmark,
    examples: Sequence[Sample],
    *,
    template: Template | None = None,
    system_prompt: str = "",
    as_turns: bool = False,
) -> Prompter:
    """The prompter of one subset: `examples` are worded as questions, each with the answer an assistant would give.

    Args:
        benchmark: whose samples are asked.
        examples: solved samples.
        template: a wording that replaces all of the benchmark's own.
        system_prompt: what the system says first; empty for nothing.
        as_turns: the examples become turns of user and assistant instead of one text.
    """
    wordings = wordings_of(benchmark, template)
    return Prompter(
        benchmark=benchmark,
        system=(Message("system", system_prompt),) if system_prompt else (),
        forms={name: _form(benchmark, wording, examples, as_turns=as_turns) for name, wording in wordings.items()},
    )


def wordings_of(benchmark: Benchmark, template: Template | None) -> dict[str, Template]:
    """The wordings in use, by the name that a sample gives; a user's template replaces each of them."""
    own = {"": benchmark.prompt, **benchmark.wordings}
    return own if template is None else dict.fromkeys(own, template)


def _form(benchmark: Benchmark, wording: Template, examples: Sequence[Sample], *, as_turns: bool) -> Form:
    body, cue = (wording.body.removesuffix(wording.cue), wording.cue) if as_turns and examples else (wording.body, "")
    turns: list[Message] = []
    shown: list[str] = []
    for example in examples:
        assert benchmark.few_shot is not None, "the loader refuses examples where a benchmark has no form for them"
        question, answer = fill(body, _values(example)), benchmark.few_shot.answer(example)
        if as_turns:
            # the cue that leads to an answer in one text opens the assistant's own turn
            turns += [Message("user", question.rstrip()), Message("assistant", _joined(cue, answer))]
        else:
            shown.append(f"{_joined(question, answer)}\n\n")
    return Form(
        head=wording.head,
        body=body.rstrip() if cue else body,
        examples="".join(shown),
        turns=tuple(turns),
        question_marker=wording.question_marker,
    )


def _joined(before: str, answer: str) -> str:
    needs_none = not before or before[-1].isspace() or before.endswith("：")  # a full-width colon is wide enough
    return f"{before}{'' if needs_none else ' '}{answer}"


def _values(sample: Sample) -> dict[str, str]:
    return {
        "question": sample.question,
        "choices": list_choices(sample.choices),
        "letters": ", ".join(sample.letters),
        "examples": "",
    }
