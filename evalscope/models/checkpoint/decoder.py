"""A loaded checkpoint as the worker thread sees it: questions in, answers out."""

import gc
import hashlib
import json
import logging
import math
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import torch

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.response import Completion, Usage
from evalscope.errors import EvalscopeError
from evalscope.models.checkpoint.decode import Decoding
from evalscope.models.checkpoint.failures import answering_failure, is_out_of_memory
from evalscope.models.checkpoint.likelihood import LIKELIHOOD, Likelihoods, Options, apart, grown
from evalscope.models.checkpoint.load import Loaded, load
from evalscope.models.checkpoint.memory import free_bytes
from evalscope.models.checkpoint.paged import Paged, PagedFailed
from evalscope.models.checkpoint.plain import Plain
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.prompt import prompt_tokens
from evalscope.models.checkpoint.questions import Answer, Continuations, Conversation, Question
from evalscope.models.checkpoint.quiet import quiet
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.schedule import Prompt, Room
from evalscope.models.checkpoint.seam import answered, continued
from evalscope.models.checkpoint.settings import allowance, settle
from evalscope.models.checkpoint.ways import Ability, Way, find_ability
from evalscope.models.checkpoint.whole import WholeReader
from evalscope.models.checkpoint.worth import paged_if_faster

logger = logging.getLogger(__name__)

FindPaged = Callable[[Loaded, Ability, Reader], Paged | None]

MOST_TOKENS_ON_CPU = 1024
"""In one pass. A CPU is busy with fewer tokens than a GPU, and alike lengths are easier to find for small passes."""

MOST_TOKENS_ELSEWHERE = 8192

PREFIX_SHARE = 0.1
"""Of the free memory, for what prompts begin with."""

ROWS_SHARE = 0.6
"""Of the free memory, for the keys and values of what is computed side by side; the rest is for the passes."""

MOST_ROWS_ON_CPU = 32
"""A CPU is busy with few rows; more only make the buffers larger."""

MOST_ROWS_ELSEWHERE = 256

KEPT_TOKENS_UNLESS_KNOWN = 2**15


class Decoder:
    """A model in memory; making one loads it, which takes seconds to minutes.

    Args:
        folder: of the checkpoint.
        args: how to load it.
        seed: of sampling.
        shares_prefixes: whether what prompts begin with is computed once.
        find_paged: continuous batching where it may answer greedy rows; None where it may not, or is not worth it.

    Raises:
        ConfigError: something that other settings could mend.
        EndpointError: damaged or incomplete weights, not enough memory.
    """

    def __init__(
        self,
        *,
        folder: Path,
        args: ModelArgs,
        seed: int,
        shares_prefixes: bool = True,
        find_paged: FindPaged = paged_if_faster,
    ) -> None:
        self._loaded = load(folder, args)
        self._seed = seed
        most_tokens = MOST_TOKENS_ON_CPU if self._loaded.model.device.type == "cpu" else MOST_TOKENS_ELSEWHERE
        with quiet():
            self._ability = find_ability(self._loaded)
            trial = Reader(self._loaded, self._ability.kinds, most_tokens)
            may_be_paged = args.continuous_batching is not False
            self._paged = find_paged(self._loaded, self._ability, trial) if may_be_paged else None
        self._most_kept = _most_kept(self._loaded, self._ability)
        reader = Reader(self._loaded, self._ability.kinds, most_tokens, int(ROWS_SHARE * self._most_kept))
        is_together = self._ability.way is Way.TOGETHER
        most_kept = int(PREFIX_SHARE * self._most_kept) if shares_prefixes and is_together else 0
        self._prefixes = Prefixes(reader, most_kept)
        self._together = Decoding(reader, self._prefixes)
        self._plain = Plain(self._loaded)
        alone = WholeReader(self._loaded, most_tokens=1, is_padded=False)
        whole = WholeReader(self._loaded, most_tokens, is_padded=self._ability.way is Way.PADDED)
        self._beside = Likelihoods(
            reader if is_together else alone if self._ability.way is Way.ALONE else whole, self._prefixes
        )
        self._alone = Likelihoods(alone, Prefixes(reader, 0))
        self._likelihoods = self._beside
        self._runner: Decoding | Plain | Paged = self._together

    @property
    def way(self) -> Way:
        """How most prompts are computed."""
        return self._ability.way

    def prepare(self, question: Question, is_wanted: Callable[[], bool]) -> Prompt:
        """The prompt of a question, with everything that decides its answer.

        Raises:
            PromptTooLong: not one token fits behind a conversation, or a continuation does not fit.
            RequestRefused: the chat template does not take a conversation.
            ModelError: a continuation has no token.
        """
        if isinstance(question, Continuations):
            return self._options(question, is_wanted)
        return self._row(question, is_wanted)

    @property
    def room(self) -> Room:
        """How much may stand side by side, as far as the free memory tells."""
        is_cpu = self._loaded.model.device.type == "cpu"
        return Room(
            most_at_once=MOST_ROWS_ON_CPU if is_cpu else MOST_ROWS_ELSEWHERE,
            most_tokens=int(ROWS_SHARE * self._most_kept),
        )

    def is_joinable(self, prompt: Prompt) -> bool:
        """Whether others may join a prompt that runs."""
        return prompt.way in (Way.TOGETHER, Way.PAGED)

    def begin(self, prompts: Sequence[Prompt]) -> None:
        """Lets prompts of one way run, beside those that run already."""
        options = [prompt for prompt in prompts if isinstance(prompt, Options)]
        rows = [prompt for prompt in prompts if isinstance(prompt, Row)]
        assert len(prompts) in (len(options), len(rows)), "prompts of one way run side by side"
        with quiet():
            if options:
                self._likelihoods = self._beside if options[0].way == LIKELIHOOD else self._alone
                self._likelihoods.begin(options)
                return
            self._runner = self._runner_of(rows[0].way)
            try:
                self._runner.begin(rows)
            except PagedFailed as failure:
                self._leave_pages(failure)

    def advance(self) -> list[tuple[Prompt, Answer | None]]:
        """Computes on, at most until some have ended; these, with None where it ended early since nobody waited."""
        with quiet():
            if self._likelihoods.is_busy:
                return [*self._likelihoods.advance()]
            try:
                return [(row, _completion(row)) for row in self._runner.advance()]
            except PagedFailed as failure:
                self._leave_pages(failure)
                return []

    def drop(self) -> None:
        """Forgets all that runs, and gives back the memory it took."""
        for held in (self._together, self._plain, self._beside, self._alone):
            held.drop()
        if self._paged is not None:
            self._paged.drop()
        self._prefixes.clear()
        _collect()

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether fewer prompts at once could succeed where this failed."""
        return is_out_of_memory(error)

    def explain(self, error: Exception, num_tokens: int) -> EvalscopeError:
        """Why a prompt of so many tokens got no answer even alone."""
        return answering_failure(error, num_tokens)

    def close(self) -> None:
        """Lets go of the model, which cannot be asked afterwards."""
        if self._paged is not None:
            self._paged.drop()
        self.__dict__.clear()
        _collect()

    def _runner_of(self, way: Hashable) -> Decoding | Plain | Paged:
        if way is Way.PAGED and self._paged is not None:
            return self._paged
        return self._together if way in (Way.TOGETHER, Way.PAGED) else self._plain

    def _leave_pages(self, failure: PagedFailed) -> None:
        """Continuous batching has failed for good: what it has not answered goes on in our own loop."""
        assert self._paged is not None, "it is it that failed"
        logger.warning("transformers' continuous batching failed (%s); going on with our own loop", failure)
        rows = self._paged.take_back()
        self._paged.drop()
        self._paged, self._runner = None, self._together
        _collect()
        self._together.begin(rows)

    def _row(self, question: Conversation, is_wanted: Callable[[], bool]) -> Row:
        loaded, generation = self._loaded, question.generation
        tokens = prompt_tokens(
            loaded.tokenizer, question.messages, generation.chat_template_kwargs, is_closed=loaded.has_encoder
        )
        settings = settle(generation, loaded.defaults, allowance(tokens, generation.max_tokens, loaded.context))
        way = self._ability.way_of(len(tokens), settings.max_new_tokens)
        if way is Way.TOGETHER:
            if self._paged is not None and settings.is_plain:
                way = Way.PAGED
            else:
                self._prefixes.note(tokens)
        asked = Asked(
            tokens=tokens,
            settings=settings,
            seed=_seed(self._seed, generation, tokens),
            is_wanted=is_wanted,
            way=way,
        )
        return Row(asked, loaded)

    def _options(self, question: Continuations, is_wanted: Callable[[], bool]) -> Options:
        loaded = self._loaded
        if loaded.has_encoder:
            options = [answered(loaded.tokenizer, question.context, text) for text in question.texts]
        else:
            options = [continued(loaded.tokenizer, question.context, text, loaded.context) for text in question.texts]
        is_alone = self._ability.is_beyond(max(len(option.tokens) for option in options))
        if is_alone:
            way = (Way.ALONE, object())
            return Options(num_options=len(options), trunks=apart(options), is_wanted=is_wanted, way=way)
        trunks = grown(options, shares=self._ability.way is Way.TOGETHER)
        for trunk in trunks:
            self._prefixes.note(trunk.tokens)
        return Options(num_options=len(options), trunks=trunks, is_wanted=is_wanted)


def _most_kept(loaded: Loaded, ability: Ability) -> int:
    """How many tokens' keys and values would fill the memory that is free."""
    free = free_bytes(loaded.model.device)
    if free is None or math.isnan(ability.bytes_per_token):
        return KEPT_TOKENS_UNLESS_KNOWN
    return int(free / ability.bytes_per_token)


def _completion(row: Row) -> Completion | None:
    if row.stop_reason in (None, "unknown"):
        return None
    return Completion(
        text=row.text,
        stop_reason=row.stop_reason,
        usage=Usage(input_tokens=len(row.asked.tokens), output_tokens=len(row.tokens)),
        latency_s=row.latency_s,
    )


def _seed(seed: int, generation: Generation, tokens: Sequence[int]) -> int:
    """One seed for each draw of each prompt, whatever the order in which they are asked."""
    decisive = json.dumps([seed, generation.seed, generation.draw, list(tokens)])
    return int.from_bytes(hashlib.blake2b(decisive.encode(), digest_size=8).digest(), "big")


def _collect() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
