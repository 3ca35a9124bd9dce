"""Needles in haystacks: which lengths, depths and facts, and the texts that they make."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalscope.benchmarks._haystack import given_sentences, made_sentences
from evalscope.core.sample import Record
from evalscope.models.tokens import estimate_tokens

SETTINGS: Mapping[str, str] = {
    "lengths": "tokens of each text, one or a list (default: 1000, 2000, 4000, 8000, 16000, 32000)",
    "depths": "where the fact stands, in percent of the text, one or a list (default: 0, 10, … 100)",
    "needles": "different facts for each length and depth (default: 1)",
    "haystack": "a text file to hide facts in (default: sentences made by the program)",
    "tokenizer": "folder or tokenizer.json that counts tokens (default: that of a local model, else an estimate)",
}

LONGEST = 10_000_000
"""Tokens; a larger number is a slip of the keyboard."""

_THINGS = ("lighthouse", "granary", "observatory", "boathouse", "archive", "greenhouse", "mill", "chapel")
_PLACES = ("Aldermere", "Tornholt", "Quillby", "Varnesund", "Oskendal", "Hexworth", "Lindow", "Brackenford")
_THINGS_ZH = ("灯塔", "粮仓", "天文台", "船库", "档案馆", "温室", "磨坊", "钟楼")
_PLACES_ZH = ("青岚镇", "望潮湾", "白榆村", "松石岭", "鹤鸣渡", "云栖坞", "落雁洲", "霜桥镇")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedleSettings:
    """What is asked.

    Attributes:
        lengths: tokens of each text, the fact included, the question not.
        depths: percent of the text that stand before the fact.
        num_needles: different facts for each pair of them.
        haystack: a text of the user's; empty for sentences of our own.
        tokenizer: a folder or file of the user's; None for the model's own.
    """

    lengths: tuple[int, ...] = (1000, 2000, 4000, 8000, 16000, 32000)
    depths: tuple[int, ...] = tuple(range(0, 101, 10))
    num_needles: int = 1
    haystack: str = ""
    tokenizer: Path | None = None


DEFAULTS = NeedleSettings()


def read_settings(given: Mapping[str, Any]) -> NeedleSettings:
    """The settings that a user wrote.

    Raises:
        ValueError: one is not what it should be; the message begins with its name.
    """
    return NeedleSettings(
        lengths=_numbers(given, "lengths", DEFAULTS.lengths, (100, LONGEST)),
        depths=_numbers(given, "depths", DEFAULTS.depths, (0, 100)),
        num_needles=_numbers(given, "needles", (DEFAULTS.num_needles,), (1, 1000))[0],
        haystack=_read_haystack(given["haystack"]) if "haystack" in given else "",
        tokenizer=Path(str(given["tokenizer"])).expanduser() if "tokenizer" in given else None,
    )


def make_records(
    subset: str,
    seed: int,
    *,
    settings: NeedleSettings = DEFAULTS,
    count: Callable[[str], int] = estimate_tokens,
) -> Iterator[Record]:
    """A text for each length, depth and fact, the shortest first; of one seed the longer texts begin as the shorter do.

    Args:
        subset: english or chinese.
        seed: of the texts and facts.
        settings: what is asked.
        count: tokens of a text.
    """
    sentences, ends = _haystack(subset, seed, settings, count)
    for length in settings.lengths:
        for depth in settings.depths:
            for number in range(settings.num_needles):
                fact = make_fact(subset, random.Random(f"{seed}/{subset}/{length}/{depth}/{number}"))
                room = length - count(fact["needle"])
                num, at = bisect_right(ends, room), bisect_right(ends, room * depth / 100)
                text = "".join((*sentences[:at], fact["needle"], *sentences[at:num]))
                yield {"language": subset, "length": length, "depth": depth, "number": number, "text": text, **fact}


def make_fact(language: str, rng: random.Random) -> dict[str, str]:
    """A sentence that no text holds by chance, the question that it answers, and the answer: five digits."""
    code = str(rng.randrange(10_000, 100_000))
    if language == "chinese":
        name = f"{rng.choice(_PLACES_ZH)}{rng.choice(_THINGS_ZH)}的密码"
        return {"needle": f"{name}是{code}。", "question": f"问题：{name}是多少？", "answer": code}
    name = f"the code of the {rng.choice(_THINGS)} of {rng.choice(_PLACES)}"
    return {
        "needle": f" {name[0].upper()}{name[1:]} is {code}.",
        "question": f"Question: What is {name}?",
        "answer": code,
    }


def _haystack(
    language: str, seed: int, settings: NeedleSettings, count: Callable[[str], int]
) -> tuple[list[str], list[int]]:
    """Sentences for the longest text, and how many tokens there are up to the end of each."""
    rng = random.Random(f"{seed}/{language}")
    stream = given_sentences(settings.haystack) if settings.haystack else made_sentences(language, rng)
    sentences, ends = [], [0]
    while ends[-1] < max(settings.lengths):
        sentences.append(next(stream))
        ends.append(ends[-1] + count(sentences[-1]))
    return sentences, ends[1:]


def _numbers(given: Mapping[str, Any], name: str, default: tuple[int, ...], ends: tuple[int, int]) -> tuple[int, ...]:
    """Whole numbers between the ends, each once, in their order."""
    if name not in given:
        return default
    value = given[name]
    numbers = value if isinstance(value, list | tuple) else [value]
    low, high = ends
    for number in numbers:
        if type(number) is not int or not low <= number <= high:
            raise ValueError(f"{name}: whole numbers from {low} to {high} are needed; found {number!r}")
    if not numbers:
        raise ValueError(f"{name}: it is empty; leave it out for {', '.join(map(str, default))}")
    return tuple(sorted(set(numbers)))


def _read_haystack(path: object) -> str:
    try:
        text = Path(str(path)).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"haystack: {str(path)!r} cannot be read ({error}); a text file in UTF-8 is needed") from error
    if not text.strip():
        raise ValueError(f"haystack: {str(path)!r} holds no text")
    return text
