"""A loaded checkpoint as the worker thread sees it: questions in, answers out."""

import gc
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.response import Completion, Usage
from evalscope.errors import EvalscopeError
from evalscope.models.checkpoint.batching import Prompt
from evalscope.models.checkpoint.decode import Decoded, decode
from evalscope.models.checkpoint.failures import answering_failure, is_out_of_memory
from evalscope.models.checkpoint.likelihood import loglikelihoods
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.prompt import prompt_tokens
from evalscope.models.checkpoint.questions import Answer, Continuation, Question
from evalscope.models.checkpoint.quiet import quiet
from evalscope.models.checkpoint.rows import Asked
from evalscope.models.checkpoint.seam import Continued, continued
from evalscope.models.checkpoint.settings import allowance, settle


class Decoder:
    """A model in memory; making one loads it, which takes seconds to minutes.

    Raises:
        ConfigError: something that other settings could mend.
        EndpointError: damaged or incomplete weights, not enough memory.
    """

    def __init__(self, *, folder: Path, args: ModelArgs, seed: int) -> None:
        self._loaded = load(folder, args)
        self._seed = seed

    def prepare(self, question: Question, is_wanted: Callable[[], bool]) -> Prompt:
        """The prompt of a question, with everything that decides its answer.

        Raises:
            PromptTooLong: not one token fits behind a conversation, or a continuation does not fit.
            RequestRefused: the chat template does not take a conversation.
            ModelError: a continuation has no token.
        """
        if isinstance(question, Continuation):
            loaded = self._loaded
            return continued(loaded.tokenizer, question.context, question.text, loaded.context, is_wanted)
        messages, generation = question.messages, question.generation
        tokens = prompt_tokens(self._loaded.tokenizer, messages, generation.chat_template_kwargs)
        max_new_tokens = allowance(tokens, generation.max_tokens, self._loaded.context)
        return Asked(
            tokens=tokens,
            settings=settle(generation, self._loaded.defaults, max_new_tokens),
            seed=_seed(self._seed, generation, tokens),
            is_wanted=is_wanted,
        )

    def answer(self, batch: Sequence[Prompt]) -> tuple[Answer | None, ...]:
        """Answers to prompts of one way, in their order; None to one that ended early since nobody waited."""
        continuations = [prompt for prompt in batch if isinstance(prompt, Continued)]
        conversations = [prompt for prompt in batch if isinstance(prompt, Asked)]
        assert len(batch) in (len(continuations), len(conversations)), "a batch is computed in one way"
        with quiet():
            if continuations:
                return loglikelihoods(self._loaded, continuations)
            return tuple(map(_completion, decode(self._loaded, conversations)))

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a smaller batch could succeed where this one failed."""
        return is_out_of_memory(error)

    def explain(self, error: Exception, num_tokens: int) -> EvalscopeError:
        """Why a prompt of so many tokens got no answer even alone."""
        return answering_failure(error, num_tokens)

    def reclaim(self) -> None:
        """Gives back the memory that a failed batch left behind."""
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Lets go of the model, which cannot be asked afterwards."""
        del self._loaded
        self.reclaim()


def _completion(answer: Decoded) -> Completion | None:
    if answer.stop_reason == "unknown":
        return None
    return Completion(
        text=answer.text,
        stop_reason=answer.stop_reason,
        usage=Usage(input_tokens=answer.num_prompt_tokens, output_tokens=len(answer.tokens)),
        latency_s=answer.latency_s,
    )


def _seed(seed: int, generation: Generation, tokens: Sequence[int]) -> int:
    """One seed for each draw of each prompt, whatever the order in which they are asked."""
    decisive = json.dumps([seed, generation.seed, generation.draw, list(tokens)])
    return int.from_bytes(hashlib.blake2b(decisive.encode(), digest_size=8).digest(), "big")
