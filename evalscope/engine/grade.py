"""One answer judged: reasoning cut, answer extracted, compared, put into its class."""

from dataclasses import replace
from inspect import isawaitable

from evalscope.core.benchmark import Benchmark
from evalscope.core.response import Response
from evalscope.core.sample import Sample
from evalscope.core.score import Outcome, SampleScore, Score, classify
from evalscope.core.text import without_surrogates
from evalscope.engine.accept import accept_score
from evalscope.engine.panel import Panel
from evalscope.engine.plan import Request
from evalscope.errors import AnswerRefused, EndpointError, JudgeFailed, ScoringError
from evalscope.extractors.reasoning import cut_reasoning
from evalscope.extractors.run_on import cut_run_on


async def grade(request: Request, response: Response, panel: Panel | None = None) -> SampleScore:
    """The end of a sample that was answered; a comparison that breaks is an error, never a zero.

    Args:
        request: what was asked.
        response: what was answered.
        panel: the judges; None where the benchmark's own scorer decides.

    Raises:
        EndpointError: a judge cannot be asked at all.
    """
    try:
        score = await _score(request, response, panel)
    except EndpointError:
        raise
    except JudgeFailed as error:
        return _ended(request, Outcome.JUDGE_FAILED, error=str(error))
    except ScoringError as error:
        return _ended(request, Outcome.SCORING_FAILED, error=str(error))
    except Exception as error:  # noqa: BLE001 - hostile text may break any extractor or scorer; the engine alone makes it a row
        return _ended(request, Outcome.SCORING_FAILED, error=f"{type(error).__name__}: {error}")
    return _ended(request, classify(score, is_cut_off=response.is_cut_off), score=score)


def failed_request(request: Request, error: Exception) -> SampleScore:
    """The end of a sample that got no answer."""
    outcome = Outcome.REFUSED if isinstance(error, AnswerRefused) else Outcome.REQUEST_FAILED
    return _ended(request, outcome, error=str(error))


async def _score(request: Request, response: Response, panel: Panel | None) -> Score:
    sample = request.sample
    text = cut_reasoning(response.text)
    if not request.subset.dataset.benchmark.is_free_text:
        text = cut_run_on(text, request.subset.prompter.question_marker(sample), sample.question)
    if panel is None:
        return await _by_rule(request.subset.dataset.benchmark, text, sample)
    if not panel.judging.is_second_look:
        return accept_score(await panel.judge(request, text))
    score = await _by_rule(request.subset.dataset.benchmark, text, sample)
    (name, first), *_ = score.values.items()
    if first != 0:
        return score
    second = await panel.judge(request, text)
    return accept_score(
        replace(
            score,
            values={**score.values, name: next(iter(second.values.values()))},
            explanation=f"{score.explanation}\n\n{second.explanation}".strip(),
        )
    )


async def _by_rule(benchmark: Benchmark, text: str, sample: Sample) -> Score:
    assert benchmark.scorer is not None, "a benchmark without a scorer is planned with judges"
    score = benchmark.scorer(benchmark.extract(text, sample), sample)
    return accept_score(await score if isawaitable(score) else score)


def _ended(request: Request, outcome: Outcome, *, score: Score | None = None, error: str | None = None) -> SampleScore:
    return SampleScore(
        sample_id=request.sample.id,
        subset=request.subset.name,
        repeat=request.repeat,
        outcome=outcome,
        group=request.sample.group,
        categories=request.sample.categories,
        score=score,
        error=None if error is None else without_surrogates(error),
    )
