"""Instructions on capital letters and on the language of a reply."""

from evalscope.scorers.instructions.languages import is_language
from evalscope.scorers.instructions.relations import holds
from evalscope.scorers.instructions.sentences import words_of


def has_capital_words(text: str, *, capital_frequency: int, capital_relation: str) -> bool:
    """Whether so many words are all in capitals, "I" and "A" among them."""
    return holds(sum(map(str.isupper, words_of(text))), capital_relation, capital_frequency)


def is_english_capital(text: str) -> bool:
    """Whether the text is English without a small letter."""
    return text.isupper() and is_language(text, "en")


def is_english_lowercase(text: str) -> bool:
    """Whether the text is English without a capital letter."""
    return text.islower() and is_language(text, "en")


def is_in_language(text: str, *, language: str) -> bool:
    """Whether the text as a whole is in the language, given by its ISO 639-1 code."""
    return is_language(text, language)
