"""Half characters, which JSON can carry but UTF-8 cannot."""


def without_surrogates(text: str) -> str:
    r"""The text with half characters joined to their other half, or replaced by U+FFFD where there is none.

    JSON can escape half of a character beyond U+FFFF (\ud83d), and a server that cuts text by tokens or streams it in
    pieces does so. Python takes it, but no file in UTF-8 can hold it: writing the row would fail, after the answer was
    paid for.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
