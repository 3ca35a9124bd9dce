"""Instructions on the words and letters of a reply; capitals never count."""

import re
from collections.abc import Sequence

from evalscope.scorers.instructions.relations import holds

# scripts that put no space between words, so that a word has no boundary there
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def has_keywords(text: str, *, keywords: Sequence[str]) -> bool:
    """Whether each keyword occurs, also within a longer word."""
    return all(re.search(re.escape(keyword), text, re.IGNORECASE) for keyword in keywords)


def repeats_keyword(text: str, *, keyword: str, frequency: int, relation: str) -> bool:
    """Whether the keyword occurs so often, also within longer words."""
    num = len(re.findall(re.escape(keyword.strip()), text, re.IGNORECASE))
    return holds(num, relation, frequency)


def avoids_words(text: str, *, forbidden_words: Sequence[str]) -> bool:
    """Whether none of the words occurs as a word of its own; within a longer one it may."""
    return not any(re.search(_as_word(word), text, re.IGNORECASE) for word in forbidden_words)


def repeats_letter(text: str, *, letter: str, let_frequency: int, let_relation: str) -> bool:
    """Whether the letter, or another single sign such as #, occurs so often."""
    return holds(text.lower().count(letter.strip().lower()), let_relation, let_frequency)


def _as_word(word: str) -> str:
    edge = "" if _UNSPACED.search(word) else r"\b"
    return f"{edge}{re.escape(word)}{edge}"
