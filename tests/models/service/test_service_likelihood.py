"""Log-probabilities from a service: those of the checkpoint behind it, and where there are none to trust."""

import asyncio
from collections.abc import Iterator

import pytest
import torch

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.errors import EndpointError, ModelError, PromptTooLong, RequestRefused
from evalscope.models.checkpoint import Checkpoint
from evalscope.models.service.echo import spelled
from tests.models.checkpoint.tiny import make_tiny
from tests.models.service.asking import KEY, MakeService
from tests.servers.completions import serving_completions
from tests.servers.running import running_stub
from tests.servers.scripted import Reply, error, http, json_reply, scripted

# 北 and 京 are tokens of their own, as in real vocabularies; other characters are cut into bytes
CHINESE = (("å", "Į"), ("åĮ", "Ĺ"), ("ä", "º"), ("äº", "¬"))
MERGES = (*CHINESE, ("Ċ", "Ċ"), ("a", "b"), ("Ġ", "w"), ("Ġ", "A"), ("Ġ", "B"))

QUESTIONS = (
    ("Question: what is two and two?\nAnswer:", (" four", " 5", " it is twenty-two")),
    ("Letters", (" A", " B", " C", " D")),
    ("one option", (" only",)),
    ("A space at the end ", ("word", " word", "w")),
    ("Breaks at the end\n\n", ("word", "\nword", " A")),
    ("xa", ("b", "bc", "z")),
    ("北京", ("北", " w", "京北京")),
    ("什么城市：北", ("京", "北京")),
    ("什么城市", ("北京", " A")),
)
CUT_ON_BOTH_SIDES = ("什么城市：", ("什么", "北"))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(num_threads)


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def checkpoint_folder(request, tmp_path_factory):
    """One whose tokenizer puts nothing in front, and one whose tokenizer puts a special token there."""
    folder = tmp_path_factory.mktemp("served") / request.param
    return make_tiny(folder, family=request.param, merges=MERGES, begins=request.param == "llama", chat=False)


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("served"), family="gpt2", merges=MERGES, chat=False)


async def local(folder, questions):
    model = Checkpoint(folder=folder, name="tiny", args=ModelArgs(), batch_size=4, seed=0)
    try:
        return [await model.loglikelihood(*question) for question in questions]
    finally:
        await model.aclose()


@pytest.mark.parametrize(
    "ways",
    [
        {},
        {"takes_lists": False},
        {"backwards": True},
        {"shows_specials": False},
        {"writes": False},
        {"writes_text": False},
        {"counts": False},
        {"as_bytes": True, "counts": False},
        {"num_failures": 1},
    ],
    ids=lambda ways: "-".join(ways) or "usual",
)
async def test_sums_are_those_of_the_checkpoint_that_is_served(make_service: MakeService, checkpoint_folder, ways):
    expected = await local(checkpoint_folder, QUESTIONS)
    async with serving_completions(checkpoint_folder, **ways) as server:
        service = make_service(server.url)
        found = await asyncio.gather(*(service.loglikelihood(*question) for question in QUESTIONS))
    for own, logprobs in zip(expected, found, strict=True):
        assert logprobs == pytest.approx(own, abs=1e-4)


async def test_all_options_go_into_one_request_and_the_context_only_where_a_token_straddles(
    make_service: MakeService, plain_folder
):
    async with serving_completions(plain_folder) as server:
        service = make_service(server.url)
        await service.loglikelihood("Letters", (" A", " B"))
        assert [body["prompt"] for body in server.bodies] == [["Letters A", "Letters B"]]
        await service.loglikelihood("xa", ("b", "c"))
        assert [body["prompt"] for body in server.bodies[1:]] == [["xab", "xac"], "xa"]
    assert server.bodies[0] | {"prompt": ""} == {
        "model": "mock",
        "prompt": "",
        "echo": True,
        "logprobs": 1,
        "max_tokens": 1,
        "temperature": 0,
    }


async def test_a_list_that_is_refused_is_not_sent_again(make_service: MakeService, plain_folder):
    async with serving_completions(plain_folder, takes_lists=False) as server:
        service = make_service(server.url)
        await service.loglikelihood("Letters", (" A", " B"))
        await service.loglikelihood("Letters", (" A", " B"))
    assert [isinstance(body["prompt"], list) for body in server.bodies] == [True] + [False] * 4


async def test_tokens_cut_inside_characters_are_exact_as_bytes_and_refused_as_replacements(
    make_service: MakeService, plain_folder
):
    (expected,) = await local(plain_folder, [CUT_ON_BOTH_SIDES])
    async with serving_completions(plain_folder, as_bytes=True) as server:
        found = await make_service(server.url).loglikelihood(*CUT_ON_BOTH_SIDES)
    assert found == pytest.approx(expected, abs=1e-4)
    async with serving_completions(plain_folder) as server:
        with pytest.raises(ModelError, match="parts of characters"):
            await make_service(server.url).loglikelihood(*CUT_ON_BOTH_SIDES)


async def test_extra_headers_and_url_parameters_go_along_and_are_never_shown(make_service: MakeService):
    extra = Generation(extra_headers={"X-Team": "blue-secret"}, extra_query={"version": "v7-secret"})
    async with scripted(error(400, "no blue-secret, no v7-secret")) as server:
        with pytest.raises(RequestRefused) as caught:
            await make_service(server.url, extra=extra).loglikelihood("x", ("y",))
    (head,) = server.heads
    assert head.startswith("POST /v1/completions?version=v7-secret ")
    assert "X-Team: blue-secret" in head
    assert "secret" not in str(caught.value)


async def test_nothing_to_rank_asks_nothing(make_service: MakeService):
    async with scripted(error(500)) as server:
        assert await make_service(server.url).loglikelihood("x", ()) == ()
    assert server.bodies == []


@pytest.mark.parametrize(
    ("context", "options", "named"),
    [
        ("x", (" A", ""), "adds no token to its context"),
        ("", ("A",), "give a context"),
    ],
    ids=["an empty option", "no context"],
)
async def test_what_has_no_likelihood_is_an_error(make_service: MakeService, plain_folder, context, options, named):
    async with serving_completions(plain_folder) as server:
        with pytest.raises(ModelError, match=named) as caught:
            await make_service(server.url).loglikelihood(context, options)
    assert type(caught.value) is ModelError


async def test_without_a_context_the_token_that_begins_a_text_is_the_condition(make_service: MakeService, tmp_path):
    folder = make_tiny(tmp_path, family="llama", begins=True, chat=False)
    (expected,) = await local(folder, [("", ("Once", "x"))])
    async with serving_completions(folder) as server:
        assert await make_service(server.url).loglikelihood("", ("Once", "x")) == pytest.approx(expected, abs=1e-4)


def echoed(*tokens, figures=None, text="x A", **more) -> dict:
    logprobs = {"tokens": list(tokens), "token_logprobs": figures or [None, *[-1.0] * (len(tokens) - 1)]}
    return {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": "length", **more}


async def outcome_of(make_service: MakeService, *replies: Reply) -> tuple[float, ...]:
    async with scripted(*replies) as server:
        return await make_service(server.url).loglikelihood("x", (" A",))


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        (error(404, "no such route"), r"/v1/completions does not take questions there.*echo and logprobs"),
        (http("<html>nginx</html>", 405, "text/html"), "leave scoring out of dataset_args"),
        (error(501, "not implemented"), "leave scoring out of dataset_args"),
        (error(400, "Setting 'echo' and 'logprobs' at the same time is not supported."), "--eval-type checkpoint"),
        (json_reply({"detail": "extra field: logprobs"}, 422), "leave scoring out"),
        (json_reply({"choices": [{"index": 0, "text": "x A", "logprobs": None}]}), "replied without them"),
        (json_reply({"choices": [{"index": 0, "text": "x A"}]}), "replied without them"),
        (json_reply({"choices": [{"text": "x A", "logprobs": {"content": []}}]}), "replied without them"),
        (json_reply({"choices": [echoed("B", figures=[-1.0], text="B")]}), "what comes behind it only"),
        (error(404, "The model `mock` does not exist."), "knows no model 'mock'"),
        (error(401, f"bad key {KEY}"), r"does not accept the key .*\*\*\*"),
    ],
    ids=[
        "no path",
        "no method",
        "not implemented",
        "refused together",
        "refused by name",
        "logprobs null",
        "logprobs missing",
        "logprobs of chat",
        "no echo",
        "no model",
        "no key",
    ],
)
async def test_a_service_that_cannot_tell_is_a_fault_of_the_endpoint(make_service: MakeService, reply: Reply, named):
    with pytest.raises(EndpointError, match=named) as caught:
        await outcome_of(make_service, reply)
    assert type(caught.value) is EndpointError
    assert KEY not in str(caught.value)


async def test_the_stub_that_knows_no_logprobs_cannot_tell(make_service: MakeService):
    with running_stub() as stub, pytest.raises(EndpointError, match="replied without them"):
        await make_service(stub.url).loglikelihood("x", (" A", " B"))


@pytest.mark.parametrize(
    ("reply", "kind", "named"),
    [
        (error(400, "max_tokens is too odd"), RequestRefused, "max_tokens is too odd; it was for the log-prob"),
        (error(400, "x", code="context_length_exceeded"), PromptTooLong, "does not fit"),
        (error(500, "oops"), ModelError, "3 times without an answer"),
        (json_reply({"choices": []}), ModelError, "no choices"),
        (json_reply({"choices": [echoed("x", " A", " B", " C", text="x A B C")]}), ModelError, "cannot be trusted"),
        (json_reply({"choices": [echoed("x", " A", figures=[None, None])]}), ModelError, "no log-probability for 1"),
        (json_reply({"choices": [echoed("\ufffd", "\ufffd", " A")]}), ModelError, "where the prompt ends"),
    ],
    ids=["400", "too long", "500", "nothing", "more tokens than asked for", "a hole", "an end that nobody tells"],
)
async def test_figures_that_cannot_be_had_or_trusted_are_an_error(make_service: MakeService, reply, kind, named):
    with pytest.raises(ModelError, match=named) as caught:
        await outcome_of(make_service, reply)
    assert type(caught.value) is kind


@pytest.mark.parametrize("choices", [2 * [0], [0], [0, 2], [1, 0, 2]], ids=str)
async def test_choices_that_cannot_be_told_apart_are_asked_for_one_by_one(make_service: MakeService, choices):
    listed = json_reply({"choices": [echoed("x", " A") | {"index": index} for index in choices]})
    singles = [json_reply({"choices": [echoed("x", " A", figures=[None, -2.0])]})] * 2
    async with scripted(listed, *singles) as server:
        assert await make_service(server.url).loglikelihood("x", (" A", " A")) == (-2.0, -2.0)
    assert [body["prompt"] for body in server.bodies] == [["x A", "x A"], "x A", "x A"]


@pytest.mark.parametrize(
    ("tokens", "prompt", "ends"),
    [
        (["x", " A"], "x A", (1, 3)),
        (["x", " A", "!"], "x A", (1, 3)),
        (["<s>", "x", " A", "</s>"], "x A", (0, 1, 3)),
        (["[gMASK]", "<sop>", "x"], "x", (0, 0, 1)),
        (["北", "京"], "北京", (3, 6)),
        ([r"bytes:\xe5\x8c", r"bytes:\x97", "x"], "北x", (2, 3, 4)),
        (["\ufffd", "\ufffd", "x"], "北x", ()),
        (["", "x"], "x", ()),
        (["x"], "x A", ()),
        (["▁x", "▁A"], "x A", ()),
        (["x"], "", ()),
        ([], "x", ()),
    ],
    ids=[
        "whole",
        "one written behind",
        "a special token in front",
        "two of them",
        "Chinese",
        "bytes",
        "parts of characters",
        "a token without text",
        "too short",
        "pieces of a vocabulary",
        "no prompt",
        "no tokens",
    ],
)
def test_tokens_spell_a_prompt_or_do_not(tokens, prompt, ends):
    assert spelled(tokens, prompt) == ends


async def test_half_a_character_in_a_prompt_is_sent_without_it(make_service: MakeService, plain_folder):
    async with serving_completions(plain_folder) as server:
        (found,) = await make_service(server.url).loglikelihood("x\ud800y", (" A",))
    assert found < 0
