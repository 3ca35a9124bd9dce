"""A count beside the bound that an instruction sets."""


def holds(num: int, relation: str, bound: int) -> bool:
    """Whether a count is as an instruction wants it.

    Raises:
        ValueError: the relation is neither "at least" nor "less than".
    """
    if relation == "at least":
        return num >= bound
    if relation == "less than":
        return num < bound
    raise ValueError(f'the relation {relation!r} is unknown; "at least" and "less than" are known')
