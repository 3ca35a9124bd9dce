"""Replies understood, hostile ones included."""

import json

import pytest

from evalscope.core.response import Usage
from evalscope.errors import AnswerRefused
from tests.models.service.asking import GREEDY, QUESTION, MakeService
from tests.servers.running import Stub, running_stub
from tests.servers.scripted import Reply, completion, http, json_reply, scripted


async def answer_to(make_service: MakeService, reply: Reply):
    async with scripted(reply) as server:
        return await make_service(server.url, max_retries=0).generate(QUESTION, GREEDY)


async def test_answer_comes_with_usage_and_latency(make_service: MakeService, stub: Stub):
    answer = await make_service(stub.url).generate(QUESTION, GREEDY)
    assert "ANSWER:" in answer.text
    assert answer.stop_reason == "stop"
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0
    assert 0 < answer.latency_s < 5
    assert answer.first_token_s is None
    assert answer.reasoning is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("  kept as it is\n", "  kept as it is\n"),
        (None, ""),
        ("", ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}, "c", 7], "bc"),
        ([], ""),
        ("a\u2028b\u0085c\x00", "a\u2028b\u0085c\x00"),
    ],
)
async def test_content_becomes_text(make_service: MakeService, content, text: str):
    assert (await answer_to(make_service, completion(content))).text == text


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_kept_apart_under_either_name(make_service: MakeService, field: str):
    answer = await answer_to(make_service, completion("4", **{field: "2 + 2"}))
    assert (answer.text, answer.reasoning) == ("4", "2 + 2")


@pytest.mark.parametrize("message", [{"reasoning_content": None}, {"reasoning_content": ""}, {"reasoning": 7}])
async def test_absent_reasoning_is_none(make_service: MakeService, message: dict):
    assert (await answer_to(make_service, completion("4", **message))).reasoning is None


@pytest.mark.parametrize(
    ("finish_reason", "stop_reason"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("end_turn", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "unknown"),
        ("something new", "unknown"),
        (None, "unknown"),
        (["stop"], "unknown"),
    ],
)
async def test_finish_reason_becomes_stop_reason(make_service: MakeService, finish_reason, stop_reason: str):
    assert (await answer_to(make_service, completion("a", finish_reason))).stop_reason == stop_reason


@pytest.mark.parametrize(
    ("usage", "understood"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 0}, Usage(input_tokens=5, output_tokens=0)),
        ({"prompt_tokens": 5}, Usage(input_tokens=5)),
        ({"prompt_tokens": "5", "completion_tokens": True}, Usage()),
        ({"prompt_tokens": -1}, Usage()),
        ("much", Usage()),
    ],
)
async def test_usage_that_is_not_told_is_none(make_service: MakeService, usage, understood: Usage):
    assert (await answer_to(make_service, completion(usage=usage))).usage == understood


async def test_reply_without_usage_is_taken(make_service: MakeService):
    reply = json_reply({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]})
    assert (await answer_to(make_service, reply)).usage == Usage()


@pytest.mark.parametrize("content", ["", None])
async def test_nothing_left_by_the_content_filter_is_a_refusal(make_service: MakeService, content):
    with pytest.raises(AnswerRefused):
        await answer_to(make_service, completion(content, "content_filter"))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"a\ud800b", "a\ufffdb"),
        (r"\udfff", "\ufffd"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud800\ud83d\ude00", "\ufffd😀"),
    ],
)
async def test_half_characters_are_replaced_so_that_rows_can_be_written(
    make_service: MakeService, written: str, text: str
):
    body = '{"choices":[{"message":{"content":"%s","reasoning":"%s"},"finish_reason":"stop"}]}' % (written, written)  # noqa: UP031
    answer = await answer_to(make_service, http(body))
    assert answer.text == answer.reasoning == text
    json.dumps(answer.text, ensure_ascii=False).encode()


async def test_bytes_that_are_no_utf8_are_replaced(make_service: MakeService):
    answer = await answer_to(
        make_service, http(b'{"choices":[{"message":{"content":"a\xff\xfeb"},"finish_reason":"stop"}]}')
    )
    assert answer.text == "a\ufffd\ufffdb"


async def test_byte_order_mark_before_the_json_is_skipped(make_service: MakeService):
    body = b'\xef\xbb\xbf{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}'
    assert (await answer_to(make_service, http(body, content_type="text/plain"))).text == "a"


async def test_a_null_error_beside_choices_is_no_error(make_service: MakeService):
    reply = json_reply({"error": None, "choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]})
    assert (await answer_to(make_service, reply)).text == "a"


async def test_reasoning_of_the_stub_arrives_in_either_mode(make_service: MakeService):
    with running_stub("--reasoning") as stub:
        whole = await make_service(stub.url).generate(QUESTION, GREEDY)
        streamed = await make_service(stub.url, stream=True).generate(QUESTION, GREEDY)
    assert whole.reasoning
    assert whole.reasoning == streamed.reasoning
    assert whole.text == streamed.text
