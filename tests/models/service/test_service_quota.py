"""What services say in their headers of what is left."""

import pytest

from evalscope.models.service.quota import Quota, parse_reset, read_quotas

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360),
        ("12ms", 0.012),
        ("1s", 1),
        ("1h2m3.5s", 3723.5),
        ("1d", 86400),
        ("59.7", 59.7),
        ("0", 0),
        ("1700000030", 30),
        ("1700000030500", 30.5),
        ("1699999990", 0),
        ("2023-11-14T22:13:50Z", 30),
        ("2023-11-14T22:13:50+00:00", 30),
    ],
)
def test_a_reset_is_understood(text: str, seconds: float):
    assert parse_reset(text, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("text", [None, "", "soon", "-5", "nan", "inf", "6 minutes", "s", "2023-99-99T00:00:00Z"])
def test_an_unreadable_reset_is_as_good_as_none(text: str | None):
    assert parse_reset(text, NOW) is None


def test_requests_and_tokens_are_read():
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert read_quotas(headers, NOW) == (Quota(59, 1, 60), Quota(149984, 360, None))


def test_the_short_names_are_read_too():
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "1700000030"}
    assert read_quotas(headers, NOW) == (Quota(7, 30, 60), None)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining-requests": "7"},
        {"x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s"},
        {"x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-requests": "soon"},
        {"x-ratelimit-remaining-requests": "", "x-ratelimit-reset-requests": ""},
    ],
)
def test_what_says_nothing_is_nothing(headers: dict[str, str]):
    assert read_quotas(headers, NOW) == (None, None)


@pytest.mark.parametrize(
    ("quota", "in_flight", "per_s"),
    [
        pytest.param(Quota(80, 10, 100), 5, None, id="plenty"),
        pytest.param(Quota(45, 10, 100), 5, 4, id="less than half"),
        pytest.param(Quota(5, 10, 100), 5, 0, id="all on its way"),
        pytest.param(Quota(0, 10, 100), 0, 0, id="none"),
        pytest.param(Quota(80, 10, 100), 100, 0, id="more on its way than is left"),
        pytest.param(Quota(80, 10), 10, None, id="no limit known, plenty"),
        pytest.param(Quota(30, 10), 10, 2, id="no limit known, little"),
        pytest.param(Quota(120, 86400, 500), 0, 1, id="a day's allowance"),
        pytest.param(Quota(0, 0, 100), 0, None, id="just reset"),
    ],
)
def test_a_rate_leaves_something_to_the_end(quota: Quota, in_flight: int, per_s: float | None):
    assert quota.per_s(in_flight, 120) == per_s
