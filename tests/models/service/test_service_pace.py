"""The number of requests at once and in a minute, found out against simulated services."""

import heapq
import random
from collections import deque
from collections.abc import Callable

import pytest

from evalscope.models.service.pace import START, Concurrency, Gate, Rate


def simulate(
    serve: Callable[[float, int], float], num: int, concurrency: Concurrency | None = None
) -> tuple[Concurrency, float]:
    """Sends `num` requests, as many at once as allowed; `serve` gives the latency for a start and the number in flight."""
    found = concurrency or Concurrency()
    now, sent = 0.0, 0
    flying: list[tuple[float, float]] = []
    while sent < num or flying:
        while sent < num and len(flying) < found.limit:
            heapq.heappush(flying, (now + serve(now, len(flying) + 1), now))
            sent += 1
        now, started = heapq.heappop(flying)
        found.answered(now, now - started, len(flying) + 1)
    return found, now


def test_a_service_without_limits_is_asked_by_as_many_as_are_allowed():
    found, span_s = simulate(lambda now, flying: 0.5, 5000)
    assert found.limit == 256
    assert span_s < 1.3 * (5000 / 256 * 0.5 + 3)


def test_a_service_that_serves_so_many_at_once_is_not_flooded():
    slots = 32

    def serve(now: float, flying: int) -> float:
        return 0.2 * max(1.0, flying / slots)

    found, span_s = simulate(serve, 4000)
    assert slots * 0.8 <= found.limit <= slots * 2
    assert span_s < 1.15 * (4000 / slots * 0.2)


def test_uneven_latencies_do_not_hide_that_more_at_once_pays():
    rng = random.Random(0)
    found, _ = simulate(lambda now, flying: rng.lognormvariate(-1.5, 0.8), 6000)
    assert found.limit >= 96


def test_few_questions_leave_the_limit_as_it_is():
    found, _ = simulate(lambda now, flying: 0.5, 6)
    assert found.limit == START


def test_refusals_of_one_episode_halve_once():
    found = Concurrency(limit=64)
    assert found.cut(now=10.0, sent_at=9.0)
    assert not found.cut(now=10.1, sent_at=9.5)
    assert found.limit == 32
    assert found.cut(now=11.0, sent_at=10.5)
    assert found.limit == 16


def asked_at_a_limited_rate(allowed: int, num: int, latency_s: float) -> tuple[float, float, Rate]:
    """Requests a second that came through in the second half, the share refused, and what was learned."""
    concurrency, rate, gate = Concurrency(), Rate(), Gate()
    window: deque[float] = deque()
    now, answered, refusals = 0.0, [], 0
    events: list[tuple[float, int, str, float]] = []
    waiting, flying, order = num, 0, 0
    while len(answered) < num:
        while waiting and flying < concurrency.limit:
            waiting, flying, order = waiting - 1, flying + 1, order + 1
            heapq.heappush(events, (now + gate.reserve(now, rate.per_s), order, "send", now))
        now, _, kind, sent = heapq.heappop(events)
        order += 1
        if kind == "send":
            while window and window[0] <= now - 1:
                window.popleft()
            if len(window) >= allowed:
                refusals += 1
                if rate.refused(now):
                    concurrency.cut(now, now - latency_s)
                    gate.pause(now + 1.0)
                heapq.heappush(events, (now + 1.0 + gate.reserve(now + 1.0, rate.per_s), order, "send", now))
            else:
                window.append(now)
                heapq.heappush(events, (now + latency_s, order, "answer", now))
        else:
            flying -= 1
            answered.append(now)
            rate.accepted(now)
            concurrency.answered(now, now - sent, flying + 1)
    half = answered[num // 2 :]
    return (len(half) - 1) / (half[-1] - half[0]), refusals / (num + refusals), rate


@pytest.mark.parametrize("latency_s", [0.01, 0.3, 1.0])
def test_a_limit_of_twenty_a_second_is_settled_on(latency_s):
    rate, refused, _ = asked_at_a_limited_rate(20, 1319, latency_s)
    assert 18 <= rate <= 22
    assert refused < 0.02


def test_refusals_at_random_do_not_slow_the_others_down():
    rng, rate, now = random.Random(1), Rate(), 0.0
    slowed = 0
    for _ in range(5000):
        now += 0.002 if rate.per_s is None else 1 / rate.per_s
        rate.refused(now) if rng.random() < 0.05 else rate.accepted(now)
        slowed += rate.per_s is not None
    assert now < 5000 * 0.002 * 2


def test_the_users_caps_hold():
    gate = Gate(per_minute=120)
    assert [gate.reserve(0.0, None) for _ in range(3)] == [0.0, 0.5, 1.0]
    tokens = Gate(tokens_per_minute=6000)
    tokens.spent(200)
    assert [tokens.reserve(0.0, None) for _ in range(2)] == [0.0, 2.0]


def test_nothing_leaves_during_a_pause():
    gate = Gate()
    gate.pause(5.0)
    assert gate.reserve(2.0, None) == 3.0
    assert gate.reserve(6.0, None) == 0.0
