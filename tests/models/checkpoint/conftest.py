"""Tiny checkpoints, made once a session, and models on them that are closed after each test."""

import shutil
from pathlib import Path

import pytest
import torch

from evalscope.config import ModelArgs
from evalscope.models.checkpoint import Checkpoint
from evalscope.models.checkpoint.load import load
from tests.models.checkpoint.tiny import make_tiny

FAMILIES = ("qwen2", "gpt2", "llama")


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Products this small gain nothing from threads, which on a shared machine mostly wait for one another."""
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(num_threads)


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A chat checkpoint of each family, by name; not to be written to."""
    root = tmp_path_factory.mktemp("tiny")
    return {family: make_tiny(root / family, family=family) for family in FAMILIES}


@pytest.fixture(scope="session")
def folder(folders) -> Path:
    """A chat checkpoint; not to be written to."""
    return folders["qwen2"]


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory) -> Path:
    """A checkpoint without chat template; not to be written to."""
    return make_tiny(tmp_path_factory.mktemp("tiny") / "base", chat=False, family="gpt2", context=128)


@pytest.fixture(scope="session")
def loaded_by_family(folders):
    return {family: load(folder, ModelArgs()) for family, folder in folders.items()}


@pytest.fixture(scope="session")
def loaded(loaded_by_family):
    return loaded_by_family["qwen2"]


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    """A chat checkpoint that a test may change."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


@pytest.fixture
async def make_model(folder):
    """Makes models, and closes them in the end."""
    made = []

    def make(where=folder, *, batch_size=4, seed=0, identity=None, **args):
        args = ModelArgs(**args)
        made.append(
            Checkpoint(folder=where, name="tiny", args=args, batch_size=batch_size, seed=seed, identity=identity)
        )
        return made[-1]

    yield make
    for model in made:
        await model.aclose()
