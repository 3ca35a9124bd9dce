"""Letters of choices in prose: the last explicit statement wins; a lone letter counts, rambling does not."""

import re
import unicodedata
from collections import deque

from evalscope.core.sample import Sample

# What stands before a stated letter, in small letters and without ornament, so without apostrophes.
# Every run is bounded: unbounded ones beside each other take quadratic time on hostile text.
_NOUN = (
    r"(?:answer|ans\.?|choice|option|letter|solution"
    r"|(?:correct|right|best|closest|true)(?:\s(?:one|statement|match|response|letter))?)"
)
_ABOUT = r"(?:\s(?:to|for|among|from|of|in|here)\b[^\n.:;?!]{0,60}?)?"  # the answer "to this question" is
_ADVERB = (
    r"(?:,?\s(?:therefore|thus|hence|then|indeed|clearly|simply|actually|definitely|probably"
    r"|(?:most\s)?likely|still),?)?"
)
_IS = rf"\s{{1,3}}(?:is|was|(?:would|should|must|will|has\sto){_ADVERB}\s{{1,3}}be|(?:seems|appears)\sto\sbe){_ADVERB}"
_NOT_BUT = r"(?:\snot\s(?:option\s|choice\s)?\(?[a-z]\)?,?\s(?:but(?:\srather)?|rather|it\sis))?"
_NAMED = r"[\s(\[<]{0,12}(?:(?:the\s)?(?:correct\s)?(?:answer|option|choice|letter|选项)[\s:(\[]{0,4})?"

_STATEMENTS = (
    rf"{_NOUN}{_ABOUT}{_IS}{_NOT_BUT}\s{{0,3}}:?",  # the answer to this question is · the best option would be:
    rf"{_NOUN}(?:{_ABOUT}{_IS})?\s{{0,3}}[:=–—→-]>?",  # Answer: · Correct option -
    r"(?:final\sanswer|\[answer\]|answer(?=\n)|ans\.)",  # headings
    r"(?:i|we)(?:d|ll|\swould|\swill|\sshould|\smust|\stherefore)?\s(?:choose|select|pick|go\swith)",
    r"\\f?boxed|<(?:answer|option|choice)>|\[\[",
    r"答案】?\s{0,3}(?:就?是|为|应该是|应该为|应为|应?选)?\s{0,3}:?",
    r"(?:不是|不选)\(?[a-z]\)?,?\s?而?[是选]",  # 不是A，而是
    r"选(?:择|项)\s{0,3}[是为]\s{0,3}:?|正确的?(?:选项|说法|做法|描述)?\s{0,3}[是为]\s{0,3}:?",
    r"(?<![不别])(?<!不[应能可会该])选择?\s{0,3}:?",
)
# begins at no place within a word, and nowhere but at their first characters: that saves the trying of all else
_STATED = re.compile(rf"(?<![a-z](?=[a-z]))(?=[abcfilorstw\\<\[答不选正])(?:{'|'.join(_STATEMENTS)}){_NAMED}\Z")
# the letter behind the text of its choice: the correct answer is fire (B) · is fire, which is option B
_BEHIND_TEXT = re.compile(
    rf"(?=[aco])(?:answer|choice|option){_IS}(?!\snot\b)(?:[^\n.;?!()]|\.(?=\S)){{1,80}}"
    r"(?:\(|,\s(?:i\.e\.|namely|which\sis|that\sis)?,?\s?(?:\(|(?=option|choice)|(?<=\s)))(?:option\s|choice\s)?\(?\Z"
)
# a result laid beside the choices
_MATCHED = re.compile(
    r"(?:(?<!not\s)(?:match(?:es)?|equals?|correspond(?:s|ing)?|closest|nearest|equivalent|points?|leads?)"
    r"(?:\s(?:exactly|best|closely))?(?:\s(?:to|with))?\s(?:the\s)?|\b(?:which|this|that)\sis\s(?:the\s)?)"
    r"(?:answer\s)?(?:option|choice)[\s(]{1,3}\Z"
)
_ENDINGS = (
    *("is", "be", "was", ":", "=", "-", "–", "—", "→", ">", "]", "(", "[", "boxed", "answer", "ans", "ans."),
    *("option", "choice", "letter", "choose", "select", "pick", "with", "but", "rather", "e.", "namely"),
    *("therefore", "thus", "hence", "then", "indeed", "clearly", "simply", "actually", "definitely", "probably"),
    *("likely", "still", ",", "是", "为", "选", "择", "项", "案", "】"),
)
"""How all of them end: a quick look that saves most letters the patterns."""

_LETTER = re.compile(r"[A-Z](?<![A-Za-z0-9_\\].)(?![A-Za-z0-9_^]|[-+][A-Za-z0-9])")
_SMALL_LETTER = re.compile(r"[a-z](?<![A-Za-z0-9_\\].)(?=[)\].,。]{0,3}[ \t]*$)", re.MULTILINE)

# what stands behind a letter
_DENIED = re.compile(r"[\s)\]]{0,4}(?:(?:选?项)?\s?(?:是?错|不|并非)|(?:is|was)\s(?:not|wrong|incorrect)\b|\?\s*\S)")
_SECOND = re.compile(
    r"[\s)\].]*(?:,|/|&|\bor\b|\band\b|或|和|、|与)\s*\(?(?:option\s+)?(?P<letter>[A-Z])(?![A-Za-z0-9])"
    r"(?!(?<=I)\s[a-z])(?!.{0,12}\b(?:is|are|was|would|has|does|gives)\b)"
)
_WORD_FOLLOWS = re.compile(r"\s+(?!because|since|as\b|for\b|due|and\b|or\b|is\b|not\b|rather|instead|with\b|\()[a-z]")

_CONCLUDES = r"(?:(?:so|thus|hence|therefore),?\s)?(?:(?:the\s)?(?:correct\s)?(?:answer|option|choice)\s|选项\s?)?"
_ALONE = re.compile(rf"[^\w\n-]{{0,8}}(?i:{_CONCLUDES})[\s(\[]{{0,4}}(?P<letter>[A-Z])[\s)\]>.:,。]*$")
_JUDGED = re.compile(
    r"(?:(?<![A-Za-z0-9])(?P<letter>[A-Z])\)?|(?:\((?=[A-Z]\))|(?i:option|choice)\s\(?)(?P<named>[A-Z])\)?[:.]?\s"
    r"(?:(?!\sis\s|option|choice)[^\n(;?!]){1,60}?)"
    r"(?:\s{1,3}(?:is|(?:must|would|should)\sbe)\s{1,3}(?:the\s{1,3})?(?:correct|right|best|answer|most\s\w{1,20}\s(?:answer|choice|option))\b"
    r"|\s?(?:选?项)?\s?是?正确)"
)
_SUPPOSED = re.compile(
    r"\b(?:if|whether|why|suppose|assum\w{1,3})\s(?:that\s)?(?:option\s|choice\s)?\(?\Z", re.IGNORECASE
)
_SMALL = re.compile(r"\(?(?P<letter>[a-z])[).]{0,2}(?:\s+(?P<text>\S.*))?$")
_WITH_TEXT = re.compile(rf"[^\w\n-]{{0,8}}(?i:{_CONCLUDES})\(?(?P<letter>[A-Z])[)\].:、,\s_–—-]+(?P<text>.*\S)\s*$")
_OPENS_REPLY = re.compile(r"[^\w\n-]{0,8}(?P<letter>[A-Z])(?:[)\].:]|,(?=\s(?:because|since|as)\b))\s")

_ORNAMENT = str.maketrans({**dict.fromkeys("*`$\"'‘’“”\r", ""), "{": " ", "}": " "})
_MARKUP = re.compile(
    r"\\(?:(?:text|math)[a-z]{0,6}|[()\[\] ,;!])|<(?:b|strong|i|em|u|p|span)>|</[A-Za-z]{1,12}>|__", re.IGNORECASE
)

_LEAD_LENGTH = 120
"""So many characters before a letter may make a statement of it."""

_LONGEST_JUDGED = 100_000
"""So much of a reply's end is searched for a choice called right."""

_MOST_CANDIDATES = 1000
"""So many of the last letters that could be stated are looked at; degenerate replies hold more."""


def choice_letter(text: str, sample: Sample) -> str | None:
    r"""The upper-case letter that a reply settles on; None where it states none, or two at once.

    In this order: the last explicit statement ("ANSWER: B", "the answer is (B)", "答案：Ｂ", \\boxed{B}); the last
    choice that is called right; the last line that is nothing but a letter; the last choice that a result is said to
    match; the one line that is a letter with its choice's text ("B. water"); a letter that opens the reply as one
    opens a choice ("B. Water does …").
    """
    text = _without_ornament(text)
    stated = _last_lead(text, sample, _LETTER, (_STATED, _BEHIND_TEXT)) or _last_lead(
        text, sample, _SMALL_LETTER, (_STATED,)
    )
    if stated:
        second = _SECOND.match(_rest(text, stated))
        return None if second and second.group("letter") in sample.letters else stated.group().upper()
    if judged := _last_judged(text):
        return judged
    lines = [line for line in text.splitlines() if line.strip()]
    alone = [found for line in lines if (found := _ALONE.match(line))]
    if alone:
        return alone[-1].group("letter")
    matched = _last_lead(text, sample, _LETTER, (_MATCHED,))
    if matched:
        return matched.group()
    return _letter_with_its_text(lines, sample) or _letter_that_opens(lines, sample)


def _without_ornament(text: str) -> str:
    """The words alone: no bold, no quotes, no LaTeX around a letter, no full-width forms."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "\\" in text or "<" in text or "__" in text:
        text = _MARKUP.sub("", text)
    return text.translate(_ORNAMENT)


def _last_lead(
    text: str, sample: Sample, letters: re.Pattern[str], leads: tuple[re.Pattern[str], ...]
) -> re.Match[str] | None:
    """The last letter that one of the leads stands before.

    A letter that names no choice counts only where none that does is stated: "ANSWER: X, where X is B".
    """
    candidates = (
        found
        for found in letters.finditer(text)
        if text[max(0, found.start() - 24) : found.start()].rstrip().lower().endswith(_ENDINGS)
    )
    unnamed = None
    for found in reversed(deque(candidates, maxlen=_MOST_CANDIDATES)):
        before = text[max(0, found.start() - _LEAD_LENGTH) : found.start()].lower()
        if not any(_introduces(lead, before, text, found) for lead in leads):
            continue
        if found.group().upper() in sample.letters:
            return found
        unnamed = unnamed or found
    return unnamed


def _introduces(lead: re.Pattern[str], before: str, text: str, found: re.Match[str]) -> bool:
    rest = _rest(text, found)
    if not (match := lead.search(before)) or _DENIED.match(rest):
        return False
    if lead is _BEHIND_TEXT and not re.match(r"\)?\s*(?:[.;!]|$)", rest):
        return False  # the answer is 5, for the force (F) acts
    letter, is_marked = found.group(), ":" in match.group() or ">" in match.group()
    if letter == "a" and not rest.strip() and not is_marked:
        return False  # cut off before what the article belongs to
    return letter not in "AI" or not _WORD_FOLLOWS.match(rest)


def _rest(text: str, found: re.Match[str]) -> str:
    return text[found.end() : found.end() + 24].split("\n", 1)[0]


def _last_judged(text: str) -> str | None:
    """The last letter that is called right, and not only supposed to be."""
    for found in reversed(deque(_JUDGED.finditer(text, max(0, len(text) - _LONGEST_JUDGED)), maxlen=_MOST_CANDIDATES)):
        if not _SUPPOSED.search(text[max(0, found.start() - 30) : found.start()]):
            return found.group("letter") or found.group("named")
    return None


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
    return place >= 0 and _squeeze(_without_ornament(sample.choices[place])) == _squeeze(text)


def _squeeze(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" ._")
