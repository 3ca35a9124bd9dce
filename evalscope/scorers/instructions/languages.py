"""The language that a text is written in.

The published scores were made with langdetect, which has had no release since 2021 and draws at random. py3langid is
kept, draws nothing, and says the same of prose; of texts in capitals, which langdetect reads by the first letter of
each word alone, it is right more often.
"""

from functools import cache
from typing import Protocol

LANGUAGES = """
    af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl pt ro
    ru sk sl so sq sv sw ta te th tl tr uk ur vi zh
"""
"""Those that the published check tells apart: with rare ones to choose from, short texts would be taken for them."""


class _Detector(Protocol):
    def classify(self, instance: str) -> tuple[str, float]: ...


def is_language(text: str, language: str) -> bool:
    """Whether a text is in a language; one without any letter is in each, as in the published check.

    Args:
        text: any.
        language: an ISO 639-1 code; of one with a region (zh-cn) the language alone counts.

    Raises:
        ValueError: the language is none of those that are told apart.
    """
    wanted = language.lower().partition("-")[0]
    if wanted not in LANGUAGES.split():
        raise ValueError(f"the language {language!r} is none of those that are told apart: {LANGUAGES.strip()}")
    return not any(map(str.isalpha, text)) or _detector().classify(text.lower())[0] == wanted


@cache
def _detector() -> _Detector:
    """The detector, which takes half a second to load."""
    from py3langid import langid

    langid.set_languages(LANGUAGES.split())
    detector: _Detector = langid
    return detector
