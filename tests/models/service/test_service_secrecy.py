"""Keys that a server repeats, in every place where its words can come through."""

import logging
import traceback
from dataclasses import replace

import pytest

from evalscope.errors import ModelError
from evalscope.models.service.secrecy import Secrets
from tests.models.service.asking import GREEDY, KEY, QUESTION, MakeService
from tests.servers.scripted import Reply, error, event_stream, http, json_reply, scripted

HEADER_SECRET = "header-secret-77"
QUERY_SECRET = "query secret/77"
PASSWORD = "p4ssw0rd"
ALL = (KEY, HEADER_SECRET, QUERY_SECRET, "query%20secret%2F77", "query+secret%2F77", KEY.replace("/", "\\/"))
ECHO = " ".join(ALL)


@pytest.mark.parametrize(
    "reply",
    [
        *(
            pytest.param(error(status, ECHO), id=str(status))
            for status in (400, 401, 403, 404, 405, 422, 429, 500, 200)
        ),
        pytest.param(error(400, "maximum context length " + ECHO), id="too long"),
        pytest.param(error(400, ECHO, code="content_filter"), id="filtered"),
        pytest.param(error(400, "x" * 490 + ECHO), id="at the place where the message is cut"),
        pytest.param(http(f"<html>{ECHO}"), id="HTML"),
        pytest.param(http(ECHO), id="no JSON"),
        pytest.param(http(f'{{"{KEY}":'), id="torn JSON"),
        pytest.param(json_reply({"choices": [{"message": {}, "finish_reason": "error", "x": ECHO}]}), id="given up"),
        pytest.param(http("", 302, Location=f"http://h/{KEY}?k={HEADER_SECRET}"), id="redirect"),
        pytest.param(event_stream({"error": {"message": ECHO}}), id="error in a stream"),
        pytest.param(event_stream(f"data: {ECHO}\n\n"), id="torn stream"),
        pytest.param(Reply(f"HTTP/1.1 {KEY}\r\n\r\n".encode(), "close"), id="status line"),
        pytest.param(Reply(f"{KEY} {HEADER_SECRET}\r\n\r\n".encode(), "close"), id="no HTTP"),
        pytest.param(Reply(b"", "close"), id="closed"),
    ],
)
async def test_secrets_are_in_no_error_and_no_log(
    make_service: MakeService, reply: Reply, caplog: pytest.LogCaptureFixture
):
    config = replace(GREEDY, extra_headers={"X-Key": HEADER_SECRET}, extra_query={"token": QUERY_SECRET})
    async with scripted(reply, others=[json_reply({"data": [{"id": KEY}]})]) as server:
        service = make_service(f"{server.url}?k={HEADER_SECRET}")
        with caplog.at_level(logging.DEBUG), pytest.raises(ModelError) as caught:
            await service.generate(QUESTION, config)
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(service)
    assert not [secret for secret in ALL if secret in shown]


async def test_a_key_repeated_without_the_scheme_of_its_header_is_in_no_error(make_service: MakeService):
    config = replace(GREEDY, extra_headers={"Authorization": f"Bearer {HEADER_SECRET}"})
    async with scripted(error(401, f"Incorrect API key: {HEADER_SECRET}")) as server:
        with pytest.raises(ModelError) as caught:
            await make_service(server.url, api_key=None).generate(QUESTION, config)
    assert HEADER_SECRET not in str(caught.value)


async def test_password_of_the_url_is_in_no_error(make_service: MakeService):
    basic = "bWU6cDRzc3cwcmQ="
    async with scripted(error(401, f"{PASSWORD} me:{PASSWORD} {basic}")) as server:
        url = server.url.replace("http://", f"http://me:{PASSWORD}@")
        with pytest.raises(ModelError) as caught:
            await make_service(url, api_key=None).generate(QUESTION, GREEDY)
    assert PASSWORD not in str(caught.value)
    assert basic not in str(caught.value)


async def test_password_of_a_proxy_is_in_no_error(make_service: MakeService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", f"http://me:{PASSWORD}@127.0.0.1:1")
    with pytest.raises(ModelError, match="the proxy of the environment cannot be reached") as caught:
        await make_service("http://service.invalid/v1").generate(QUESTION, GREEDY)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_secret_is_masked_before_the_text_is_cut():
    long = "k" * 300
    assert "k" not in Secrets.of([long]).excerpt(f"{long} " * 1000)


def test_secret_within_a_secret_leaves_nothing_standing():
    assert Secrets.of(["abcd", "abcdefgh"]).hide("abcdefgh abcd") == "*** ***"


def test_values_too_short_to_be_secrets_are_left_alone():
    assert Secrets.of(["", "a", "no"]).hide("a banana, no?") == "a banana, no?"
