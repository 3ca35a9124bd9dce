"""Which of its instructions a reply follows, taken as it stands and taken kindly."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from evalscope.scorers.instructions.kinds import find_check
from evalscope.workers import Json

Instruction = tuple[str, Mapping[str, Json]]
"""Its kind, and what it says."""


class Followed(NamedTuple):
    """For each instruction, in their order, whether it is followed.

    Attributes:
        strict: by the reply as it stands.
        loose: by it, or by it without emphasis, or without an opening or a closing line.
    """

    strict: tuple[bool, ...]
    loose: tuple[bool, ...]


def followed(reply: str, instructions: Sequence[Instruction]) -> Followed:
    """Which instructions a reply follows; an empty one follows none.

    Raises:
        ValueError: an instruction is unknown, or does not say all that is needed.
    """
    checks = [find_check(kind, arguments) for kind, arguments in instructions]
    strict = tuple(_follows(reply, check) for check in checks)
    variants = loosened(reply)
    loose = tuple(
        is_strict or any(_follows(variant, check) for variant in variants)
        for is_strict, check in zip(strict, checks, strict=True)
    )
    return Followed(strict, loose)


def loosened(reply: str) -> tuple[str, ...]:
    """The reply without its first line, its last, or both, and without asterisks: eight forms, equal ones once.

    Source: Zhou et al. 2023, section 2.2.
    """
    lines = reply.split("\n")
    cut = ("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))
    forms = (reply, *cut)
    return tuple(dict.fromkeys((*forms, *(form.replace("*", "") for form in forms))))


def _follows(text: str, check: Callable[[str], bool]) -> bool:
    return bool(text.strip()) and check(text)
