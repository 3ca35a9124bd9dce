"""GSM8K from local files as a task of inspect_ai; it runs in that framework's environment, not in ours."""

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import match
from inspect_ai.solver import generate


@task
def gsm8k_local(train: str, test: str, num_examples: int) -> Task:
    """Worked examples before each question; the last number of an answer counts."""
    examples = json_dataset(train, _to_sample, limit=num_examples)
    shown = "".join(f"Question: {one.input}\nAnswer: {one.metadata['worked']}\n\n" for one in examples)
    asked = json_dataset(test, lambda record: _to_sample(record, shown))
    return Task(dataset=asked, solver=generate(), scorer=match(numeric=True))


def _to_sample(record: dict[str, str], shown: str | None = None) -> Sample:
    question = record["question"] if shown is None else f"{shown}Question: {record['question']}\nAnswer:"
    target = record["answer"].rpartition("####")[2].strip().replace(",", "")
    return Sample(input=question, target=target, metadata={"worked": record["answer"]})
