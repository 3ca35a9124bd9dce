"""Letters of choices in prose: the last explicit statement wins; a lone letter counts, rambling does not."""

import re
import unicodedata

from evalscope.core.sample import Sample

# every run is bounded: unbounded ones beside each other take quadratic time on hostile text
_IS = r"\s{1,3}(?:is|was|(?:would|should|must|will|has\sto)\s{1,3}be)"
_ABOUT = r"(?:\s(?:to|for|among|from|of|in|here)\b[^\n.:;?!]{0,60}?)?"  # "the answer to this question is"
_ENGLISH = (
    r"\b(?:answer|choice|option)[\"'*]{0,3}"
    rf"(?:{_ABOUT}{_IS})?\*{{0,3}}\s{{0,3}}[:=–—-]?"
    r"|\bI(?:'d|’d|'ll|’ll|\swould|\swill)?\s(?:choose|select|pick|go\swith)|<answer>"
)
_CHINESE = (
    r"答案】?\s{0,3}(?:就?是|为|应该是|应为|应?选)?\s{0,3}:?|选(?:择|项)\s{0,3}(?:是|为)\s{0,3}:?"
    r"|正确的?(?:选项|说法|做法|描述)?\s{0,3}(?:是|为)\s{0,3}:?|(?<![不别])(?<!不[应能可会该])选择?\s{0,3}:?"
)
# the characters that any of them begins with save the trying of all of them at every other
_LEAD = rf"(?=[acoi<\\答选正])(?:{_ENGLISH}|{_CHINESE}|\\boxed\s{{0,3}})"
_WRAP = (
    r"[\s*_`\"'“”‘’(\[{<$【]{0,12}(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s{0,3}\{\s{0,3}){0,3}"
    r"(?:option|choice|letter|选项)?[\s*_(\[]{0,6}"
)
_REST = r"(?=(?P<rest>[^\n]{0,24}))"
_STATED = re.compile(rf"{_LEAD}{_WRAP}(?P<letter>[A-Z])(?![A-Za-z0-9]){_REST}", re.IGNORECASE)
# the letter behind the text of its choice, as in: the correct answer is fire (B)
_BEHIND_TEXT = re.compile(
    rf"(?=[aco])(?:answer|choice|option){_IS}(?!\s+not\b)[^\n.()]{{1,80}}\((?:(?i:option|choice)\s)?(?P<letter>[A-Z])\){_REST}"
)
_JUDGED = re.compile(
    r"(?<![A-Za-z0-9])\(?(?P<letter>[A-Z])\)?(?:\*{0,3}\s{1,3}is\s{1,3}(?:the\s{1,3})?"
    r"(?:correct|right|best|answer|most\s\w{1,20}\s(?:answer|choice|option))\b|\s?(?:选?项)?\s?是?正确)(?=(?P<rest>))"
)
_STATES = re.compile(r"(?:\bis\b|\bbe\b|\bwas\b|[:=–—-]|是|为|选|答案|boxed|^I|<answer>)", re.IGNORECASE)
_DENIED = re.compile(r"[\s)\]*]{0,4}(?:选?项)?\s?(?:是?错|不|并非)")
_SECOND = re.compile(
    r"[\s)\]}*_.]*(?:,|/|&|\bor\b|\band\b|或|和|、|与)\s*\(?(?:option\s+)?(?P<letter>[A-Z])(?![A-Za-z0-9'])"
    r"(?!(?<=I)\s[a-z])(?!.{0,12}\b(?:is|are)\b)"
)
# "the answer is a dog", "the answer is I think …": English words, not letters
_WORD_FOLLOWS = re.compile(r"\s+(?!because|since|as\b|for\b|due|and\b|or\b|is\b|\()[a-z']")

_NAMED = r"(?:(?:(?:the\s)?(?:correct\s)?(?:answer|option|choice)|选项)\s?)?"
_ALONE = re.compile(
    rf"[\s*_`\"'“(\[{{<$#]*(?i:{_NAMED})[\s(\[]{{0,4}}(?:\\boxed\s*\{{)?(?P<letter>[A-Z])[\s*_`\"'“”)\]}}>$.:,。]*$"
)
_SMALL = re.compile(r"\(?(?P<letter>[a-z])[).]{0,2}(?:\s+(?P<text>\S.*))?$")
_WITH_TEXT = re.compile(rf"[\s*_`\"'“(\[]*(?i:{_NAMED})\(?(?P<letter>[A-Z])[)\].:、,\s*_–—-]+(?P<text>.*\S)\s*$")
_OPENS_REPLY = re.compile(r"[\s*_(\[]*(?P<letter>[A-Z])(?:[)\].:]|,(?=\s(?:because|since|as)\b))[*_]{0,3}\s")


def choice_letter(text: str, sample: Sample) -> str | None:
    r"""The upper-case letter that a reply settles on; None where it states none, or two at once.

    In this order: the last explicit statement ("ANSWER: B", "the answer is (B)", "答案：Ｂ", \\boxed{B}); the last line
    that is nothing but a letter; the one line that is a letter with its choice's text ("B. water"); a letter that
    opens the reply as one opens a choice ("B. Water does …").
    """
    text = unicodedata.normalize("NFKC", text)
    stated = _statements(text, sample)
    if stated:
        # a letter that names no choice counts only where none that does is stated: "ANSWER: X, where X is B"
        named = [found for found in stated if found.group("letter").upper() in sample.letters]
        last = (named or stated)[-1]
        second = _SECOND.match(last.group("rest"))
        return None if second and second.group("letter") in sample.letters else last.group("letter").upper()
    lines = [line for line in text.splitlines() if line.strip()]
    alone = [found for line in lines if (found := _ALONE.match(line))]
    if alone:
        return alone[-1].group("letter")
    return _letter_with_its_text(lines, sample) or _letter_that_opens(lines, sample)


def _statements(text: str, sample: Sample) -> list[re.Match[str]]:
    """The explicit statements in their order; where there are none, the choices that are called right."""
    stated = [found for found in _STATED.finditer(text) if _is_statement(found)]
    stated += [found for found in _BEHIND_TEXT.finditer(text) if found.group("letter") in sample.letters]
    return sorted(stated, key=lambda found: found.start("letter")) or list(_JUDGED.finditer(text))


def _is_statement(found: re.Match[str]) -> bool:
    letter, rest = found.group("letter"), found.group("rest")
    lead = found.group(0)[: found.start("letter") - found.start()]
    if not _STATES.search(lead) or _DENIED.match(rest):
        return False
    if letter.islower():  # a small letter counts only where nothing follows it on its line
        is_marked = ":" in lead or "<answer>" in lead or (lead.endswith("(") and rest.startswith(")"))
        return is_marked and not re.sub(r"</answer>", "", rest).strip(" \t.)]}*_\"'`$。")
    is_word = letter in "AI" and bool(_WORD_FOLLOWS.match(rest)) and ":" not in lead
    return not is_word


def _letter_with_its_text(lines: list[str], sample: Sample) -> str | None:
    found = {
        match.group("letter")
        for line in lines
        if (match := _WITH_TEXT.match(line)) and _is_choice(match.group("letter"), match.group("text"), sample)
    }
    return found.pop() if len(found) == 1 else None


def _letter_that_opens(lines: list[str], sample: Sample) -> str | None:
    """The letter before a reply, where no other line begins with one: that would be a list."""
    if len(lines) == 1 and (small := _SMALL.match(lines[0].strip())):
        letter, text = small.group("letter").upper(), small.group("text")
        return letter if letter in sample.letters and (not text or _is_choice(letter, text, sample)) else None
    openings = [found for line in lines if (found := _OPENS_REPLY.match(line))]
    if len(openings) != 1 or openings[0].string is not lines[0]:
        return None
    letter = openings[0].group("letter")
    return letter if letter in sample.letters else None


def _is_choice(letter: str, text: str, sample: Sample) -> bool:
    place = sample.letters.find(letter)
    return place >= 0 and _squeeze(sample.choices[place]) == _squeeze(text)


def _squeeze(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .*_`\"'")
