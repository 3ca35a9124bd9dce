"""What a service is sent."""

import random
from dataclasses import fields, replace

import pytest

from evalscope.config import GenerationConfig
from evalscope.config.generation import check_generation
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.errors import ConfigError
from evalscope.models.service import HONOURED, Service
from tests.models.service.asking import GREEDY, KEY, QUESTION, MakeService
from tests.servers.running import Stub

MESSAGES = [{"role": "user", "content": "How many legs has a spider?"}]


async def body_of(make_service: MakeService, stub: Stub, config: Generation, **changed) -> dict:
    await make_service(stub.url, **changed).generate(QUESTION, config)
    return stub.requests()[-1]["body"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        pytest.param(
            {
                "max_tokens": 512,
                "temperature": 0.6,
                "top_p": 0.9,
                "top_k": 20,
                "min_p": 0.01,
                "stop": ["\n\n", "Q:"],
                "seed": 7,
                "repetition_penalty": 1.1,
                "presence_penalty": 0.5,
                "frequency_penalty": 0.25,
                "chat_template_kwargs": {"enable_thinking": False},
                "reasoning_effort": "low",
            },
            {
                "max_tokens": 512,
                "temperature": 0.6,
                "top_p": 0.9,
                "top_k": 20,
                "min_p": 0.01,
                "stop": ["\n\n", "Q:"],
                "seed": 7,
                "repetition_penalty": 1.1,
                "presence_penalty": 0.5,
                "frequency_penalty": 0.25,
                "chat_template_kwargs": {"enable_thinking": False},
                "reasoning_effort": "low",
            },
            id="vocabulary of services",
        ),
        pytest.param(
            {"max_new_tokens": 512, "do_sample": True, "stop_strings": "END", "num_return_sequences": 2},
            {"max_tokens": 512, "temperature": 1.0, "stop": ["END"]},
            id="vocabulary of transformers",
        ),
        pytest.param({"do_sample": False}, {"temperature": 0.0}, id="greedy by do_sample"),
        pytest.param({"max_completion_tokens": 9}, {"max_completion_tokens": 9}, id="the newer name of max_tokens"),
        pytest.param({"stop": [], "chat_template_kwargs": {}, "reasoning_effort": ""}, {}, id="empty is left out"),
        pytest.param(
            {"temperature": 0, "top_k": 0, "presence_penalty": 0},
            {"temperature": 0, "top_k": 0, "presence_penalty": 0},
            id="zero is sent",
        ),
        pytest.param(
            {"max_tokens": 1, "extra_body": {"max_tokens": 2, "n": 1, "deep": {"a": [1]}}},
            {"max_tokens": 2, "n": 1, "deep": {"a": [1]}},
            id="extra_body is merged last",
        ),
        pytest.param(
            {"extra_body": {"logit_bias": {50256: -100}}}, {"logit_bias": {"50256": -100}}, id="numbers as keys"
        ),
    ],
)
async def test_settings_reach_the_service_as_written(make_service: MakeService, stub: Stub, written: dict, sent: dict):
    config = GenerationConfig(**written).over(Generation())
    assert await body_of(make_service, stub, config) == {"model": "mock", "messages": MESSAGES} | sent


async def test_benchmarks_own_settings_are_sent_where_the_user_wrote_none(make_service: MakeService, stub: Stub):
    config = GenerationConfig(top_p=0.5).over(Generation(max_tokens=32, temperature=0.0))
    body = await body_of(make_service, stub, config)
    assert {name: body[name] for name in ("max_tokens", "temperature", "top_p")} == {
        "max_tokens": 32,
        "temperature": 0.0,
        "top_p": 0.5,
    }


@pytest.mark.parametrize(("seed", "draw", "sent"), [(7, 0, 7), (7, 3, 10), (None, 3, None)])
async def test_repeats_differ_in_the_seed_that_is_sent(make_service: MakeService, stub: Stub, seed, draw, sent):
    body = await body_of(make_service, stub, replace(GREEDY, seed=seed, draw=draw))
    assert body.get("seed") == sent
    assert "draw" not in body


async def test_one_service_keeps_different_settings_apart(make_service: MakeService, stub: Stub):
    service = make_service(stub.url)
    for temperature in (0.1, 0.2, 0.1):
        await service.generate(QUESTION, replace(GREEDY, temperature=temperature))
    assert [request["body"]["temperature"] for request in stub.requests()] == [0.1, 0.2, 0.1]


async def test_more_settings_than_are_kept_in_hand_are_still_sent_rightly(make_service: MakeService, stub: Stub):
    service = make_service(stub.url)
    for seed in range(150):
        await service.generate(QUESTION, replace(GREEDY, seed=seed))
    assert [request["body"]["seed"] for request in stub.requests()] == list(range(150))


async def test_extra_headers_are_sent_beside_our_own(make_service: MakeService, stub: Stub):
    await make_service(stub.url).generate(QUESTION, replace(GREEDY, extra_headers={"X-Tenant": "blue"}))
    headers = stub.requests()[0]["headers"]
    assert headers["x-tenant"] == "blue"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("evalscope/")


async def test_stream_asks_for_usage_too(make_service: MakeService, stub: Stub):
    body = await body_of(make_service, stub, GREEDY, stream=True)
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}


async def test_every_turn_is_sent_in_order_and_unchanged(make_service: MakeService, stub: Stub):
    turns = (
        Message("system", "Be\u2028brief."),
        Message("user", '"1" 中文 😀'),
        Message("assistant", ""),
        Message("user", " b "),
    )
    await make_service(stub.url).generate(turns, GREEDY)
    sent = stub.requests()[0]["body"]["messages"]
    assert sent == [{"role": turn.role, "content": turn.content} for turn in turns]


async def test_half_a_character_in_a_question_is_replaced(make_service: MakeService, stub: Stub):
    await make_service(stub.url).generate([Message("user", "a\ud800b")], GREEDY)
    assert stub.requests()[0]["body"]["messages"] == [{"role": "user", "content": "a\ufffdb"}]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"extra_body": {"messages": []}}, "messages"),
        ({"extra_body": {"x": {1, 2}}}, "JSON"),
        ({"extra_headers": {"X-A": "a\r\nX-B: b"}}, "X-A"),
    ],
)
async def test_settings_that_cannot_be_sent_are_refused(
    make_service: MakeService, stub: Stub, settings: dict, named: str
):
    with pytest.raises(ConfigError, match=named):
        await make_service(stub.url).generate(QUESTION, replace(GREEDY, **settings))
    assert stub.stats()["requests"] == 0


def test_every_setting_is_honoured():
    assert {setting.name for setting in fields(Generation)} == HONOURED
    check_generation(Generation(min_p=0.1, extra_query={"a": "b"}, draw=2), HONOURED, "a service")


def test_service_is_a_model_whose_identity_holds_neither_address_nor_key():
    service = Service(
        model="org/m",
        name="m",
        url="http://h/v1",
        api_key=KEY,
        timeout_s=1,
        max_retries=0,
        concurrency=7,
        rng=random.Random(0),
    )
    assert isinstance(service, Model)
    assert service.identity == {"kind": "service", "model": "org/m"}
    assert (service.name, service.concurrency) == ("m", 7)
