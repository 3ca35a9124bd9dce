"""Services to ask, and a stub server for them."""

import random
from collections.abc import AsyncIterator, Iterator

import pytest

from evalscope.models.service import Service
from tests.models.service.asking import IMPATIENT, KEY, MakeService
from tests.servers.running import Stub, running_stub


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def _shared_stub() -> Iterator[Stub]:
    with running_stub("--known-model", "mock", "--known-model", "llama-3-8b") as stub:
        yield stub


@pytest.fixture
def stub(_shared_stub: Stub) -> Stub:
    """A stub server that knows the models "mock" and "llama-3-8b", with its counts at zero."""
    _shared_stub.reset()
    return _shared_stub


@pytest.fixture
async def make_service() -> AsyncIterator[MakeService]:
    """Makes services that hardly wait and are closed at the end of the test."""
    made: list[Service] = []

    def make(url: str, **changed) -> Service:
        settings = {
            "model": "mock",
            "name": "mock",
            "api_key": KEY,
            "timeout_s": 30.0,
            "max_retries": 2,
            "concurrency": 4,
            "rng": random.Random(0),
            "patience": IMPATIENT,
        }
        made.append(Service(url=url, **(settings | changed)))
        return made[-1]

    yield make
    for service in made:
        await service.aclose()
