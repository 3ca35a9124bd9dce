"""A loaded checkpoint as the worker thread sees it: prompts in, completions out."""

import gc
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage
from evalscope.errors import EvalscopeError
from evalscope.models.checkpoint.decode import decode
from evalscope.models.checkpoint.failures import answering_failure, is_out_of_memory
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.prompt import prompt_tokens
from evalscope.models.checkpoint.quiet import quiet
from evalscope.models.checkpoint.rows import Asked
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

    def prepare(self, messages: Sequence[Message], generation: Generation, is_wanted: Callable[[], bool]) -> Asked:
        """The prompt of a conversation, with everything that decides its answer.

        Raises:
            PromptTooLong: not one token fits behind it.
            RequestRefused: the chat template does not take it.
        """
        tokens = prompt_tokens(self._loaded.tokenizer, messages, generation.chat_template_kwargs)
        max_new_tokens = allowance(tokens, generation.max_tokens, self._loaded.context)
        return Asked(
            tokens=tokens,
            settings=settle(generation, self._loaded.defaults, max_new_tokens),
            seed=_seed(self._seed, generation, tokens),
            is_wanted=is_wanted,
        )

    def answer(self, batch: Sequence[Asked]) -> tuple[Completion, ...]:
        """Completions of prompts with equal settings, in their order."""
        with quiet():
            answers = decode(self._loaded, batch)
        return tuple(
            Completion(
                text=answer.text,
                stop_reason=answer.stop_reason,
                usage=Usage(input_tokens=answer.num_prompt_tokens, output_tokens=len(answer.tokens)),
                latency_s=answer.latency_s,
            )
            for answer in answers
        )

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a smaller batch could succeed where this one failed."""
        return is_out_of_memory(error)

    def explain(self, error: Exception, asked: Asked) -> EvalscopeError:
        """Why a prompt got no answer even alone."""
        return answering_failure(error, len(asked.tokens))

    def reclaim(self) -> None:
        """Gives back the memory that a failed batch left behind."""
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Lets go of the model, which cannot be asked afterwards."""
        del self._loaded
        self.reclaim()


def _seed(seed: int, generation: Generation, tokens: Sequence[int]) -> int:
    """One seed for each draw of each prompt, whatever the order in which they are asked."""
    decisive = json.dumps([seed, generation.seed, generation.draw, list(tokens)])
    return int.from_bytes(hashlib.blake2b(decisive.encode(), digest_size=8).digest(), "big")
