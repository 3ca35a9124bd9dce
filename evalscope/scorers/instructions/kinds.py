"""The 25 kinds of instruction, each with its check.

Source: Zhou et al. 2023, "Instruction-Following Evaluation for Large Language Models", table 1, and the behaviour of
the authors' published check where the table leaves it open. https://arxiv.org/abs/2311.07911
"""

import inspect
from collections.abc import Callable, Mapping

from evalscope.scorers.instructions import case, contents, formats, keywords, lengths
from evalscope.workers import Json

Check = Callable[..., bool]
"""Whether a text follows an instruction; what the instruction says are its keyword arguments."""

CHECKS: Mapping[str, Check] = {
    "keywords:existence": keywords.has_keywords,
    "keywords:frequency": keywords.repeats_keyword,
    "keywords:forbidden_words": keywords.avoids_words,
    "keywords:letter_frequency": keywords.repeats_letter,
    "language:response_language": case.is_in_language,
    "length_constraints:number_sentences": lengths.has_sentences,
    "length_constraints:number_paragraphs": lengths.has_divided_paragraphs,
    "length_constraints:number_words": lengths.has_words,
    "length_constraints:nth_paragraph_first_word": lengths.opens_paragraph_with,
    "detectable_content:number_placeholders": contents.has_placeholders,
    "detectable_content:postscript": contents.has_postscript,
    "detectable_format:number_bullet_lists": formats.has_bullets,
    "detectable_format:constrained_response": contents.is_constrained,
    "detectable_format:number_highlighted_sections": formats.has_highlights,
    "detectable_format:multiple_sections": formats.has_sections,
    "detectable_format:json_format": formats.is_json,
    "detectable_format:title": formats.has_title,
    "combination:two_responses": contents.has_two_responses,
    "combination:repeat_prompt": contents.repeats_prompt,
    "startend:end_checker": formats.ends_with,
    "startend:quotation": formats.is_quoted,
    "change_case:capital_word_frequency": case.has_capital_words,
    "change_case:english_capital": case.is_english_capital,
    "change_case:english_lowercase": case.is_english_lowercase,
    "punctuation:no_comma": formats.has_no_comma,
}


def find_check(kind: str, arguments: Mapping[str, Json]) -> Callable[[str], bool]:
    """The check of one instruction.

    Args:
        kind: such as "keywords:frequency".
        arguments: what it says; those that its check does not ask for are left out.

    Raises:
        ValueError: the kind is unknown, or it does not say all that is needed.
    """
    if kind not in CHECKS:
        raise ValueError(f"the instruction {kind!r} is unknown; known: {', '.join(CHECKS)}")
    check = CHECKS[kind]
    needed = [name for name in inspect.signature(check).parameters if name != "text"]
    missing = [name for name in needed if arguments.get(name) is None]
    if missing:
        given = ", ".join(arguments) or "nothing"
        raise ValueError(f"the instruction {kind} needs {', '.join(missing)} in kwargs, which say {given}")
    return lambda text: check(text, **{name: arguments[name] for name in needed})
