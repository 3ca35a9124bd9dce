"""How fast a service is asked, found out against simulated ones."""

import heapq
import random

import pytest

from evalscope.models.service.pace import Ending, Pace
from evalscope.models.service.slots import START, Slots
from tests.models.service import simulation
from tests.models.service.simulation import Bucket, Calendar, Serve, Window, walk

NUM = 1319


def uneven(mean_s: float, rng: random.Random, sigma: float = 0.5) -> float:
    return mean_s * rng.lognormvariate(-sigma * sigma / 2, sigma)


def unlimited(mean_s: float, seed: int = 0, sigma: float = 0.5) -> Serve:
    rng = random.Random(seed)
    return lambda now, flying: (uneven(mean_s, rng, sigma), Ending.ANSWERED)


def limited(allowance: Window | Bucket | Calendar, mean_s: float) -> Serve:
    rng = random.Random(0)

    def serve(now: float, flying: int) -> tuple[float, Ending]:
        if allowance.allows(now):
            return uneven(mean_s, rng), Ending.ANSWERED
        return 0.002, Ending.TOO_MANY

    return serve


class Queue:
    """A service that serves so many at once; the others wait in line."""

    def __init__(self, num: int, mean_s: float, sigma: float) -> None:
        self.free_at = [simulation.START] * num
        self.mean_s, self.sigma, self.rng = mean_s, sigma, random.Random(0)

    def __call__(self, now: float, flying: int) -> tuple[float, Ending]:
        end = max(now, heapq.heappop(self.free_at)) + uneven(self.mean_s, self.rng, self.sigma)
        heapq.heappush(self.free_at, end)
        return end - now, Ending.ANSWERED


@pytest.mark.parametrize("mean_s", [0.05, 0.5])
def test_a_service_without_limits_is_asked_as_fast_as_by_64_at_once(mean_s: float):
    found = walk(Pace(slots=Slots()), unlimited(mean_s), NUM)
    fixed = walk(Pace(), unlimited(mean_s), NUM, slots=64)
    assert found.span_s < fixed.span_s
    assert found.peak == 256


@pytest.mark.parametrize("seed", range(4))
def test_uneven_latencies_do_not_hide_that_more_at_once_pays(seed: int):
    pace = Pace(slots=Slots())
    walk(pace, unlimited(0.3, seed, sigma=0.8), 6000)
    assert pace.slots.limit >= 128


@pytest.mark.parametrize("sigma", [0.0, 0.5], ids=["even", "uneven"])
def test_a_service_that_serves_so_many_at_once_is_not_flooded(sigma: float):
    pace = Pace(slots=Slots())
    found = walk(pace, Queue(32, 0.2, sigma), 6000)
    assert found.peak <= 128
    assert 32 <= pace.slots.limit <= 100
    assert found.span_s < 1.05 * walk(Pace(), Queue(32, 0.2, sigma), 6000, slots=64).span_s


def test_a_service_as_busy_as_it_can_be_with_8_is_left_at_8():
    pace = Pace(slots=Slots())
    assert walk(pace, lambda now, flying: (flying * 0.0004, Ending.ANSWERED), NUM).peak <= 2 * START
    assert pace.slots.limit == START


def test_few_questions_leave_the_number_as_it_is():
    pace = Pace(slots=Slots())
    walk(pace, unlimited(0.5), 6)
    assert pace.slots.limit == START


@pytest.mark.parametrize("mean_s", [0.003, 0.05, 0.3, 1.0])
@pytest.mark.parametrize(
    "allow",
    [
        pytest.param(lambda: Window(20), id="20 in any second"),
        pytest.param(lambda: Calendar(20), id="20 in a second of the clock"),
        pytest.param(lambda: Bucket(20, 20), id="bucket of 20"),
        pytest.param(lambda: Bucket(20, 5), id="bucket of 5"),
    ],
)
def test_a_limit_of_twenty_a_second_is_settled_on(allow, mean_s: float):
    found = walk(Pace(slots=Slots()), limited(allow(), mean_s), NUM)
    assert 18 <= found.rate_between(0.5, 1) <= 22
    assert found.share_refused < 0.02


def test_a_fixed_number_of_requests_is_paced_as_well():
    found = walk(Pace(), limited(Window(20), 0.05), NUM, slots=64)
    assert 18 <= found.rate_between(0.5, 1) <= 22
    assert found.share_refused < 0.05
    assert found.peak == 64


@pytest.mark.parametrize("mean_s", [0.003, 0.05, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_faults_at_random_do_not_slow_the_others_down(seed: int, mean_s: float):
    rng = random.Random(seed)

    def serve(now: float, flying: int) -> tuple[float, Ending]:
        unit = rng.random()
        if unit < 0.05:
            return 0.002, Ending.TOO_MANY
        return uneven(mean_s, rng), Ending.FAILED if unit < 0.14 else Ending.ANSWERED

    faultless = walk(Pace(slots=Slots()), unlimited(mean_s), NUM)
    assert walk(Pace(slots=Slots()), serve, NUM).span_s < 3 * faultless.span_s + 10


def refuse(pace: Pace, ending: Ending, times: list[float]) -> None:
    attempts = [pace.leave(now, 100, is_held=False) for now in times]
    for attempt in attempts:
        pace.ended(attempt, ending, attempt.sent_at + 0.1)


@pytest.mark.parametrize("ending", [Ending.TOO_MANY, Ending.TOO_BUSY])
def test_refusals_of_one_episode_halve_once(ending: Ending):
    pace = Pace(slots=Slots(limit=64))
    refuse(pace, ending, [10.0 + n / 1000 for n in range(40)])
    assert pace.slots.limit == 32
    refuse(pace, ending, [12.0 + n / 1000 for n in range(40)])
    assert pace.slots.limit == 16


@pytest.mark.parametrize("ending", [Ending.TOO_MANY, Ending.TOO_BUSY])
def test_one_refusal_changes_nothing(ending: Ending):
    pace = Pace(slots=Slots(limit=64))
    refuse(pace, ending, [10.0])
    assert (pace.slots.limit, pace.rate.per_s) == (64, None)
    assert pace.wait_s(10.2) <= 0


def test_faults_of_the_server_are_not_taken_for_haste():
    pace = Pace(slots=Slots(limit=64))
    refuse(pace, Ending.FAILED, [10.0 + n for n in range(40)])
    assert (pace.slots.limit, pace.rate.per_s) == (64, None)


def test_an_episode_pauses_everything_for_as_long_as_the_service_asks():
    pace = Pace()
    for n in range(12):
        pace.ended(pace.leave(10.0 + n, 100, is_held=False), Ending.TOO_MANY, 10.0 + n, retry_after_s=7.0)
    assert pace.wait_s(14.0) >= 7.0


def test_a_rate_that_lowering_does_not_help_is_forgotten():
    rng, pace = random.Random(1), Pace()
    refuse(pace, Ending.TOO_MANY, [10.0] * 20)
    assert pace.rate.per_s is not None
    now = 20.0
    for _ in range(2000):
        now += 0.05
        attempt = pace.leave(now, 100, is_held=True)
        pace.ended(attempt, Ending.TOO_MANY if rng.random() < 0.3 else Ending.ANSWERED, now + 0.01)
        if pace.rate.per_s is None:
            return
    pytest.fail("it is still kept to")


def leave_all(pace: Pace, num: int, size_bytes: int = 400) -> float:
    """When the last of so many requests leaves, each as soon as it may."""
    now = 100.0
    for _ in range(num):
        now += max(0.0, pace.wait_s(now))
        pace.leave(now, size_bytes, is_held=False)
    return now - 100.0


def test_no_more_requests_leave_in_a_minute_than_the_user_allows():
    assert leave_all(Pace(max_rpm=120), 121) == pytest.approx(60, abs=0.2)


def test_tokens_are_guessed_from_the_question_until_the_first_answer():
    assert leave_all(Pace(max_tpm=6000), 61) == pytest.approx(60, abs=0.2)


def test_tokens_beyond_the_guess_are_waited_for():
    pace = Pace(max_tpm=6000)
    attempt = pace.leave(100.0, 400, is_held=False)
    pace.spent(attempt, 700)
    assert pace.wait_s(100.0) == pytest.approx(7, abs=0.1)
    pace.leave(107.0, 400, is_held=False)
    assert pace.wait_s(107.0) == pytest.approx(7, abs=0.1)


def told(remaining: int, reset: str, what: str = "requests", limit: int = 100) -> dict[str, str]:
    said = {"limit": str(limit), "remaining": str(remaining), "reset": reset}
    return {f"x-ratelimit-{name}-{what}": value for name, value in said.items()}


def test_what_is_left_is_spread_until_the_reset():
    pace = Pace()
    pace.told(told(60, "20s"), 100.0, 0.0)
    assert leave_all(pace, 10) == 0
    pace = Pace()
    pace.told(told(40, "20s"), 100.0, 0.0)
    pace.leave(100.0, 400, is_held=False)
    assert 0.4 < pace.wait_s(100.0) <= 0.5


def test_nothing_leaves_while_nothing_is_left():
    pace = Pace()
    pace.told(told(0, "20s"), 100.0, 0.0)
    assert pace.wait_s(100.0) > 0
    assert pace.wait_s(119.0) > 0
    assert pace.wait_s(120.0) <= 0


def test_tokens_that_are_left_are_shared_out_among_requests_of_the_usual_size():
    pace = Pace()
    attempt = pace.leave(100.0, 400, is_held=False)
    pace.spent(attempt, 50)
    pace.ended(attempt, Ending.ANSWERED, 100.5)
    pace.told(told(400, "8s", "tokens", 1000), 100.5, 0.0)
    pace.leave(100.5, 400, is_held=False)
    assert pace.wait_s(100.5) == pytest.approx(1.0, abs=0.2)
