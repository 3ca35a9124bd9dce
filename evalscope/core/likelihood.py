"""Log-probabilities as the text of an answer: what is stored and scored where options are ranked."""


def write_logprobs(logprobs: tuple[float, ...]) -> str:
    """The numbers in their order, a space between two; nothing is lost."""
    return " ".join(map(repr, logprobs))


def read_logprobs(text: str) -> tuple[float, ...]:
    """The numbers of such a text.

    Raises:
        ValueError: something in it is no number.
    """
    return tuple(map(float, text.split()))
