"""A checkpoint in a folder as somebody who answers."""

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from evalscope.config import ModelArgs
from evalscope.config.generation import check_generation
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.checkpoint.batching import Backend, Worker
from evalscope.models.checkpoint.fingerprint import fingerprint, text_digest
from evalscope.models.checkpoint.folder import check_adapter, check_folder, has_chat_template
from evalscope.models.checkpoint.packages import check_packages
from evalscope.models.checkpoint.precision import AUTO, canonical_precision
from evalscope.models.checkpoint.questions import Continuations, Conversation
from evalscope.models.checkpoint.settings import HONOURED, RESERVED_KWARGS
from evalscope.models.checkpoint.template import template_text

logger = logging.getLogger(__name__)

WANTED_AT_FIRST = 16
"""Questions at once where the free memory decides, until the model is loaded and tells."""


class Checkpoint:
    """A local model; it is loaded by its worker thread when the first question comes.

    Args:
        folder: configuration, tokenizer and safetensors weights.
        name: in reports.
        args: how to load it; its adapter is a folder.
        batch_size: most questions that are answered at once, at least 1; None for as many as the free memory holds.
        seed: of sampling.
        identity: what decides its answers, where somebody knows better (an id and revision of a hub); otherwise the
            kind, a fingerprint of the folder, and those of `args` that decide answers.

    Raises:
        ConfigError: the folder or the arguments cannot be loaded, as far as a look without loading tells.
        MissingDependency: torch or transformers is not installed.
    """

    def __init__(
        self,
        *,
        folder: Path,
        name: str,
        args: ModelArgs,
        batch_size: int | None,
        seed: int,
        identity: Mapping[str, str] | None = None,
    ) -> None:
        if find_spec("torch") is None or find_spec("transformers") is None:
            raise MissingDependency("a local checkpoint", "local")
        if batch_size is not None and batch_size < 1:
            raise ConfigError(f"a batch holds at least 1 question; found a batch size of {batch_size}")
        allows_pickles = args.use_safetensors is False
        check_folder(folder, allows_pickles=allows_pickles)
        check_packages(args)
        if args.adapter is not None:
            check_adapter(Path(args.adapter), allows_pickles=allows_pickles)
        self._precision = canonical_precision(args.precision)
        self._template = None if args.chat_template is None else template_text(args.chat_template)
        if args.revision is not None and identity is None:
            logger.warning(
                "revision %r is ignored: %s is a folder, not the id of a model on a hub", args.revision, folder
            )
        self._folder = folder
        self._name = name
        self._args = args
        self._batch_size = batch_size
        self._seed = seed
        self._given_identity = identity
        self._starting = threading.Lock()
        self._worker: Worker | None = None

    @property
    def name(self) -> str:
        """The name in reports."""
        return self._name

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """What decides its answers; reads up to 256 MB of weights when it is first asked for."""
        if self._given_identity is not None:
            return dict(self._given_identity)
        found = {"kind": "checkpoint", "fingerprint": fingerprint(self._folder)}
        if self._precision != AUTO:
            found["precision"] = self._precision
        if self._template is not None:
            found["chat_template"] = text_digest(self._template)
        if self._args.adapter is not None:
            found["adapter"] = fingerprint(Path(self._args.adapter))
        if self._args.quantization_config is not None:
            found["quantization"] = json.dumps(self._args.quantization_config, sort_keys=True, default=str)
        return found

    @property
    def concurrency(self) -> int:
        """Two batches: the next one is ready while one is computed."""
        known = self._worker.most_at_once if self._worker is not None else self._batch_size
        return 2 * (known or WANTED_AT_FIRST)

    @property
    def is_base_model(self) -> bool:
        """Whether it has no chat template, and so continues plain text."""
        return not self._has_template

    def check(self, generation: Generation) -> None:
        """Refuses settings that this model would drop, before anything is asked.

        Raises:
            ConfigError: naming the settings.
        """
        check_generation(generation, HONOURED, f"the local checkpoint {self._name}")
        if reserved := sorted(RESERVED_KWARGS & generation.chat_template_kwargs.keys()):
            raise ConfigError(
                f"chat_template_kwargs of generation_config has {', '.join(reserved)}, which is no argument of a "
                "template; remove it"
            )
        if generation.chat_template_kwargs and not self._has_template:
            raise ConfigError(
                f"chat_template_kwargs of generation_config has {', '.join(generation.chat_template_kwargs)}, but "
                f"{self._name} has no chat template; remove it, or give a template as chat_template of model_args"
            )

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """One answer.

        Raises:
            ConfigError: a setting that cannot be honoured, or a folder that other settings could load.
            EndpointError: the folder cannot be loaded, or the device failed.
            PromptTooLong: not one token fits behind the prompt.
            RequestRefused: the chat template does not take the conversation.
            ModelError: no answer to this one for another reason.
        """
        self.check(config)
        answer = await self._started().ask(Conversation(messages=tuple(messages), generation=config))
        assert isinstance(answer, Completion), "a conversation is answered by a completion"
        return answer

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """How likely each continuation is behind the context: sums of log-probabilities in nats.

        Which tokens are a continuation's is told in seam.py. No chat template is used.

        Raises:
            ConfigError: a folder that other settings could load.
            EndpointError: the folder cannot be loaded, or the device failed.
            PromptTooLong: context and continuation do not fit.
            ModelError: a continuation has no token, or no figure for another reason.
        """
        if not continuations:
            return ()
        answer = await self._started().ask(Continuations(context=context, texts=tuple(continuations)))
        assert isinstance(answer, tuple), "continuations are answered by numbers"
        return answer

    async def load(self) -> None:
        """Loads the weights now instead of at the first question.

        Raises:
            ConfigError, EndpointError: as generate.
        """
        await self._started().load()

    async def aclose(self) -> None:
        """Stops the thread and frees the memory; a later question would load the model again."""
        with self._starting:
            worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()

    @cached_property
    def _has_template(self) -> bool:
        return self._template is not None or has_chat_template(self._folder)

    def _started(self) -> Worker:
        with self._starting:
            if self._worker is None:
                self._worker = Worker(self._open, self._batch_size)
            return self._worker

    def _open(self) -> Backend:
        try:
            from evalscope.models.checkpoint.decoder import Decoder  # torch and transformers take seconds to import
        except ImportError as error:
            raise MissingDependency("a local checkpoint", "local") from error
        return Decoder(folder=self._folder, args=self._args, seed=self._seed)
