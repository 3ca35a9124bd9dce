"""From a task to the model that answers it."""

import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evalscope.config import ModelArgs, TaskConfig
from evalscope.constants import EvalType, HubType
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion
from evalscope.errors import ConfigError
from evalscope.registry import find_model_maker

BUILT_IN: Mapping[str, str] = {
    EvalType.SERVICE: "evalscope.models.build:make_service",
    EvalType.CHECKPOINT: "evalscope.models.build:make_checkpoint",
    EvalType.MOCK_LLM: "evalscope.models.build:make_mock",
}

ASKED_AT_ONCE = 8

FetchModel = Callable[[str, str | None, HubType], Path]
"""(hub id, revision, hub) → a local folder."""


def build_model(config: TaskConfig, *, api_key: str | None, fetch: FetchModel) -> Model:
    """The model that a task names, ready to be asked; weights are loaded with the first question.

    Args:
        config: the task.
        api_key: of the service.
        fetch: downloads a checkpoint that is no local folder.

    Raises:
        ConfigError: no such kind of model, or settings that do not fit it.
    """
    if config.answers_by == "object":
        return adopt(config.model, config)
    make: Any = find_model_maker(config.answers_by, BUILT_IN)
    if config.answers_by in BUILT_IN:
        model: Model = make(config, api_key=api_key, fetch=fetch)
        return model
    return adopt(make(config), config)


def make_service(config: TaskConfig, *, api_key: str | None, fetch: FetchModel) -> Model:
    """A service that is spoken to over HTTP."""
    from evalscope.models.service.client import Service

    name = _needed_name(config, "the name that the service knows it by")
    if not config.api_url:
        raise ConfigError("eval_type service needs the service's address: --api-url http://127.0.0.1:8000/v1")
    _refuse_model_args(config, allowed=frozenset(), who="a service")
    return Service(
        model=name,
        name=report_name(config),
        url=config.api_url,
        api_key=api_key,
        timeout_s=config.timeout,
        max_retries=config.max_retries,
        concurrency=config.eval_batch_size,
        max_rpm=config.max_rpm,
        max_tpm=config.max_tpm,
        stream=config.stream,
        extra=config.generation_config.over(Generation()),
        rng=random.Random(config.seed),
    )


def make_checkpoint(config: TaskConfig, *, api_key: str | None, fetch: FetchModel) -> Model:
    """Local weights, or weights from a hub."""
    name = _needed_name(config, "a hub id such as Qwen/Qwen2.5-0.5B-Instruct, or a local folder")
    _refuse_service_settings(config)
    _refuse_model_args(config, allowed=frozenset(type(config.model_args).model_fields) - {"reply"}, who="a checkpoint")
    is_folder = Path(name).expanduser().is_dir()
    find = partial(find_checkpoint, args=config.model_args, fetch=fetch)
    args = config.model_args if is_folder else config.model_args.model_copy(update={"revision": None})
    if args.adapter is not None and (adapter := Path(args.adapter).expanduser()).is_dir():
        args = args.model_copy(update={"adapter": str(adapter.absolute())})  # nodes work in folders of their own
    make = partial(
        _checkpoint,
        name=report_name(config),
        args=args,
        fetch=fetch,
        batch_size=config.eval_batch_size,
        seed=config.seed,
    )
    if config.model_args.replicas is None:
        model: Model = make(folder=find(name))
        return model
    from evalscope.models.replicas.make import make_replicas

    return make_replicas(config, name=report_name(config), model=name, find=find, make=make)


def find_checkpoint(name: str, *, args: ModelArgs, fetch: FetchModel) -> Path:
    """The folder of a checkpoint on the machine that this runs on; that of a hub's model in the revision asked for.

    Raises:
        ConfigError: a path that is no folder.
    """
    if (folder := _folder(name, f"--model {name!r}", "config.json")) is not None:
        return folder
    return fetch(name, args.revision, args.hub or HubType.MODELSCOPE)


def find_adapter(name: str, *, args: ModelArgs, fetch: FetchModel) -> Path:
    """The folder of an adapter on the machine that this runs on; a hub's is fetched from where the model would be.

    Raises:
        ConfigError: a path that is no folder, or the hub did not give it.
    """
    if (folder := _folder(name, f"adapter {name!r} of model_args", "adapter_config.json")) is not None:
        return folder
    try:
        return fetch(name, args.adapter_revision, args.hub or HubType.MODELSCOPE)
    except ConfigError as error:
        raise ConfigError(f"adapter of model_args: {error}") from error


def _folder(name: str, what: str, file: str) -> Path | None:
    """The folder that a name is a path of; None where it is a hub id."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if name.startswith(("/", ".", "~")) or name.count("/") > 1 or folder.is_file():
        found = "is a file" if folder.is_file() else "does not exist"
        raise ConfigError(f"{what} {found}; a folder with {file} and weights is needed (looked in {Path.cwd()})")
    return None


def _checkpoint(*, folder: Path, args: ModelArgs, fetch: FetchModel, **settings: Any) -> Any:
    """The checkpoint of a folder with its adapter, on the machine that this runs on."""
    from evalscope.models.checkpoint.model import Checkpoint

    if args.adapter is not None:
        args = args.model_copy(update={"adapter": str(find_adapter(args.adapter, args=args, fetch=fetch))})
    return Checkpoint(folder=folder, args=args, **settings)


def make_mock(config: TaskConfig, *, api_key: str | None, fetch: FetchModel) -> Model:
    """The mock, which replies one text to everything."""
    from evalscope.models.mock import REPLY, MockModel

    _refuse_service_settings(config)
    _refuse_model_args(config, allowed=frozenset({"reply"}), who="mock_llm")
    reply = REPLY if config.model_args.reply is None else config.model_args.reply
    return MockModel(reply, name=report_name(config), concurrency=config.eval_batch_size or ASKED_AT_ONCE)


def report_name(config: TaskConfig) -> str:
    """The name in reports: --model-id, else the last part of the id or path."""
    if config.model_id:
        return config.model_id
    if not isinstance(config.model, str):
        return str(getattr(config.model, "name", None) or _class_name(config))
    last = config.model.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return Path(config.model).expanduser().resolve().name if last in {"", ".", "..", "~"} else last


def _class_name(config: TaskConfig) -> str:
    return config.answers_by if config.model is None else type(config.model).__name__


class Adopted:
    """A user's object as a model: what it lacks beside `generate` is filled in."""

    def __init__(self, model: Any, name: str, concurrency: int | None) -> None:
        self._model = model
        self.name = name
        self._fixed = concurrency
        own = getattr(model, "identity", None)
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        self.identity: Mapping[str, str] = dict(own) if own else {"kind": kind, "name": name}

    @property
    def concurrency(self) -> int:
        """The user's number, else what the object wants at the moment."""
        return self._fixed or int(getattr(self._model, "concurrency", ASKED_AT_ONCE))

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """The object's answer; a plain text is taken as one."""
        answer = await self._model.generate(messages, config)
        return Completion(text=answer) if isinstance(answer, str) else answer

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """The object's own figures.

        Raises:
            ConfigError: it has none, or they cannot be awaited.
        """
        own = getattr(self._model, "loglikelihood", None)
        if not inspect.iscoroutinefunction(own):
            raise ConfigError(
                f"options are to be ranked by log-likelihood, for which the model {type(self._model).__name__} needs "
                "'async def loglikelihood(self, context, continuations)'; without it, leave scoring out of dataset_args"
            )
        return tuple(map(float, await own(context, continuations)))

    async def aclose(self) -> None:
        """Lets the object let go of what it holds."""
        if close := getattr(self._model, "aclose", None):
            await close()


def adopt(model: Any, config: TaskConfig) -> Model:
    """A user's object as a model.

    Raises:
        ConfigError: its generate cannot be awaited, or settings are given that nobody would read.
    """
    if not inspect.iscoroutinefunction(getattr(model, "generate", None)):
        raise ConfigError(f"the model {type(model).__name__} needs 'async def generate(self, messages, config)'")
    if config.answers_by == "object":
        _refuse_model_args(config, allowed=frozenset(), who="a model given as an object")
        _refuse_service_settings(config)
    return Adopted(model, report_name(config), config.eval_batch_size)


def _needed_name(config: TaskConfig, what: str) -> str:
    if not config.model:
        raise ConfigError(f"no model is named; --model takes {what}")
    return str(config.model)


def _refuse_model_args(config: TaskConfig, *, allowed: frozenset[str], who: str) -> None:
    written = {name for name in config.model_args.model_fields_set if getattr(config.model_args, name) is not None}
    if unheard := sorted(written - allowed):
        raise ConfigError(f"model_args {', '.join(unheard)} cannot be honoured by {who}; remove it")


def _refuse_service_settings(config: TaskConfig) -> None:
    for name in ("max_rpm", "max_tpm"):
        if getattr(config, name) is not None:
            raise ConfigError(f"{name} is for eval_type service; {config.answers_by} has no limit to keep")
    if config.stream:
        raise ConfigError(f"stream is for eval_type service; {config.answers_by} answers in one piece")
