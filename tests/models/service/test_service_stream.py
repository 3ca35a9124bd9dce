"""Answers read while they are written."""

import pytest

from evalscope.core.response import Usage
from evalscope.errors import AnswerRefused, ModelError, PromptTooLong
from evalscope.models.service.stream import read_stream
from tests.models.service.asking import GREEDY, QUESTION, MakeService
from tests.servers.running import Stub, running_stub
from tests.servers.scripted import Reply, completion, event_stream, scripted

DONE = "data: [DONE]\n\n"


def delta(content=None, finish_reason=None, **more):
    return {"choices": [{"index": 0, "delta": {"content": content, **more}, "finish_reason": finish_reason}]}


async def streamed(make_service: MakeService, *replies: Reply, **changed):
    async with scripted(*replies) as server:
        return await make_service(server.url, stream=True, **changed).generate(QUESTION, GREEDY)


async def test_streamed_answer_equals_the_whole_one(make_service: MakeService, stub: Stub):
    whole = await make_service(stub.url).generate(QUESTION, GREEDY)
    answer = await make_service(stub.url, stream=True).generate(QUESTION, GREEDY)
    assert (answer.text, answer.stop_reason, answer.usage) == (whole.text, whole.stop_reason, whole.usage)
    assert stub.stats()["streams"] == 1


async def test_first_token_comes_before_the_last_byte(make_service: MakeService):
    with running_stub("--latency-ms", "60", "--ttft-share", "0.3") as stub:
        answer = await make_service(stub.url, stream=True).generate(QUESTION, GREEDY)
    assert 0.015 < answer.first_token_s < answer.latency_s


async def test_connection_is_used_again_after_a_stream(make_service: MakeService, stub: Stub):
    service = make_service(stub.url, stream=True)
    before = stub.stats()["connections"]
    for _ in range(5):
        await service.generate(QUESTION, GREEDY)
    assert stub.stats()["connections"] - before <= 2  # one of them asks for the counts


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([delta("a"), delta("b", "stop"), DONE], id="usual"),
        pytest.param([delta("ab"), delta(finish_reason="stop")], id="no [DONE]"),
        pytest.param([delta("ab", "stop"), "data: [DONE]"], id="no line break at the end"),
        pytest.param([": awake\n\n", "event: chunk\n", delta("ab", "stop"), DONE], id="comments and names"),
        pytest.param(['data:{"choices":[{"delta":{"content":"ab"},"finish_reason":"stop"}]}\r\n\r\n', DONE], id="CRLF"),
        pytest.param([{"choices": []}, delta("ab", "stop"), {"choices": None}, DONE], id="events without choices"),
        pytest.param(
            [delta("ab", "stop"), {"choices": [{"index": 1, "delta": {"content": "x"}}]}, DONE], id="second choice"
        ),
        pytest.param([delta("ab", "stop"), DONE, delta("more"), DONE], id="text after the end"),
    ],
)
async def test_stream_in_any_usual_form_is_read(make_service: MakeService, events: list):
    answer = await streamed(make_service, event_stream(*events), max_retries=0)
    assert (answer.text, answer.stop_reason) == ("ab", "stop")


async def test_usage_and_reasoning_are_collected(make_service: MakeService):
    events = [
        delta(reasoning_content="2 +"),
        delta(reasoning_content=" 2"),
        delta("4", "length"),
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}},
        DONE,
    ]
    answer = await streamed(make_service, event_stream(*events))
    assert (answer.reasoning, answer.text, answer.stop_reason) == ("2 + 2", "4", "length")
    assert answer.usage == Usage(input_tokens=9, output_tokens=3)


async def test_halves_of_a_character_in_two_events_are_joined(make_service: MakeService):
    answer = await streamed(make_service, event_stream(delta("\ud83d"), delta("\ude00!\ud800", "stop"), DONE))
    assert answer.text == "😀!\ufffd"


async def test_bytes_cut_anywhere_give_the_same_text():
    raw = 'data: {"choices":[{"delta":{"content":"é😀"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n'.encode()

    async def one_by_one():
        for byte in raw:
            yield bytes([byte])

    assert (await read_stream(one_by_one(), 0.0)).text == "é😀"


async def test_reply_in_one_piece_is_taken_though_a_stream_was_asked_for(make_service: MakeService):
    assert (await streamed(make_service, completion("whole"))).text == "whole"


async def test_stream_is_taken_though_none_was_asked_for(make_service: MakeService):
    async with scripted(event_stream(delta("ab", "stop"), DONE)) as server:
        assert (await make_service(server.url).generate(QUESTION, GREEDY)).text == "ab"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(event_stream(delta("a")), id="ends without finish_reason and [DONE]"),
        pytest.param(event_stream(), id="ends at once"),
        pytest.param(event_stream(DONE), id="no choice at all"),
        pytest.param(event_stream(delta("a"), 'data: {"choi\n\n'), id="torn event"),
        pytest.param(event_stream(delta("a"), "data: 7\n\n"), id="event that is no object"),
        pytest.param(event_stream({"error": {"message": "overloaded"}}), id="error object"),
        pytest.param(event_stream(delta("a", "abort"), DONE), id="given up"),
        pytest.param(
            Reply(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999\r\n\r\ndata: ", "close"),
            id="cut",
        ),
    ],
)
async def test_broken_stream_is_asked_for_again(make_service: MakeService, broken: Reply):
    answer = await streamed(make_service, broken, event_stream(delta("ab", "stop"), DONE))
    assert answer.text == "ab"


async def test_stalled_stream_is_asked_for_again(make_service: MakeService):
    stalled = event_stream(delta("a"), then="hold")
    answer = await streamed(make_service, stalled, event_stream(delta("ab", "stop"), DONE), timeout_s=3)
    assert answer.text == "ab"


async def test_stream_that_never_ends_well_is_a_model_error(make_service: MakeService):
    with pytest.raises(ModelError, match=r"3 times.*the stream ended before the answer did"):
        await streamed(make_service, event_stream(delta("a")))


@pytest.mark.parametrize(
    ("error", "expected"),
    [({"code": "context_length_exceeded"}, PromptTooLong), ({"code": "content_filter"}, AnswerRefused)],
)
async def test_lasting_refusal_in_a_stream_is_not_asked_again(make_service: MakeService, error: dict, expected):
    async with scripted(event_stream({"error": error})) as server:
        with pytest.raises(expected):
            await make_service(server.url, stream=True).generate(QUESTION, GREEDY)
    assert len(server.bodies) == 1


async def test_server_that_holds_the_connection_after_done_costs_no_time_out(make_service: MakeService):
    answer = await streamed(make_service, event_stream(delta("ab", "stop"), DONE, then="hold"), timeout_s=30)
    assert answer.text == "ab"
    assert answer.latency_s < 30
