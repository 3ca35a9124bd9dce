"""How many requests a service is sent at once, and how fast, over real connections."""

import asyncio
import json
from itertools import count
from pathlib import Path

import pytest

from evalscope.config import TaskConfig
from evalscope.core.message import Message
from evalscope.errors import ConfigError
from evalscope.models.build import build_model
from evalscope.models.service import Service
from evalscope.models.service.retries import Patience
from evalscope.models.service.slots import START
from tests.commands import shell
from tests.models.service.asking import GREEDY, QUESTION, MakeService
from tests.own_data import sums, write_jsonl
from tests.servers.running import running_stub
from tests.servers.scripted import completion, error, json_reply, scripted


async def ask(service: Service, num: int) -> None:
    """Asks so many different questions, as many at once as the service wants in hand at the time."""
    questions, slots = count(), set()
    while (number := next(questions)) < num or slots:
        if number < num:
            slots.add(asyncio.create_task(service.generate((Message("user", f"question {number}"),), GREEDY)))
        while slots and (len(slots) >= service.concurrency or number >= num):
            done, slots = await asyncio.wait(slots, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()


async def test_more_are_asked_at_once_where_that_pays(make_service: MakeService):
    with running_stub("--latency-ms", "40") as stub:
        service = make_service(stub.url, concurrency=None)
        assert service.concurrency == START
        await ask(service, 800)
        counted = stub.stats()
    assert counted["ok"] == 800
    assert counted["peak_concurrency"] > START


async def test_a_service_that_serves_few_at_once_is_not_flooded(make_service: MakeService):
    with running_stub("--latency-ms", "20", "--max-concurrency", "8") as stub:
        await ask(make_service(stub.url, concurrency=None), 600)
        counted = stub.stats()
    assert counted["ok"] == 600
    assert counted["peak_concurrency"] <= 64


async def test_a_number_fixes_it(make_service: MakeService):
    with running_stub("--latency-ms", "20", "--rate-429", "0.3", "--retry-after", "0") as stub:
        service = make_service(stub.url, concurrency=7, max_retries=30)
        await ask(service, 100)
        assert service.concurrency == 7
        assert stub.stats()["peak_concurrency"] == 7


async def test_one_429_delays_its_own_request_only(make_service: MakeService):
    async with scripted(error(429, Retry_After="3"), completion()) as server:
        service = make_service(server.url, concurrency=None, patience=Patience(first_wait_s=0.001))
        held = asyncio.create_task(service.generate(QUESTION, GREEDY))
        while not server.bodies:
            await asyncio.sleep(0.001)
        while service.concurrency == START:  # the waiting one makes room for another
            await asyncio.sleep(0.001)
        assert service.concurrency == START + 1
        await service.generate(QUESTION, GREEDY)
        assert not held.done()
        await held
        assert service.concurrency == START


@pytest.mark.parametrize("kind", ["window", "bucket"])
async def test_a_limited_rate_is_learned(make_service: MakeService, kind: str):
    with running_stub("--allow-per-second", "100", "--allow-kind", kind, "--latency-ms", "5") as stub:
        await ask(make_service(stub.url, concurrency=None, max_retries=8), 300)
        counted = stub.stats()
    assert counted["ok"] == 300
    assert counted["error_429"] < 40


@pytest.mark.parametrize("headers", ["openai", "seconds", "epoch"])
async def test_headers_keep_it_from_being_refused_at_all(make_service: MakeService, headers: str):
    flags = ("--allow-per-second", "50", "--allow-kind", "bucket", "--allow-headers", headers, "--latency-ms", "5")
    with running_stub(*flags) as stub:
        await ask(make_service(stub.url, concurrency=None), 120)
        counted = stub.stats()
    assert counted["ok"] == 120
    assert counted["error_429"] == 0


async def test_the_users_cap_spaces_requests_out(make_service: MakeService):
    async with scripted(completion()) as server:
        service = make_service(server.url, concurrency=64, max_rpm=6000)
        began = asyncio.get_running_loop().time()
        await ask(service, 31)
        assert asyncio.get_running_loop().time() - began > 0.2


async def test_tokens_that_the_service_reports_are_counted(make_service: MakeService):
    reply = {
        "choices": [{"message": {"content": "8"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 400, "completion_tokens": 600},
    }
    async with scripted(json_reply(reply)) as server:
        service = make_service(server.url, concurrency=1, max_tpm=600_000)
        began = asyncio.get_running_loop().time()
        await ask(service, 4)
        assert asyncio.get_running_loop().time() - began > 0.2


async def test_a_cancelled_question_gives_its_place_away(make_service: MakeService):
    with running_stub("--latency-ms", "1500") as stub:
        service = make_service(stub.url, concurrency=None)
        waiting = [asyncio.create_task(service.generate(QUESTION, GREEDY)) for _ in range(3 * START)]
        await asyncio.sleep(0.01)
        for task in waiting[::2]:
            task.cancel()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == len(waiting) // 2
        assert (await service.generate(QUESTION, GREEDY)).text
        cancelled_but_still_served = START // 2
        assert stub.stats()["peak_concurrency"] <= START + cancelled_but_still_served


@pytest.mark.parametrize("written", [{}, {"eval_batch_size": "auto"}, {"eval_batch_size": "Auto"}])
def test_auto_is_the_default(written: dict[str, str]):
    config = TaskConfig(model="m", api_url="http://127.0.0.1:1/v1", max_rpm=60, max_tpm=1000, **written)
    assert build_model(config, api_key=None, fetch=not_fetched).concurrency == START


@pytest.mark.parametrize("name", ["max_rpm", "max_tpm"])
def test_caps_are_refused_where_there_is_no_service(name: str):
    with pytest.raises(ConfigError, match=f"{name} is for eval_type service; mock_llm has no limit to keep"):
        build_model(TaskConfig(eval_type="mock_llm", **{name: 60}), api_key=None, fetch=not_fetched)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"eval_batch_size": "many"}, "eval_batch_size: a whole number is needed; found 'many'"),
        ({"max_rpm": 0}, "max_rpm: a number over 0 is needed; found 0"),
        ({"max_tpm": "a lot"}, "max_tpm: a number is needed; found 'a lot'"),
    ],
)
def test_what_is_no_pace_is_refused(written: dict[str, object], message: str):
    with pytest.raises(ConfigError, match=message):
        TaskConfig(**written)


def not_fetched(*asked: object) -> Path:
    raise AssertionError("nothing is to be downloaded")


@pytest.mark.slow
def test_a_run_settles_on_twenty_a_second(tmp_path):
    write_jsonl(tmp_path / "gsm8k" / "test.jsonl", sums(400))
    args = json.dumps({"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}})
    with running_stub("--allow-per-second", "20") as stub:
        done = shell(
            f"evalscope eval --model stub --api-url {stub.url} --datasets gsm8k --eval-batch-size auto --quiet "
            f"--dataset-args '{args}'",
            tmp_path,
        )
        counted = stub.stats()
    assert done.returncode == 0, done.stderr
    assert counted["ok"] == 400
    assert counted["error_429"] < 30
    assert 17 <= 400 / counted["span_s"] <= 22
