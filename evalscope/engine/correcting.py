"""The check of a judge against people's labels, found fit to correct the scores of a run, or refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from evalscope.core.rubric import Rubric
from evalscope.errors import ConfigError
from evalscope.metrics.corrected import CorrectedShare
from evalscope.metrics.correction import JudgeCheck
from evalscope.metrics.mean import Mean

SCHEMA_VERSION = 1
"""Of the file that judge-check writes."""


def correction_of(path: Path, rubric: Rubric, *, expected: Mapping[str, str]) -> CorrectedShare:
    """The metric that corrects the first of a rubric's metrics.

    Args:
        path: of the file that judge-check wrote.
        rubric: by which the answers are judged.
        expected: what must stand in the file: judge_digest and rubric_digest of the judge of this run.

    Raises:
        ConfigError: the file is of another judge or another rubric, or the judge may be no better than a coin.
    """
    written = _read(path)
    _refuse_another(path, written, expected)
    first = rubric.metrics[0]
    if not (isinstance(first, Mean) and is_right_or_wrong(rubric)):
        raise ConfigError(
            f"check of judge_model_args corrects grades of right and wrong, and the rubric {rubric.name!r} gives "
            "others; leave check out"
        )
    try:
        check = JudgeCheck(**written["counts"])
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path} cannot correct a score: {error}") from None
    if check.least_skill <= 0:
        raise ConfigError(
            f"{path} cannot correct a score: sensitivity {check.sensitivity:.3f} and specificity "
            f"{check.specificity:.3f}, from {check.num_right} and {check.num_wrong} labels, may add up to 1, and then "
            "the judge is no better than a coin; label more answers, or take another judge"
        )
    value = first.value or next(iter(next(iter(rubric.grades.values()))))
    return CorrectedShare(name=f"{first.name} (corrected)", value=value, check=check)


def is_right_or_wrong(rubric: Rubric) -> bool:
    """Whether each of its grades is worth 1 or 0."""
    worth = [next(iter(values.values())) for values in rubric.grades.values()]
    return rubric.form == "GRADE" and set(worth) == {0.0, 1.0}


def refuse_unfit(judges: Sequence[tuple[str, Path | None]], *, is_second_look: bool) -> None:
    """Refuses a check where it would say nothing about the score.

    Args:
        judges: their names, each with its check.
        is_second_look: whether they see only what a rule calls wrong.

    Raises:
        ConfigError: several judges vote, or they do not see every answer.
    """
    named = [name for name, check in judges if check is not None]
    if not named:
        return
    if len(judges) > 1:
        raise ConfigError(
            f"judge {named[0]!r} has a check in judge_model_args, and {len(judges)} judges vote: how often the "
            "majority errs is not known from that; leave check out, or take one judge"
        )
    if is_second_look:
        raise ConfigError(
            f"judge {named[0]!r} has a check in judge_model_args, and with judge_strategy llm_recall it sees only "
            "what the rule calls wrong, so the score cannot be corrected by it; leave check out, or judge_strategy llm"
        )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        written = orjson.loads(path.expanduser().read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"check {str(path)!r} of judge_model_args does not exist (looked in {Path.cwd()})") from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigError(f"check {str(path)!r} of judge_model_args cannot be read: {error}") from None
    needed = ("judge", "judge_digest", "rubric", "rubric_digest", "counts", "schema_version")
    is_whole = isinstance(written, Mapping) and all(name in written for name in needed)
    if not is_whole or written["schema_version"] != SCHEMA_VERSION:
        raise ConfigError(f"{path} was not written by this program's judge-check; its judge_check.json is needed")
    if not isinstance(written["counts"], Mapping):
        raise ConfigError(
            f"{path} is of the rubric {written['rubric']!r}, which knows no right and wrong; check in "
            "judge_model_args corrects nothing there: leave it out"
        )
    return dict(written)


def _refuse_another(path: Path, written: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    if written["judge_digest"] != expected["judge_digest"]:
        raise ConfigError(
            f"{path} is of the judge {written['judge']!r}, which is another model than {expected['judge']!r} or "
            "generates its replies in another way; run judge-check with this one"
        )
    if written["rubric_digest"] != expected["rubric_digest"]:
        raise ConfigError(
            f"{path} was made with the rubric {written['rubric']!r} in another wording than that of "
            f"{expected['rubric']!r} which is used here; run judge-check with the same prompt_template, system_prompt, "
            "score_pattern and rubric (--dataset NAME for a benchmark's own)"
        )
