"""Letters of choices in prose: the last explicit statement wins; a lone letter counts, rambling does not."""

import re
import unicodedata

from evalscope.core.sample import Sample

_IS = r"(?:\s{1,3}(?:is|was|(?:would|should)\s{1,3}be))?"
_LEAD = (
    r"(?:\b(?:final|correct|right|best)?[ ]?(?:answer|choice|option)\*{0,3}" + _IS + r"\*{0,3}\s{0,3}[:=]?"
    r"|答案\s{0,3}(?:是|为|应该是|应为|选)?\s{0,3}:?|(?:故|应|因此|所以)?选(?:择|项)?\s{0,3}:?|\\boxed\s{0,3})"
)
# every run is bounded: unbounded ones beside each other take quadratic time on hostile text
_WRAP = (
    r"[\s*_`\"'“”‘’(\[{<$]{0,12}(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s{0,3}\{\s{0,3}){0,3}"
    r"(?:option|choice|letter|选项)?[\s*_(\[]{0,6}"
)
_STATED = re.compile(rf"{_LEAD}{_WRAP}(?P<letter>[A-Z])(?![A-Za-z0-9])(?=(?P<rest>[^\n]{{0,24}}))", re.IGNORECASE)
_JUDGED = re.compile(
    r"(?<![A-Za-z0-9])\(?(?P<letter>[A-Z])\)?\**\s+is\s+(?:the\s+)?(?:correct|right|best)\b(?=(?P<rest>))"
)
_NEEDS_COLON = re.compile(r"(?:\bis\b|\bbe\b|\bwas\b|[:=]|是|为|选|boxed)", re.IGNORECASE)
_SECOND = re.compile(r"^[\s)\]}*_.]*(?:,|/|&|\bor\b|\band\b|或|和|、|与)\s*\(?(?:option\s+)?[A-Z](?![A-Za-z0-9'])")
# "the answer is a dog", "the answer is I think …": English words, not letters
_WORD_FOLLOWS = re.compile(r"^\s+(?!because|since|as\b|for\b|due|and\b|or\b|is\b|\()[a-z']")

_ALONE = re.compile(r"^[\s*_`\"'“”(\[{<$#]*(?:\\boxed\s*\{)?(?P<letter>[A-Z])[\s*_`\"'“”)\]}>$.:,。]*$")
_WITH_TEXT = re.compile(r"^[\s*_`\"'“”(\[]*(?P<letter>[A-Z])[)\].:、,\s*_]+(?P<text>.*\S)\s*$")


def choice_letter(text: str, sample: Sample) -> str | None:
    r"""The upper-case letter that a reply settles on; None where it states none, or two at once.

    In this order: the last explicit statement ("ANSWER: B", "the answer is (B)", "答案：Ｂ", \\boxed{B}); the last line
    that is nothing but a letter; a reply of one line that is a letter with its choice's text ("B. water").
    """
    text = unicodedata.normalize("NFKC", text)
    stated = [found for found in _STATED.finditer(text) if _is_statement(found)] or list(_JUDGED.finditer(text))
    if stated:
        # a letter that names no choice counts only where none that does is stated: "ANSWER: X, where X is B"
        named = [found for found in stated if found.group("letter").upper() in sample.letters]
        last = (named or stated)[-1]
        return None if _SECOND.match(last.group("rest")) else last.group("letter").upper()
    lines = [line for line in text.splitlines() if line.strip()]
    alone = [found for line in lines if (found := _ALONE.match(line))]
    if alone:
        return alone[-1].group("letter")
    return _letter_with_its_text(lines, sample)


def _is_statement(found: re.Match[str]) -> bool:
    letter, rest = found.group("letter"), found.group("rest")
    lead = found.group(0)[: found.start("letter") - found.start()]
    if not _NEEDS_COLON.search(lead):
        return False
    if letter.islower():  # a small letter counts only where nothing follows it on its line
        return not rest.strip(" \t.)]}*_\"'`$。") and ":" in lead
    is_word = letter in "AI" and bool(_WORD_FOLLOWS.match(rest)) and ":" not in lead
    return not is_word


def _letter_with_its_text(lines: list[str], sample: Sample) -> str | None:
    found = {
        match.group("letter")
        for line in lines
        if (match := _WITH_TEXT.match(line)) and _is_choice(match.group("letter"), match.group("text"), sample)
    }
    return found.pop() if len(found) == 1 else None


def _is_choice(letter: str, text: str, sample: Sample) -> bool:
    place = sample.letters.find(letter)
    return place >= 0 and _squeeze(sample.choices[place]) == _squeeze(text)


def _squeeze(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .*_`\"'")
