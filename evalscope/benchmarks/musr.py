"""MuSR: long stories, each with a question that takes several steps of reasoning. https://arxiv.org/abs/2310.16049"""

from hashlib import blake2b

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.benchmarks.trivia_qa import read_list
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template

PROMPT = Template(
    "Read the story, think the question about it through step by step and choose the right answer. End with a line of "
    "the form “ANSWER: X”, where X is one of the letters {letters}.\n"
    "\n"
    "{examples}Story: {question}\n"
    "{choices}\n"
    "Reasoning:"
)


def to_sample(record: Record) -> Sample:
    """Choices are a list in Python's form, as text; several questions share a story, so their errors go together."""
    story, choices = record["narrative"].strip(), record["choices"]
    choices = read_list(choices) if isinstance(choices, str) else choices
    return Sample(
        input=f"{story}\n\nQuestion: {record['question'].strip()}",
        choices=tuple(choice.strip() for choice in choices),
        target=key_letter(int(record["answer_index"]), len(choices)),
        group=blake2b(story.encode(), digest_size=6).hexdigest(),
    )


BENCHMARK = by_reasoned_letter(
    name="musr",
    about="Long stories, each with a question of several steps of reasoning. https://arxiv.org/abs/2310.16049",
    about_zh="长篇叙事上的多步推理选择题：谋杀推理、物品位置、团队分工。",
    source=Source(
        id="AI-ModelScope/MuSR",
        huggingface_id="TAUR-Lab/MuSR",
        subsets=("murder_mystery", "object_placements", "team_allocation"),  # as the hub's files are named
        patterns=("{subset}",),
        num_records={"murder_mystery": 250, "object_placements": 256, "team_allocation": 250},
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    tags=("reasoning",),
)

# longer than most, for it has a wording of its own
