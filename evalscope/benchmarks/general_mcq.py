"""Multiple-choice questions of the user's own: columns question, A, B, … J and answer."""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.extractors.letter_sets import SEVERAL, letter_set
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SEVERAL_ANSWERS, SEVERAL_ANSWERS_ZH, SINGLE_ANSWER, SINGLE_ANSWER_ZH
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once

MOST_CHOICES = 10

WORDINGS = {"zh": SINGLE_ANSWER_ZH, SEVERAL: SEVERAL_ANSWERS, f"{SEVERAL}_zh": SEVERAL_ANSWERS_ZH}

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_SEVERAL_LETTERS = re.compile(r"[A-Z](?:[\s,;/&、，；]*[A-Z])+")


def to_sample(record: Record) -> Sample:
    """Questions may have fewer choices than the file has columns: the others are empty or absent.

    A row is asked for all right choices where its answer has several letters or is a list, even of one: write every
    answer of a file as a list, and no wording tells which questions have several.
    """
    choices, question = _choices(record), _text(record[_spelling(record, "question")])
    if not question:
        raise ValueError("the question is empty")
    target, is_several = _target(record[_spelling(record, "answer")], len(choices))
    is_zh = is_chinese(question) if _HAN.search(question) or _LATIN_WORD.search(question) else is_chinese(*choices)
    return Sample(
        input=question,
        choices=choices,
        target=target,
        wording=(f"{SEVERAL}_zh" if is_zh else SEVERAL) if is_several else ("zh" if is_zh else ""),
    )


def is_chinese(*texts: str) -> bool:
    """Whether texts are in Chinese: formulas and English words may stand in them, about half as many as characters."""
    together = " ".join(texts)
    num_han = len(_HAN.findall(together))
    return num_han > 2 * len(_LATIN_WORD.findall(together)) and not _KANA.search(together)


def _spelling(record: Record, name: str) -> str:
    """How the record writes the name of a column: question, Question, QUESTION."""
    return name if name in record else next((one for one in record if one.strip().casefold() == name.casefold()), name)


def _choices(record: Record) -> tuple[str, ...]:
    cells = [_text(record.get(_spelling(record, letter))) for letter in LETTERS[:MOST_CHOICES]]
    choices = tuple(cell for cell in cells if cell)
    if len(choices) < 2 or not all(cells[: len(choices)]):
        raise ValueError("choices stand in the columns A, B, … without a gap, two at least")
    return choices


def _target(answer: object, num_choices: int) -> tuple[str, bool]:
    """The letters of the right choices in their order, and whether more than one may be right.

    Numbers are refused, for some people count choices from 0 and others from 1.
    """
    keys = _keys(answer)
    if not keys or any(not key for key in keys):
        raise ValueError(f"the answer is {answer!r}; write the letter of the right choice, or a list of letters")
    if any(key.lstrip("+-").replace(".", "", 1).isdecimal() for key in keys):
        raise ValueError(f"the answer {answer!r} is a number; write the letter of the right choice: A, B, …")
    letters = [key_letter(key.upper(), num_choices) for key in keys]
    if len(set(letters)) < len(letters):
        raise ValueError(f"the answer {answer!r} names a choice twice")
    return "".join(sorted(letters)), len(letters) > 1 or _is_list(answer)


def _keys(answer: object) -> list[str]:
    """The names of choices in an answer: "C", "AC", "A, C", a list of them, or such a list as text."""
    if isinstance(answer, list):
        return [_text(key) for key in answer]
    text = _text(answer)
    if _is_list(text):
        return [key.strip(" \"'") for key in text[1:-1].split(",")]
    return re.findall(r"[A-Z]", text.upper()) if _SEVERAL_LETTERS.fullmatch(text.upper()) else [text]


def _is_list(answer: object) -> bool:
    return isinstance(answer, list) or (isinstance(answer, str) and bool(re.fullmatch(r"\s*\[.*\]\s*", answer)))


def _text(cell: object) -> str:
    """The cell as it is written; an absent one, which some writers store as NaN, is empty."""
    return "" if cell is None or cell != cell else str(cell).strip()


def _answer(sample: Sample) -> str:
    """The letters as the prompt asks for them: "AC" in Chinese, "A, C" in English."""
    return str(sample.target) if sample.wording.endswith("zh") else ", ".join(sample.target)


BENCHMARK = Benchmark(
    name="general_mcq",
    about="Multiple-choice questions of your own: files with columns question, A, B, … J and answer, at local_path.",
    about_zh="您自己的选择题：带有 question、A、B……J 和 answer 列的文件，由 local_path 指定；可有多个正确选项。",
    source=Source(id="", split="val", few_shot_split="dev", patterns=("{subset}_{split}", "{subset}")),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER,
    wordings=WORDINGS,
    few_shot=FewShot(num=0, answer=_answer),
    solver=ask_once,
    extract=letter_set,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("custom", "multiple-choice"),
)
