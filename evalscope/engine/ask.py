"""Where an answer comes from: a model that is asked, or a file of answers made elsewhere."""

from typing import Protocol

from evalscope.core.model import Model
from evalscope.core.response import Completion, Response
from evalscope.engine.plan import Request
from evalscope.models.predictions import Predictions


class Asker(Protocol):
    """Answers requests, many at a time."""

    @property
    def concurrency(self) -> int:
        """How many requests it wants in hand."""
        ...

    async def __call__(self, request: Request) -> Response | None:
        """What was answered; None where there is no answer and none can be asked for."""
        ...

    async def aclose(self) -> None:
        """Lets go of whoever answers."""
        ...


class AskModel:
    """Asks a model, in the way the benchmark is asked."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def concurrency(self) -> int:
        """How many questions the model wants in hand now."""
        return max(1, self._model.concurrency)

    async def __call__(self, request: Request) -> Response | None:
        """The model's response."""
        solver = request.subset.dataset.benchmark.solver
        return await solver(request.messages, request.sample, self._model, request.generation)

    async def aclose(self) -> None:
        """Closes the model."""
        await self._model.aclose()


class StoredOnly:
    """Asks nobody: what an earlier run has stored is all there is."""

    concurrency = 16  # judges and comparisons of expressions go on beside each other

    async def __call__(self, request: Request) -> Response | None:
        """Nothing."""
        return None

    async def aclose(self) -> None:
        """Nothing to let go of."""


class LookUp:
    """Takes answers made elsewhere."""

    concurrency = 16  # comparisons of expressions go on beside each other

    def __init__(self, predictions: Predictions) -> None:
        self._predictions = predictions

    async def __call__(self, request: Request) -> Response | None:
        """The answer given for that sample and repeat."""
        text = self._predictions.find(
            request.subset.dataset.name, request.subset.name, request.sample.id, request.repeat
        )
        if text is None:
            return None
        return Response(
            text=text, messages=request.messages, completions=(Completion(text=text, stop_reason="unknown"),)
        )

    async def aclose(self) -> None:
        """Nothing to let go of."""
