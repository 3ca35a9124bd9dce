"""One answer judged: reasoning cut, answer extracted, compared, put into its class."""

from inspect import isawaitable

from evalscope.core.response import Response
from evalscope.core.sample import Sample
from evalscope.core.score import Outcome, SampleScore, Score, classify
from evalscope.core.text import without_surrogates
from evalscope.engine.accept import accept_score
from evalscope.engine.plan import Request
from evalscope.errors import AnswerRefused, ScoringError
from evalscope.extractors.reasoning import cut_reasoning
from evalscope.extractors.run_on import cut_run_on


async def grade(request: Request, response: Response) -> SampleScore:
    """The end of a sample that was answered; a comparison that breaks is an error, never a zero."""
    sample = request.sample
    try:
        score = accept_score(await _score(request, response, sample))
    except ScoringError as error:
        return _ended(request, Outcome.SCORING_FAILED, error=str(error))
    except Exception as error:  # noqa: BLE001 - hostile text may break any extractor or scorer; the engine alone makes it a row
        return _ended(request, Outcome.SCORING_FAILED, error=f"{type(error).__name__}: {error}")
    return _ended(request, classify(score, is_cut_off=response.is_cut_off), score=score)


def failed_request(request: Request, error: Exception) -> SampleScore:
    """The end of a sample that got no answer."""
    outcome = Outcome.REFUSED if isinstance(error, AnswerRefused) else Outcome.REQUEST_FAILED
    return _ended(request, outcome, error=str(error))


async def _score(request: Request, response: Response, sample: Sample) -> Score:
    benchmark = request.subset.dataset.benchmark
    text = cut_reasoning(response.text)
    text = cut_run_on(text, request.subset.prompter.question_marker(sample), sample.question)
    score = benchmark.scorer(benchmark.extract(text, sample), sample)
    return await score if isawaitable(score) else score


def _ended(request: Request, outcome: Outcome, *, score: Score | None = None, error: str | None = None) -> SampleScore:
    return SampleScore(
        sample_id=request.sample.id,
        subset=request.subset.name,
        repeat=request.repeat,
        outcome=outcome,
        group=request.sample.group,
        category=request.sample.category,
        score=score,
        error=None if error is None else without_surrogates(error),
    )
