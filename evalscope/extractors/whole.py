"""The answer is all of the text."""

from evalscope.core.sample import Sample


def whole_text(text: str, sample: Sample) -> str:
    """The text as it stands, such as log-probabilities, which no prose stands around."""
    return text
