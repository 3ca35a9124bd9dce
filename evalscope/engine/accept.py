"""What models, solvers and scorers of a user's own hand over, made fit to be stored and counted."""

import math
from dataclasses import replace
from typing import Any

from evalscope.core.response import Completion, Response, Usage
from evalscope.core.score import Score
from evalscope.core.text import without_surrogates
from evalscope.errors import ModelError, ScoringError


def accept_response(response: Any) -> Response:
    """The response as a row can hold it; what is wrong beside its text is left out, for the answer is paid for.

    Raises:
        ModelError: it holds no text.
    """
    if not isinstance(response, Response) or not response.completions:
        raise ModelError(f"a Response with a completion is needed; {type(response).__name__} came")
    completions: tuple[Any, ...] = response.completions
    for completion in completions:
        if not isinstance(completion, Completion) or not isinstance(completion.text, str):
            came = f"{type(completion).__name__} with {type(getattr(completion, 'text', None)).__name__} as its text"
            raise ModelError(f"a Completion with a text is needed; {came} came")
    if all(map(_is_fit, response.completions)) and _is_whole(response.text):
        return response
    return replace(response, text=without_surrogates(response.text), completions=tuple(map(_made_fit, completions)))


def accept_score(score: Any) -> Score:
    """The score as a row can hold it.

    Raises:
        ScoringError: it holds no number, or one that is none.
    """
    if not isinstance(score, Score) or not score.values:
        raise ScoringError(f"the scorer needs to return a Score with at least one value; it returned {score!r:.200}")
    values: dict[str, Any] = dict(score.values)
    for name, value in values.items():
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise ScoringError(f"the scorer's value {name!r} is {value!r:.200}, which is no number")
    if not isinstance(score.answer, str | None) or not isinstance(score.explanation, str):
        raise ScoringError(f"the scorer's answer and explanation must be texts; it returned {score!r:.200}")
    if all(type(value) is float for value in values.values()) and _is_whole(f"{score.answer}{score.explanation}"):
        return score
    return replace(
        score,
        values={name: float(value) for name, value in values.items()},
        answer=None if score.answer is None else without_surrogates(score.answer),
        explanation=without_surrogates(score.explanation),
    )


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_fit(completion: Completion) -> bool:
    usage = completion.usage
    return (
        isinstance(usage, Usage)
        and isinstance(usage.input_tokens, int | None)
        and isinstance(usage.output_tokens, int | None)
        and isinstance(completion.latency_s, float | int | None)
        and isinstance(completion.first_token_s, float | int | None)
        and isinstance(completion.stop_reason, str)
        and _is_whole(f"{completion.text}{completion.reasoning or ''}{completion.stop_reason}")
    )


def _made_fit(completion: Completion) -> Completion:
    """The same text and reasoning; figures only where they are figures."""
    is_fit = _is_fit(replace(completion, text="", reasoning=None))
    fit = completion if is_fit else Completion(text=completion.text)
    reasoning = completion.reasoning if isinstance(completion.reasoning, str) else None
    return replace(
        fit,
        text=without_surrogates(completion.text),
        reasoning=None if reasoning is None else without_surrogates(reasoning),
    )
