"""From a task to its replicas, as far as no cluster is needed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evalscope.config import TaskConfig
from evalscope.core.generation import Generation
from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.build import build_model
from tests.models.checkpoint.tiny import make_tiny

needs_ray = pytest.mark.skipif(
    "not __import__('importlib.util').util.find_spec('ray')", reason="needs Ray: pip install 'evalscope[cluster]'"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


def build(folder, **settings):
    return build_model(TaskConfig(model=str(folder), **settings), api_key=None, fetch=never_fetch)


def never_fetch(*wanted) -> Path:
    raise AssertionError(f"nothing is to be downloaded here: {wanted}")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (
            {"ray_address": "host:6379"},
            "ray_address is where replicas run; give their number as replicas of model_args",
        ),
        ({"model_args": {"replicas": 0}}, "model_args: replicas: at least 1 is needed; found 0"),
        (
            {"model_args": {"replicas": 2}, "eval_type": "mock_llm"},
            "model_args replicas cannot be honoured by mock_llm",
        ),
        ({"model_args": {"replicas": 2}, "api_url": "http://x/v1"}, "replicas cannot be honoured by a service"),
        ({"model_args": {"replicas": 2}, "ray_address": ""}, "ray_address: it is empty"),
    ],
    ids=["an address alone", "none", "replicas of the mock", "replicas of a service", "an empty address"],
)
def test_what_nobody_would_honour_is_refused(settings, named):
    with pytest.raises(ConfigError) as caught:
        build("m", **settings)
    assert named in str(caught.value)


@needs_ray
def test_replicas_are_known_as_a_single_copy_before_anything_is_started(folder):
    one, many = build(folder), build(folder, model_args={"replicas": 3})
    assert (many.name, many.identity, many.is_base_model) == (one.name, one.identity, one.is_base_model)
    assert many.concurrency == 3 * one.concurrency
    with pytest.raises(ConfigError, match="presence_penalty"):
        many.check(Generation(presence_penalty=1.0))


@needs_ray
def test_a_folder_that_is_no_checkpoint_is_refused_before_anything_is_started(tmp_path):
    with pytest.raises(ConfigError, match=r"config\.json"):
        build(tmp_path, model_args={"replicas": 2})


@needs_ray
def test_an_address_for_rays_client_is_refused(folder):
    with pytest.raises(ConfigError, match=r"ray_address 'ray://host:10001' is one for Ray's client; run on a node"):
        build(folder, model_args={"replicas": 2}, ray_address="ray://host:10001")


def test_without_ray_the_pip_line_is_named(folder, monkeypatch):
    monkeypatch.setattr("evalscope.models.replicas.make.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install 'evalscope\[cluster\]'"):
        build(folder, model_args={"replicas": 2})


def test_a_single_copy_imports_nothing_of_ray(folder):
    program = f"""
import sys
from evalscope.config import TaskConfig
from evalscope.models.build import build_model
build_model(TaskConfig(model={str(folder)!r}), api_key=None, fetch=None).identity
print({{"ray", "evalscope.models.replicas"}} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@needs_ray
def test_sigterm_stays_with_whoever_had_it():
    from evalscope.models.replicas.quiet import sigterm_kept

    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("ours"))
    try:
        with sigterm_kept():
            signal.signal(signal.SIGTERM, lambda *_: heard.append("ray's"))
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == ["ours"]
