"""The answer is all of the text."""

from evalscope.core.sample import Sample


def whole_text(text: str, sample: Sample) -> str | None:
    """All of the text, without the white space around it; None where nothing is left."""
    return text.strip() or None
