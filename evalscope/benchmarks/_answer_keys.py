"""Answer keys of multiple-choice records, which name a choice in several ways."""

from evalscope.core.sample import LETTERS


def key_letter(key: object, num_choices: int) -> str:
    """The letter that a key means: 2 (choices counted from 0), "C" and "(C)" are all "C".

    Raises:
        ValueError: it names none of the choices.
    """
    letters = LETTERS[:num_choices]
    is_place = type(key) is int and 0 <= key < num_choices
    letter = letters[key] if is_place else str(key).strip().removeprefix("(").removesuffix(")")  # type: ignore[index]
    if len(letter) != 1 or letter not in letters:
        raise ValueError(f"the answer {key!r} names none of the {num_choices} choices {', '.join(letters)}")
    return letter
