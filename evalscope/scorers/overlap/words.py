"""The words of a text, found by the script it is written in."""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from typing import Protocol

_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f\u1100-\u11ff\uac00-\ud7a3]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# what jieba looks at as one; it takes quadratic time over a run that is all single characters, as in a reply gone wild
_PIECE = re.compile(r"[\w+#&.%-]{1,500}|[^\w+#&.%-]+")
_LAST_LATIN = "\u024f"


class Script(StrEnum):
    """How words are found."""

    LATIN = "latin"
    HAN = "han"
    KANA_OR_HANGUL = "kana or hangul"
    OTHER = "other"


class _Cutter(Protocol):
    """A jieba tokenizer."""

    def lcut(self, sentence: str) -> list[str]: ...


def script_of(*texts: str) -> Script:
    """How the words of all these texts together are to be found."""
    together = "".join(texts)
    if together.isascii():
        return Script.LATIN
    if _KANA_OR_HANGUL.search(together):
        return Script.KANA_OR_HANGUL
    if _HAN.search(together):
        return Script.HAN
    return Script.OTHER if any(char > _LAST_LATIN and char.isalnum() for char in together) else Script.LATIN


def ascii_words(text: str) -> list[str]:
    """The words as rouge-score itself finds them, in small letters: an accented letter ends a word."""
    from rouge_score.tokenize import tokenize

    words: list[str] = tokenize(text, None)
    return words


def cut_words(text: str) -> list[str]:
    """Chinese cut by jieba, other words whole, kana and hangul one by one; punctuation is no word."""
    pieces = _PIECE.findall(text.lower())
    return [word for piece in pieces for word in _cutter().lcut(piece) if any(char.isalnum() for char in word)]


def other_words(text: str) -> list[str]:
    """Runs of letters, marks on them and digits, in small letters."""
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text.lower()).split()


@cache
def _cutter() -> _Cutter:
    """A jieba tokenizer with its dictionary read from the package, which takes a second.

    Its own loading keeps a cache in the folder for temporary files, where another user of the machine could have put
    one.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source is older than some of Python's warnings
        import jieba
    cutter = jieba.Tokenizer()
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    made: _Cutter = cutter
    return made
