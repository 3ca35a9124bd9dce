"""From a task to who answers it, and what nobody would honour is refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from evalscope.config import TaskConfig
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion
from evalscope.errors import ConfigError
from evalscope.models.build import build_model, report_name
from evalscope.models.mock import MockModel

MESSAGES = (Message("user", "Hi"),)


class Parrot:
    """A model of a user's own, with nothing but generate."""

    async def generate(self, messages, config):
        return messages[-1].content


class FullParrot(Parrot):
    name = "polly"
    concurrency = 3
    closed = False

    @property
    def identity(self) -> Mapping[str, str]:
        return {"kind": "parrot", "feathers": "green"}

    async def generate(self, messages, config):
        return Completion(text="polly", stop_reason="length")

    async def aclose(self):
        self.closed = True


class RankingParrot(Parrot):
    async def loglikelihood(self, context, continuations):
        return [-len(context + continuation) for continuation in continuations]


class SyncParrot:
    def generate(self, messages, config):
        return "Hi"


def never_fetch(*wanted) -> Path:
    raise AssertionError(f"nothing is to be downloaded here: {wanted}")


def build(fetch=never_fetch, **settings) -> Model:
    return build_model(TaskConfig(**settings), api_key=None, fetch=fetch)


def refusal(**settings) -> str:
    with pytest.raises(ConfigError) as caught:
        build(**settings)
    return str(caught.value)


async def test_an_object_with_generate_alone_is_a_model():
    model = build(model=Parrot())
    assert isinstance(model, Model)
    assert await model.generate(MESSAGES, Generation()) == Completion(text="Hi")
    assert (model.name, model.concurrency) == ("Parrot", 8)
    assert model.identity == {"kind": f"{__name__}.Parrot", "name": "Parrot"}
    await model.aclose()


async def test_an_object_ranks_options_if_it_can():
    assert await build(model=RankingParrot()).loglikelihood("a", ("b", "cd")) == (-2.0, -3.0)


async def test_an_object_that_cannot_rank_is_told_what_it_lacks():
    with pytest.raises(ConfigError, match=r"Parrot needs 'async def loglikelihood\(self, context, continuations\)'"):
        await build(model=Parrot()).loglikelihood("a", ("b",))


async def test_the_mock_finds_short_options_likely_unless_told_otherwise():
    assert await MockModel().loglikelihood("a", ("b", "cde")) == (-1.0, -3.0)
    mock = MockModel(loglikelihood=shouting)
    assert await mock.loglikelihood("a", ("b", "C")) == (-9.0, -1.0)
    assert mock.identity == {"kind": "mock_llm", "reply": "ANSWER: A", "loglikelihood": "shouting"}
    assert "loglikelihood" not in MockModel().identity


def shouting(context, continuation):
    return -1.0 if continuation.isupper() else -9.0


async def test_what_an_object_says_of_itself_is_kept():
    parrot = FullParrot()
    model = build(model=parrot)
    assert (model.name, model.concurrency) == ("polly", 3)
    assert model.identity == {"kind": "parrot", "feathers": "green"}
    assert (await model.generate(MESSAGES, Generation())).stop_reason == "length"
    await model.aclose()
    assert parrot.closed


def test_the_task_goes_over_what_an_object_says_of_itself():
    model = build(model=FullParrot(), model_id="my-parrot", eval_batch_size=5)
    assert (model.name, model.concurrency) == ("my-parrot", 5)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"model": SyncParrot()}, "the model SyncParrot needs 'async def generate(self, messages, config)'"),
        (
            {"model": Parrot(), "model_args": {"precision": "auto"}},
            "model_args precision cannot be honoured by a model",
        ),
        ({"model": Parrot(), "stream": True}, "stream is for eval_type service"),
        ({"model": "m", "api_url": "http://x/v1", "model_args": {"revision": "1"}}, "revision cannot be honoured"),
        ({"model": "m", "model_args": {"reply": "B"}}, "model_args reply cannot be honoured by a checkpoint"),
        (
            {"model": "m", "eval_type": "mock_llm", "model_args": {"device_map": "auto", "precision": "auto"}},
            "model_args device_map, precision cannot be honoured by mock_llm",
        ),
        ({"model": "m", "stream": True}, "stream is for eval_type service"),
        ({"model": "m", "eval_type": "service"}, "--api-url http://127.0.0.1:8000/v1"),
        ({"eval_type": "service", "api_url": "http://x/v1"}, "no model is named"),
        ({}, "no model is named; --model takes a hub id such as"),
        ({"model": ""}, "no model is named"),
        ({"model": "m", "eval_type": "servce"}, "eval_type 'servce' is unknown; did you mean 'service'?"),
    ],
    ids=[
        "an object that cannot be awaited",
        "arguments of an object",
        "streaming of an object",
        "arguments of a service",
        "a reply of a checkpoint",
        "arguments of the mock",
        "streaming of a checkpoint",
        "a service without address",
        "a service without model",
        "nothing",
        "an empty name",
        "an unknown kind",
    ],
)
def test_what_nobody_would_honour_is_refused(settings, named):
    assert named in refusal(**settings)


@pytest.mark.parametrize(
    "model", ["./nowhere", "/nowhere/at/all", "~/nowhere-at-all", "../nowhere", "output/sft/checkpoint-1000"]
)
def test_a_path_that_does_not_exist_is_no_hub_id(model):
    message = refusal(model=model)
    assert message.startswith(f"--model {model!r} does not exist; a folder with config.json and weights is needed")
    assert f"(looked in {Path.cwd()})" in message


def test_a_file_is_no_model_folder(tmp_path):
    (tmp_path / "model.gguf").write_text("")
    assert "is a file; a folder with config.json" in refusal(model=str(tmp_path / "model.gguf"))


def test_a_hub_id_is_fetched_from_the_hub_and_in_the_revision_that_were_asked_for(tmp_path):
    wanted = []

    def fetch(*what):
        wanted.append(what)
        raise ConfigError("no network")

    with pytest.raises(ConfigError, match="no network"):
        build(fetch, model="Qwen/Qwen3-0.6B", model_args={"hub": "hf", "revision": "v1"})
    assert wanted == [("Qwen/Qwen3-0.6B", "v1", "huggingface")]


async def test_the_mock_replies_what_it_is_told():
    model = build(eval_type="mock_llm", model_args={"reply": ""}, eval_batch_size=2)
    assert isinstance(model, MockModel)
    assert (await model.generate(MESSAGES, Generation())).text == ""
    assert (model.name, model.concurrency) == ("mock_llm", 2)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"model": "Qwen/Qwen2.5-0.5B-Instruct"}, "Qwen2.5-0.5B-Instruct"),
        ({"model": "qwen2.5"}, "qwen2.5"),
        ({"model": "/path/to/model/"}, "model"),
        ({"model": "/path/to/model//"}, "model"),
        ({"model": "C:\\models\\qwen\\"}, "qwen"),
        ({"model": "./output/checkpoint-1000"}, "checkpoint-1000"),
        ({"model": Path("a") / "b"}, "b"),
        ({"model": "a/b", "model_id": "mine/and yours"}, "mine/and yours"),
        ({"model": Parrot(), "model_id": "mine"}, "mine"),
        ({"model": FullParrot()}, "polly"),
        ({"eval_type": "mock_llm"}, "mock_llm"),
    ],
    ids=[
        "hub id",
        "plain",
        "slash at the end",
        "slashes at the end",
        "backslashes",
        "relative",
        "Path",
        "given",
        "given for an object",
        "object with a name",
        "no model",
    ],
)
def test_the_name_in_reports_is_the_last_part_unless_given(settings, expected):
    assert report_name(TaskConfig(**settings)) == expected


@pytest.mark.parametrize(("model", "depth"), [(".", 0), ("./", 0), ("..", 1), ("../..", 2), ("sub/..", 0), ("./.", 0)])
def test_a_path_of_dots_is_named_after_its_folder(model, depth, tmp_path, monkeypatch):
    here = tmp_path / "a" / "b" / "c"
    (here / "sub").mkdir(parents=True)
    monkeypatch.chdir(here)
    assert report_name(TaskConfig(model=model)) == "cba"[depth]
