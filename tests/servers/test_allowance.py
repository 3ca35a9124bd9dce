"""The stub server that allows only so many requests a second."""

import re
import urllib.error
import urllib.request

import pytest

from tests.servers.running import Stub, running_stub


def post(stub: Stub) -> tuple[int, dict[str, str]]:
    body = b'{"model": "mock", "messages": [{"role": "user", "content": "hello"}]}'
    request = urllib.request.Request(f"{stub.url}/chat/completions", data=body)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
            return reply.status, dict(reply.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


@pytest.mark.parametrize("kind", ["window", "bucket"])
def test_what_goes_beyond_is_refused_with_retry_after(kind: str):
    with running_stub("--allow-per-second", "5", "--allow-kind", kind) as stub:
        replies = [post(stub) for _ in range(12)]
        assert [status for status, _ in replies[:5]] == [200] * 5
        refused = [headers for status, headers in replies if status == 429]
        assert len(refused) >= 6
        assert refused[0]["Retry-After"] == "1"
        assert stub.stats()["error_429"] == len(refused)
        stub.reset()
        assert post(stub)[0] == 200


@pytest.mark.parametrize(
    ("headers", "reset"), [("openai", r"\d+ms|1\.000s"), ("seconds", r"[01]\.\d+"), ("epoch", r"\d{10}\.\d+")]
)
@pytest.mark.parametrize("kind", ["window", "bucket"])
def test_headers_tell_what_is_left(kind: str, headers: str, reset: str):
    with running_stub("--allow-per-second", "5", "--allow-kind", kind, "--allow-headers", headers) as stub:
        _, said = post(stub)
    assert said["x-ratelimit-limit-requests"] == "5"
    assert said["x-ratelimit-remaining-requests"] == "4"
    assert re.fullmatch(reset, said["x-ratelimit-reset-requests"])
