"""Instructions on how long a reply is: its sentences, words and paragraphs."""

import re

from evalscope.scorers.instructions.relations import holds
from evalscope.scorers.instructions.sentences import count_sentences

_WORD = re.compile(r"\w+")
_DIVIDER = re.compile(r"\s?\*\*\*\s?")
_WORD_ENDS = re.compile(r"""[.,?!'"，。？！、：]""")


def has_sentences(text: str, *, num_sentences: int, relation: str) -> bool:
    """Whether there are so many sentences."""
    return holds(count_sentences(text), relation, num_sentences)


def has_words(text: str, *, num_words: int, relation: str) -> bool:
    """Whether there are so many words: runs of letters and digits, so that "don't" is two and a Chinese clause one."""
    return holds(len(_WORD.findall(text)), relation, num_words)


def has_divided_paragraphs(text: str, *, num_paragraphs: int) -> bool:
    """Whether *** divides the text into exactly so many paragraphs; only before the first and behind the last it may
    divide nothing off.
    """
    first, *others = _DIVIDER.split(text)
    if not others:
        return num_paragraphs == int(bool(first.strip()))
    *inner, last = others
    return all(part.strip() for part in inner) and num_paragraphs == len(inner) + sum(
        bool(part.strip()) for part in (first, last)
    )


def opens_paragraph_with(text: str, *, first_word: str, nth_paragraph: int, num_paragraphs: int) -> bool:
    """Whether there are exactly so many paragraphs, divided by empty lines, and the n-th (from 1) opens with the word.

    Quotes before the word and whatever follows the next punctuation do not belong to it.
    """
    parts = text.split("\n\n")
    num = sum(bool(part.strip()) for part in parts)
    # places are counted with the empty parts that a longer gap leaves, as in the published check
    words = parts[nth_paragraph - 1].split() if nth_paragraph <= num else []
    if not words:
        return False
    opening = _WORD_ENDS.split(words[0].lstrip("'").lstrip('"'))[0].lower()
    return num == num_paragraphs and opening == first_word.lower()
