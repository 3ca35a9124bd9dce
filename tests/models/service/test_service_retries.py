"""What is asked again, what is not, and how long the waits are."""

import asyncio
import contextlib
import logging
import random
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from evalscope.errors import EndpointError, ModelError, RequestRefused
from evalscope.models.service.retries import Patience, parse_retry_after
from tests.models.service.asking import GREEDY, QUESTION, MakeService
from tests.servers.running import running_stub
from tests.servers.scripted import Reply, completion, error, http, json_reply, scripted

HTML = "<html><head><title>502 Bad Gateway</title></head></html>"

PASSING = [
    *(pytest.param(error(status), id=str(status)) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)),
    pytest.param(http(HTML, 502, "text/html"), id="page of a gateway"),
    pytest.param(http(HTML, 200, "text/html"), id="page of a gateway under 200"),
    pytest.param(http(""), id="empty body"),
    pytest.param(http('{"choices": [{"mess'), id="torn JSON"),
    pytest.param(http("[" * 100_000), id="JSON of endless depth"),
    pytest.param(http("7"), id="JSON that is no object"),
    pytest.param(json_reply({"choices": []}), id="no choices"),
    pytest.param(json_reply({"choices": ["x"]}), id="choice that is no object"),
    pytest.param(json_reply({"choices": [{"finish_reason": "stop"}]}), id="no message"),
    pytest.param(completion({"a": 1}), id="content of an odd type"),
    pytest.param(completion("half", "abort"), id="given up by the server"),
    pytest.param(error(200, "overloaded"), id="error object under 200"),
    pytest.param(json_reply({"error": "overloaded"}), id="error text under 200"),
    pytest.param(Reply(b"", "close"), id="closed without a reply"),
    pytest.param(Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "close"), id="cut in the middle"),
    pytest.param(Reply(b"SSH-2.0-OpenSSH_9.6\r\n", "close"), id="no HTTP"),
]


@pytest.mark.parametrize("trouble", PASSING)
async def test_passing_trouble_is_asked_again(make_service: MakeService, trouble: Reply):
    async with scripted(trouble, completion("at last")) as server:
        service = make_service(server.url)
        answer = await service.generate(QUESTION, GREEDY)
    assert answer.text == "at last"
    assert len(server.bodies) == 2
    assert server.bodies[0] == server.bodies[1]
    assert service.num_repetitions == 1


async def test_answer_that_does_not_come_in_time_is_asked_for_again_and_has_the_latency_of_the_second_attempt(
    make_service: MakeService,
):
    async with scripted(Reply(b"", "hold"), completion("at last")) as server:
        service = make_service(server.url, timeout_s=3)
        answer = await service.generate(QUESTION, GREEDY)
    assert answer.text == "at last"
    assert answer.latency_s < 3
    assert service.num_repetitions == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 413, 415, 422])
async def test_lasting_refusal_is_not_asked_again(make_service: MakeService, status: int):
    async with scripted(error(status)) as server:
        with pytest.raises(ModelError):
            await make_service(server.url).generate(QUESTION, GREEDY)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(("max_retries", "times"), [(0, "once"), (1, "2 times"), (4, "5 times")])
async def test_exhausted_attempts_say_how_many_and_why(make_service: MakeService, max_retries: int, times: str):
    async with scripted(error(503, "warming up")) as server:
        with pytest.raises(ModelError, match=f"asked {times} .*HTTP 503: warming up") as caught:
            await make_service(server.url, max_retries=max_retries).generate(QUESTION, GREEDY)
    assert len(server.bodies) == max_retries + 1
    assert not isinstance(caught.value, EndpointError | RequestRefused)


@pytest.mark.parametrize(
    "retry_after", ["0.2", "Wed, 21 Oct 2065 07:28:00 GMT"], ids=["seconds", "date far away, capped"]
)
async def test_retry_after_is_waited_for(make_service: MakeService, retry_after: str):
    patience = Patience(first_wait_s=0.001, longest_retry_after_s=0.2)
    started = time.perf_counter()
    async with scripted(error(429, Retry_After=retry_after), completion()) as server:
        await make_service(server.url, patience=patience).generate(QUESTION, GREEDY)
    assert 0.2 <= time.perf_counter() - started < 60


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("7", 7, 7), ("0.5", 0.5, 0.5), ("-3", 0, 0)],
)
def test_retry_after_is_understood_as_seconds(header: str, low: float, high: float):
    assert low <= parse_retry_after(header) <= high


@pytest.mark.parametrize(("seconds", "low", "high"), [(60, 55, 60), (-60, 0, 0)], ids=["to come", "past"])
def test_retry_after_is_understood_as_a_date(seconds: float, low: float, high: float):
    assert low <= parse_retry_after(http_date(seconds)) <= high


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "Mon, 99 Foo"])
def test_unreadable_retry_after_is_as_good_as_none(header: str | None):
    assert parse_retry_after(header) is None


def test_waits_double_up_to_a_bound_and_are_drawn_evenly():
    patience, rng = Patience(), random.Random(1)
    for num_failed, bound in [(1, 0.5), (2, 1.0), (3, 2.0), (7, 30.0), (5000, 30.0)]:
        waits = [patience.wait_s(num_failed, None, rng) for _ in range(300)]
        assert 0 <= min(waits) < 0.05 * bound
        assert 0.95 * bound < max(waits) <= bound


def test_what_a_server_asks_to_wait_is_capped_and_comes_on_top():
    waits = [Patience().wait_s(1, asked, random.Random(1)) for asked in (10.0, 9999.0, float("inf"))]
    assert 10 <= waits[0] <= 10.5
    assert all(120 <= wait <= 120.5 for wait in waits[1:])


async def test_refused_connection_is_known_at_once_with_one_retry(make_service: MakeService):
    service = make_service(f"http://127.0.0.1:{unused_port()}/v1", max_retries=5)
    with pytest.raises(
        EndpointError, match=r"nothing answers at http://.*: connection refused; is the server running\?"
    ):
        await service.generate(QUESTION, GREEDY)
    assert service.num_repetitions == 1


async def test_address_that_swallows_packets_is_given_up_without_a_retry(make_service: MakeService):
    with full_queue() as port:
        service = make_service(f"http://127.0.0.1:{port}/v1", patience=Patience(connect_s=0.3))
        with pytest.raises(EndpointError, match=r"no connection within 0\.3 s"):
            await service.generate(QUESTION, GREEDY)
    assert service.num_repetitions == 0


async def test_https_to_a_server_without_it_is_given_up_with_advice(make_service: MakeService):
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(EndpointError, match="does it speak https"):
            await make_service(f"https://127.0.0.1:{port}/v1").generate(QUESTION, GREEDY)


def test_default_patience_knows_a_dead_address_within_five_seconds():
    assert Patience().connect_s + Patience().first_wait_s < 5


async def test_server_that_dies_after_an_answer_is_asked_as_often_as_usual(make_service: MakeService):
    async with scripted(completion()) as server:
        service = make_service(server.url, max_retries=3)
        await service.generate(QUESTION, GREEDY)
        await service.aclose()
    with pytest.raises(ModelError, match="4 times") as caught:
        await service.generate(QUESTION, GREEDY)
    assert not isinstance(caught.value, EndpointError)


async def test_all_questions_are_answered_by_a_server_with_every_fault(make_service: MakeService):
    faults = ["--error-rate", "0.1", "--rate-429", "0.1", "--drop-rate", "0.1", "--malformed-rate", "0.1"]
    with running_stub(*faults, "--retry-after", "0") as stub:
        service = make_service(stub.url, max_retries=20)
        answers = await asyncio.gather(*(service.generate(QUESTION, GREEDY) for _ in range(60)))
        counted = stub.stats()
    assert len({answer.text for answer in answers}) == 1
    assert counted["ok"] == 60
    assert counted["requests"] == 60 + service.num_repetitions


async def test_retries_are_logged_once_not_each(make_service: MakeService, caplog: pytest.LogCaptureFixture):
    async with scripted(*[error(500, "oops")] * 4, completion()) as server:
        with caplog.at_level(logging.DEBUG, logger="evalscope"):
            await make_service(server.url, max_retries=9).generate(QUESTION, GREEDY)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "HTTP 500: oops" in caplog.text


async def test_each_episode_of_retries_has_its_own_line(
    make_service: MakeService, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("evalscope.models.service.exchange.QUIET_S", 0.0)  # each repetition is an episode
    async with scripted(error(500), error(500), completion("A")) as server:
        await make_service(server.url).generate(QUESTION, GREEDY)
    assert sum("sent again" in record.getMessage() for record in caplog.records) == 2


async def test_cancelled_question_ends_at_once(make_service: MakeService):
    async with scripted(error(429, Retry_After="60")) as server:
        service = make_service(server.url, patience=Patience())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await service.generate(QUESTION, GREEDY)


async def test_connections_are_kept_and_not_limited(make_service: MakeService):
    with running_stub("--latency-ms", "50") as stub:
        service = make_service(stub.url)
        for _ in range(2):
            await asyncio.gather(*(service.generate(QUESTION, GREEDY) for _ in range(130)))
        counted = stub.stats()
    assert counted["peak_concurrency"] == 130
    assert counted["connections"] <= 132


async def test_closing_twice_or_unused_is_fine(make_service: MakeService):
    service = make_service("http://127.0.0.1:1/v1")
    await service.aclose()
    await service.aclose()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def full_queue() -> Iterator[int]:
    """A port whose queue of connections is full, so that a further one is neither taken nor refused."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listening.getsockname())
        yield listening.getsockname()[1]
