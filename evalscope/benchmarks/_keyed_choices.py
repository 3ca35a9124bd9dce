"""Records with choices {text[], label[]} and the label of the right one."""

from evalscope.core.sample import LETTERS, Record, Sample


def read_keyed(record: Record, question: str) -> Sample:
    """The sample, its question in the column of that name; letters come from the key's place among the labels.

    Raises:
        ValueError: the key is no label, as where a split's answers are not published and all keys are empty.
    """
    labels, key = list(record["choices"]["label"]), record["answerKey"]
    if key not in labels:
        raise ValueError(f"the answer key {key!r} is not among the choices {', '.join(map(repr, labels))}")
    choices = tuple(text.strip() for text in record["choices"]["text"])
    return Sample(
        id=str(record["id"]), input=record[question].strip(), choices=choices, target=LETTERS[labels.index(key)]
    )
