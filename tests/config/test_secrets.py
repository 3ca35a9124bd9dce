"""Keys never show: not in a config's text, not in the record of a run, not in a message."""

import json

import pytest
import yaml

from evalscope.config import TaskConfig
from evalscope.engine.record import masked_task
from evalscope.errors import ConfigError

KEY = "sk-very-secret"
SETTINGS = {
    "model": "m",
    "api_key": KEY,
    "api_url": f"http://user:{KEY}@127.0.0.1:8000/v1?api-key={KEY}",
    "generation_config": {
        "temperature": 0.5,
        "extra_headers": {"Authorization": f"Bearer {KEY}"},
        "extra_query": {"code": KEY},
    },
}


@pytest.mark.parametrize("show", [repr, str, lambda config: f"{config.generation_config!r}"])
def test_a_config_shown_as_text_holds_no_key(show):
    assert KEY not in show(TaskConfig(**SETTINGS))


def test_the_key_is_masked_wherever_the_config_is_dumped():
    config = TaskConfig(model="m", api_key=KEY)
    assert KEY not in str(config.model_dump())
    assert KEY not in config.model_dump_json()
    assert config.api_key is not None
    assert config.api_key.get_secret_value() == KEY


def test_the_record_of_a_run_holds_no_key_but_says_that_there_was_one():
    record = masked_task(TaskConfig(**SETTINGS))
    assert KEY not in yaml.safe_dump(record) + json.dumps(record)
    assert set(record["generation_config"]["extra_headers"]) == {"Authorization"}
    assert set(record["generation_config"]["extra_query"]) == {"code"}
    assert record["api_key"]
    assert record["api_url"] == "http://127.0.0.1:8000/v1"
    assert record["generation_config"]["temperature"] == 0.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"limt": 1},
        {"api_key": [KEY]},
        {"api_key": {"value": KEY}},
        {"apikey": KEY},
        {"generation_config": {"extra_headers": f"Authorization: {KEY}"}},
        {"generation_config": {"extra_headers": {"Authorization": [KEY]}}},
        {"generation_config": {"extra_query": {"code": {KEY: 1}}}},
        {"generation_config": [{"extra_headers": {"Authorization": KEY}}]},
        {"generation_config": {"extra_headers": {"Authorization": KEY}, "temprature": 1}},
        {"eval_type": "checkpoint"},
        {"repeats": 0},
    ],
    ids=[
        "another key is wrong",
        "the key as a list",
        "the key as a mapping",
        "the key under another name",
        "headers as a text",
        "a header as a list",
        "a parameter as a mapping",
        "settings as a list",
        "another setting beside headers",
        "a URL that does not fit",
        "a count that is none",
    ],
)
def test_no_message_shows_a_key(wrong):
    with pytest.raises(ConfigError) as caught:
        TaskConfig(**SETTINGS | wrong)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
