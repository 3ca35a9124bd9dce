"""Refusals that no repetition mends, and the advice that comes with them."""

import asyncio

import pytest

from evalscope.errors import AnswerRefused, EndpointError, ModelError, PromptTooLong, RequestRefused
from tests.models.service.asking import GREEDY, KEY, QUESTION, MakeService
from tests.servers.running import Stub, running_stub
from tests.servers.scripted import Reply, error, http, json_reply, scripted


async def refusal_of(make_service: MakeService, reply: Reply, *others: Reply, **changed) -> ModelError:
    async with scripted(reply, others=others) as server:
        with pytest.raises(ModelError) as caught:
            await make_service(server.url, **changed).generate(QUESTION, GREEDY)
    assert len(server.bodies) == 1
    return caught.value


async def test_wrong_key_is_refused_with_advice_and_unshown(make_service: MakeService):
    with running_stub("--api-key", "the-right-one") as stub:
        with pytest.raises(EndpointError, match=r"--api-key.*--api-key-env") as caught:
            await make_service(stub.url).generate(QUESTION, GREEDY)
        assert (await make_service(stub.url, api_key="the-right-one").generate(QUESTION, GREEDY)).text
    assert "Incorrect API key provided" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_refused_access_is_a_fault_of_the_endpoint(make_service: MakeService, status: int):
    assert isinstance(await refusal_of(make_service, error(status, "not you")), EndpointError)


async def test_unknown_model_is_refused_with_the_nearest_name(make_service: MakeService, stub: Stub):
    with pytest.raises(EndpointError, match=r"knows no model 'llama-3-8'.*did you mean 'llama-3-8b'\?"):
        await make_service(stub.url, model="llama-3-8").generate(QUESTION, GREEDY)


async def test_names_are_read_once_though_many_questions_fail(make_service: MakeService):
    listed = json_reply({"data": [{"id": "mock-2"}, {"no": "id"}, 7]})
    async with scripted(error(404, "The model `mock` does not exist."), others=[listed]) as server:
        service = make_service(server.url)
        failed = await asyncio.gather(*(service.generate(QUESTION, GREEDY) for _ in range(5)), return_exceptions=True)
    assert all("did you mean 'mock-2'?" in str(error) for error in failed)
    assert sum(head.startswith("GET /v1/models") for head in server.heads) == 1


@pytest.mark.parametrize(
    "listing",
    [
        http("", 404),
        http("<html>"),
        json_reply([]),
        json_reply({"data": 7}),
        json_reply({"data": []}),
        Reply(b"", "close"),
    ],
    ids=["404", "HTML", "list", "number", "empty", "closed"],
)
async def test_failure_to_list_names_means_nothing(make_service: MakeService, listing: Reply):
    refusal = await refusal_of(make_service, error(404, "no such model mock: not found"), listing)
    assert isinstance(refusal, EndpointError)
    assert "knows no model 'mock'" in str(refusal)
    assert "did you mean" not in str(refusal)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(error(400, "x", code="model_not_found"), id="code"),
        pytest.param(error(403, "x", code="model_not_found"), id="code under 403"),
        pytest.param(error(400, "x", kind="model_not_found"), id="type"),
        pytest.param(error(400, "The model `mock` does not exist"), id="message that names it"),
        pytest.param(error(400, "Model Not Exist"), id="message that does not"),
        pytest.param(
            json_reply({"object": "error", "message": "model 'mock' not found", "code": 404}, 404), id="no error key"
        ),
    ],
)
async def test_unknown_model_is_recognised_in_every_wording(make_service: MakeService, reply: Reply):
    refusal = await refusal_of(make_service, reply)
    assert type(refusal) is EndpointError
    assert "knows no model 'mock'" in str(refusal)


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_wrong_path_is_refused_with_advice(make_service: MakeService, status: int):
    refusal = await refusal_of(make_service, http("<html>nginx</html>", status, "text/html"))
    assert type(refusal) is EndpointError
    assert "--api-url, which usually ends in /v1" in str(refusal)


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (error(400, "temperature must be below 2"), "temperature must be below 2"),
        (error(413, "too large"), "too large"),
        (json_reply({"detail": [{"loc": ["body", "top_k"], "msg": "extra field"}]}, 422), "top_k"),
        (json_reply({"error": "bad stop"}, 400), "bad stop"),
        (json_reply("plain", 400), "plain"),
        (json_reply(None, 400), "null"),
        (http("not json", 400, "text/plain"), "not json"),
        (http("", 400), "it is empty"),
        (http('{"error": {"message": null, "x": "\\ud800"}}', 400), "message"),
        (http('{"error": ' + "[" * 1015 + "]" * 1015 + "}", 400), "HTTP 400"),
        (error(400, "the parameter mock_mode was not found by this model"), "mock_mode"),
        (error(400, "tool 'mock' not found"), "tool"),
    ],
    ids=[
        "400",
        "413",
        "FastAPI's 422",
        "error as text",
        "text",
        "null",
        "no JSON",
        "nothing",
        "half a character",
        "deep",
        "a word that holds the name",
        "another mock",
    ],
)
async def test_refused_request_shows_the_servers_own_words(make_service: MakeService, reply: Reply, shown: str):
    refusal = await refusal_of(make_service, reply)
    assert type(refusal) is RequestRefused
    assert shown in str(refusal)


async def test_refusal_of_the_stub_is_shown(make_service: MakeService):
    with running_stub("--refuse-400", "no such parameter: top_k") as stub, pytest.raises(RequestRefused, match="top_k"):
        await make_service(stub.url).generate(QUESTION, GREEDY)


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "x", code="context_length_exceeded"),
        error(200, "x", code="context_length_exceeded"),
        error(400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"),
        error(400, "The input (5000 tokens) is longer than the model's context length (4096 tokens)."),
        error(422, "`inputs` must have less than 4096 tokens. Given: 5000"),
        error(400, "the request exceeds the available context size", kind="exceed_context_size_error"),
        error(413, "Prompt is too long"),
    ],
    ids=["OpenAI's code", "under 200", "OpenAI, vLLM", "SGLang", "TGI", "llama.cpp", "Anthropic"],
)
async def test_prompt_beyond_the_context_is_recognised(make_service: MakeService, reply: Reply):
    assert type(await refusal_of(make_service, reply)) is PromptTooLong


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "x", code="content_filter"),
        error(400, "x", code="data_inspection_failed"),
        json_reply({"error": {"message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, 400),
        error(200, "x", code="content_filter"),
    ],
)
async def test_content_filter_is_recognised(make_service: MakeService, reply: Reply):
    assert type(await refusal_of(make_service, reply)) is AnswerRefused


async def test_redirect_is_named_and_not_followed(make_service: MakeService):
    async with scripted(http("{}")) as elsewhere:
        target = f"{elsewhere.url}/chat/completions"
        refusal = await refusal_of(make_service, http("", 308, Location=f"{target}?token=abcdef"))
    assert type(refusal) is EndpointError
    assert target in str(refusal)
    assert "abcdef" not in str(refusal)
    assert not elsewhere.heads


async def test_long_and_unprintable_words_of_a_server_are_cut_to_one_line(make_service: MakeService):
    refusal = await refusal_of(make_service, error(400, "\x1b[31mred\n\n" + "x" * 5000))
    assert str(refusal).isprintable()
    assert len(str(refusal)) < 800
