"""Where a folder of data or weights is: a local path, or fetched from ModelScope or Hugging Face."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.core.benchmark import Source
from evalscope.errors import ConfigError, DatasetError, MissingDependency
from evalscope.sources.records import ENDINGS

logger = logging.getLogger(__name__)

DATA_FILES = ("README.md", *(f"*{ending}{packed}" for ending in ENDINGS for packed in ("", ".gz")), "*.zip", "*.txt")
"""Records, and the texts that some benchmarks keep solved examples in."""
MODEL_FILES = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.tiktoken", "*.txt", "*.py")
"""Weights, configuration, tokenizer, templates; the code is run only where the user trusts it."""
MODEL_LEFT_OUT = ("consolidated*.safetensors", "original/*", "onnx/*", "openvino/*")
"""The same weights a second time, in forms that transformers does not read."""

HUB_NAMES = {HubType.MODELSCOPE: "ModelScope", HubType.HUGGINGFACE: "Hugging Face"}
OTHER_HUB = {HubType.MODELSCOPE: HubType.HUGGINGFACE, HubType.HUGGINGFACE: HubType.MODELSCOPE}
MIRROR_VARIABLES = {HubType.MODELSCOPE: "MODELSCOPE_ENDPOINT", HubType.HUGGINGFACE: "HF_ENDPOINT"}

# the client reads these once, when it is imported; its own choice is half a minute of trying where there is no network
_MODELSCOPE_PATIENCE = {"MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "2", "MODELSCOPE_API_CONNECT_TIMEOUT": "5"}


def fetch_dataset(name: str, source: Source, args: DatasetArgs, hub: HubType) -> Path:
    """The folder, archive or file that holds a benchmark's records.

    Raises:
        DatasetError: a local path does not exist, or the hub did not give the data.
    """
    if args.local_path is not None:
        return _existing(args.local_path, f"local_path of {name}")
    if args.dataset_id is not None and is_path(args.dataset_id):
        return _existing(Path(args.dataset_id), f"dataset_id of {name}")
    wished = None if args.dataset_id in source.old_ids else args.dataset_id  # what an old id held lies elsewhere now
    hub_id = wished or (source.huggingface_id if hub is HubType.HUGGINGFACE else "") or source.id
    if not hub_id:
        raise DatasetError(f"{name} has no data of its own; {_advise_local_path(name)}")
    try:
        return _snapshot(hub, hub_id, "dataset", None)
    except MissingDependency:
        raise
    except Exception as error:  # the clients let through whatever their many layers raise
        raise DatasetError(
            f"{name}: {HUB_NAMES[hub]} did not give the data set {hub_id!r}: {_in_one_line(error)}. Download it "
            f"elsewhere and {_advise_local_path(name)}; or try --dataset-hub {OTHER_HUB[hub]}, "
            f"a mirror ({MIRROR_VARIABLES[hub]}) or a proxy (HTTPS_PROXY)"
        ) from error


def fetch_model(model_id: str, revision: str | None, hub: HubType) -> Path:
    """The folder of a model: the one given where it is a path, else downloaded; weights as safetensors only.

    Raises:
        ConfigError: no such folder, or the hub did not give the model.
    """
    if is_path(model_id):
        folder = Path(model_id).expanduser()
        if not folder.is_dir():
            raise ConfigError(
                f"model {model_id!r} is no folder (looked in {Path.cwd()}); --model needs a model's folder"
            )
        return folder
    try:
        return _snapshot(hub, model_id, "model", revision)
    except MissingDependency:
        raise
    except Exception as error:  # see fetch_dataset
        raise ConfigError(
            f"{HUB_NAMES[hub]} did not give the model {model_id!r}: {_in_one_line(error)}. Download it elsewhere and "
            f"pass --model /path/to/model; or try --model-args hub={OTHER_HUB[hub]}, "
            f"a mirror ({MIRROR_VARIABLES[hub]}) or a proxy (HTTPS_PROXY)"
        ) from error


def is_path(text: str) -> bool:
    """Whether what could be a hub id is a path: it begins like one, or exists."""
    return text.startswith(("/", ".", "~")) or Path(text).exists()


def _existing(path: Path, what: str) -> Path:
    found = path.expanduser()
    if not found.exists():
        raise DatasetError(f"{what} is {str(path)!r}, which does not exist (looked in {Path.cwd()}); correct the path")
    return found


def _advise_local_path(name: str) -> str:
    return f'pass --dataset-args \'{{"{name}": {{"local_path": "/path/to/{name}"}}}}\''


def _snapshot(hub: HubType, repo_id: str, kind: Literal["dataset", "model"], revision: str | None) -> Path:
    """The local copy of a hub's repository, in the client's own cache; only files that match are fetched."""
    logger.info("fetching %s %s from %s", kind, repo_id, HUB_NAMES[hub])
    allowed, left_out = (DATA_FILES, ()) if kind == "dataset" else (MODEL_FILES, MODEL_LEFT_OUT)
    only, but_not = list(allowed), list(left_out)
    if hub is HubType.HUGGINGFACE:
        try:
            from huggingface_hub import snapshot_download
        except ImportError as error:
            raise MissingDependency("downloading from Hugging Face", "huggingface") from error
        with _quiet("huggingface_hub"):
            return Path(
                snapshot_download(
                    repo_id, repo_type=kind, revision=revision, allow_patterns=only, ignore_patterns=but_not
                )
            )
    with _environment(_MODELSCOPE_PATIENCE):
        from modelscope_hub import HubApi, HubError, NetworkError
    with _quiet("modelscope_hub"):
        client = HubApi()
        try:
            return Path(
                client.download_repo(repo_id, kind, revision=revision, allow_patterns=only, ignore_patterns=but_not)
            )
        except NetworkError:
            with suppress(HubError):  # an earlier download serves where there is no network now
                return Path(client.download_repo(repo_id, kind, revision=revision, local_files_only=True))
            raise


@contextmanager
def _environment(defaults: dict[str, str]) -> Iterator[None]:
    """Variables set for a moment, where the user has not set them."""
    unset = {name: value for name, value in defaults.items() if name not in os.environ}
    os.environ.update(unset)
    try:
        yield
    finally:
        for name in unset:
            del os.environ[name]


@contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Silences what a client logs on its way to an error that we tell ourselves."""
    clients = logging.getLogger(library)
    level = clients.level
    clients.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        clients.setLevel(level)


def _in_one_line(error: Exception) -> str:
    """The kind of a failure, and the first thing that went wrong."""
    cause: BaseException = error
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    texts = [str(one).strip().partition("\n")[0] for one in (error, cause)]
    text = texts[0] if len(texts[0]) <= 200 else texts[1] or texts[0]
    return f"{type(error).__name__}: {text[:200].rstrip('. ')}"
