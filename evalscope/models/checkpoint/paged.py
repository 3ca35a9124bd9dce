"""Greedy answers by transformers' own continuous batching, whose keys and values lie in pages that rows share."""

import logging
import math
from collections.abc import Sequence
from itertools import count
from time import perf_counter
from typing import Any

from transformers import GenerationConfig
from transformers.generation.configuration_utils import ContinuousBatchingConfig

from evalscope.models.checkpoint.failures import first_line
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.rows import Row

MEMORY_SHARE = 0.45
"""Of the free memory, for pages; the rest is for sampled rows, likelihoods and the passes."""

MOST_ROWS = 256

WAIT_S = 0.05
"""So long nothing may end before whoever computes looks at what else there is to do."""

STOP_TIMEOUT_S = 60.0

ITS_LOGGER = "ContinuousBatchingLogger"
"""It writes to standard error by itself; what it has to say comes to us with the answers."""


class PagedFailed(Exception):
    """None of the answers that grow will come to an end; says why, as the rest of a sentence."""


class Paged:
    """Rows that a thread of transformers computes; it begins with the first of them.

    It tells of failures in the answers alone, and one that fails has nearly always stopped the thread for all.

    Args:
        loaded: the model, whose attention takes pages as well as whole rows ("sdpa", flash attention).
        settings: sizes; None leaves them to transformers, which looks at the free memory of a GPU.
    """

    def __init__(self, loaded: Loaded, settings: ContinuousBatchingConfig | None = None) -> None:
        self._loaded = loaded
        self._settings = settings or ContinuousBatchingConfig(
            max_memory_percent=MEMORY_SHARE, max_requests_per_batch=MOST_ROWS
        )
        # another attention would be the model's for all its other work too
        self._settings.auto_switch_to_flash = False
        self._settings.return_logprobs = True
        self._manager: Any = None
        self._names = map(str, count())
        self._rows: dict[str, Row] = {}
        self._failure = ""

    def begin(self, rows: Sequence[Row]) -> None:
        """Hands rows over; what they have of an answer is forgotten.

        Raises:
            PagedFailed: as advance.
        """
        named = {next(self._names): row for row in rows}
        self._rows |= named
        try:
            manager = self._started()
        except Exception as error:
            raise PagedFailed(first_line(error)) from error
        for name, row in named.items():
            row.restart(perf_counter())
            manager.add_request(
                list(row.asked.tokens),
                request_id=name,
                max_new_tokens=row.num_left,
                streaming=row.watches_text,
                eos_token_id=sorted(row.end_ids) or -1,
            )

    def advance(self) -> list[Row]:
        """The rows that have ended; waits a moment where none has.

        Raises:
            PagedFailed: no answer comes any more; `take_back` gives the rows.
        """
        if self._failure:
            raise PagedFailed(self._failure)
        ended: list[Row] = []
        output = self._manager.get_result(timeout=WAIT_S)
        while output is not None and not self._failure:
            ended += self._taken(output)
            output = self._manager.get_result(timeout=0)
        if not ended and not self._failure and not self._manager.is_running():
            self._failure = "its thread has ended"
        for name, row in tuple(self._rows.items()):
            if not row.is_wanted():
                row.abandon()
                self._manager.cancel_request(name)
                ended.append(self._rows.pop(name))
        return ended

    def take_back(self) -> list[Row]:
        """The rows that have not ended, which are forgotten here."""
        rows, self._rows = list(self._rows.values()), {}
        return rows

    def drop(self) -> None:
        """Forgets all rows, ends the thread and gives back the pages; the next rows begin it anew."""
        self._rows, self._failure = {}, ""
        manager, self._manager = self._manager, None
        if manager is not None:
            manager.stop(block=True, timeout=STOP_TIMEOUT_S, hard_stop=True)
            manager.destroy()

    def _taken(self, output: Any) -> list[Row]:
        """The row of an output, if it has ended."""
        row = self._rows.get(output.request_id)
        if row is None:  # it was cancelled
            return []
        if output.error is not None:
            self._failure = str(output.error)
            return []
        if any(map(math.isnan, output.logprobs)):
            self._failure = "it computed logits that are not numbers"
            return []
        for token in output.generated_tokens[len(row.tokens) :]:
            if not row.has_ended:
                row.take(token)
        if not row.has_ended:
            if output.is_finished():
                self._failure = "an answer ended before it was complete"
            return []
        if not output.is_finished():
            self._manager.cancel_request(output.request_id)
        return [self._rows.pop(output.request_id)]

    def _started(self) -> Any:
        if self._manager is None:
            logging.getLogger(ITS_LOGGER).setLevel(logging.CRITICAL)
            limits = GenerationConfig(  # type: ignore[no-untyped-call]  # not annotated there
                do_sample=False, eos_token_id=sorted(self._loaded.end_ids) or -1, pad_token_id=self._loaded.pad_id
            )
            model: Any = self._loaded.model
            self._manager = model.init_continuous_batching(
                generation_config=limits, continuous_batching_config=self._settings
            )
            self._manager.warmup()
            self._manager.start()
        return self._manager
