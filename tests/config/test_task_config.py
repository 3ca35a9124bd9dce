"""A task from any form is the same task, and whatever is wrong with it is said in the user's own words."""

import json
import re
from pathlib import Path

import pytest
import yaml

from evalscope.config import DatasetArgs, GenerationConfig, ModelArgs, TaskConfig, load_task_config
from evalscope.constants import EvalType, HubType, JudgeStrategy, OutputFormat
from evalscope.errors import ConfigError
from evalscope.models.mock import MockModel

JARGON = re.compile(r"pydantic|https://errors|input should|valid (string|tuple|dict)|<class|NoneType", re.IGNORECASE)

SETTINGS = {
    "model": "Qwen/Qwen2.5-0.5B-Instruct",
    "datasets": ["gsm8k", "arc"],
    "dataset_args": {"gsm8k": {"few_shot_num": 2, "local_path": "/data/gsm8k"}, "arc": {"subset_list": ["ARC-Easy"]}},
    "generation_config": {"max_new_tokens": 64, "do_sample": False, "stop": ["\n\n"]},
    "model_args": {"precision": "torch.float16"},
    "limit": 5,
    "eval_type": "llm_ckpt",
}


def refusal(**settings) -> str:
    with pytest.raises(ConfigError) as caught:
        TaskConfig(**settings)
    message = str(caught.value)
    assert not JARGON.search(message), message
    assert caught.value.__cause__ is None
    return message


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: SETTINGS,
        lambda folder: _file(folder / "task.yaml", yaml.safe_dump(SETTINGS)),
        lambda folder: str(_file(folder / "task.yml", yaml.safe_dump(SETTINGS))),
        lambda folder: _file(folder / "task.json", json.dumps(SETTINGS)),
        lambda folder: _file(folder / "TASK.JSON", "\ufeff" + json.dumps(SETTINGS)),
        lambda folder: TaskConfig(**SETTINGS),
    ],
    ids=["dict", "YAML path", "YAML path as text", "JSON path", "JSON with byte-order mark", "TaskConfig"],
)
def test_every_form_gives_the_same_task(write, tmp_path):
    assert load_task_config(write(tmp_path)) == TaskConfig(**SETTINGS)


def _file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_parts_may_be_given_as_values_of_their_own():
    parts = {
        "dataset_args": {name: DatasetArgs(**args) for name, args in SETTINGS["dataset_args"].items()},
        "generation_config": GenerationConfig(**SETTINGS["generation_config"]),
        "model_args": ModelArgs(**SETTINGS["model_args"]),
    }
    assert TaskConfig(**SETTINGS | parts) == TaskConfig(**SETTINGS)


def test_the_settings_handed_over_are_not_changed():
    before = json.dumps(SETTINGS)
    load_task_config(SETTINGS)
    assert json.dumps(SETTINGS) == before


@pytest.mark.parametrize(
    "part", [TaskConfig(), GenerationConfig(), ModelArgs(), DatasetArgs()], ids=lambda part: type(part).__name__
)
def test_a_setting_cannot_be_changed_afterwards(part):
    name = next(iter(type(part).model_fields))
    with pytest.raises(AttributeError, match=f"frozen: make a new one instead of setting '{name}'"):
        setattr(part, name, 1)


@pytest.mark.parametrize(
    ("settings", "start", "nearest"),
    [
        ({"limt": 1}, "the task has no key 'limt'", "'limit'"),
        ({"api-url": "http://x"}, "the task has no key 'api-url'", "'api_url'"),
        ({"few_shot_num": 1}, "the task has no key 'few_shot_num'", "belongs to a data set"),
        ({"temperature": 1}, "the task has no key 'temperature'", "generation_config"),
        (
            {"dataset_args": {"gsm8k": {"few_shot_nm": 1}}},
            "dataset_args of 'gsm8k' has no key 'few_shot_nm'",
            "'few_shot_num'",
        ),
        ({"dataset_args": {"gsm8k": {"limit": 1}}}, "dataset_args of 'gsm8k' has no key 'limit'", "max_samples"),
        ({"generation_config": {"temprature": 1}}, "generation_config has no key 'temprature'", "'temperature'"),
        ({"generation_config": {"enable_thinking": False}}, "generation_config has no key", "chat_template_kwargs"),
        ({"generation_config": {"stream": True}}, "generation_config has no key 'stream'", "--stream"),
        ({"model_args": {"revison": "v1"}}, "model_args has no key 'revison'", "'revision'"),
        ({"model_args": {"torch_dtype": "auto"}}, "model_args has no key 'torch_dtype'", "precision"),
        ({"model_args": {3: "auto"}}, "model_args", "a text as the name of each setting is needed; found 3"),
        ({"generation_config": {3: 4}}, "generation_config has no key '3'", "known: "),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_one(settings, start, nearest):
    message = refusal(**settings)
    assert message.startswith(start)
    assert nearest in message
    assert "\n" not in message


def test_every_fault_has_a_line_of_its_own():
    assert refusal(limt=1, seed="x", generation_config={"top_p": 2}).splitlines() == [
        "generation_config: top_p: at most 1 is needed; found 2",
        "the task: seed: a whole number is needed; found 'x'",
        "the task has no key 'limt'; did you mean 'limit'?",
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": 5}, "the task: model: a name, a path, or an object with a generate method is needed; found int"),
        ({"model": MockModel}, "the task: model: an object is needed, not its class; write MockModel(…)"),
        ({"model_id": "\udcff"}, "the task: model_id: it holds bytes that are not UTF-8"),
        ({"model_id": 3}, "the task: model_id: a text (in quotes) is needed; found 3"),
        ({"datasets": {"gsm8k": 1}}, "the task: datasets: a list is needed; found {'gsm8k': 1}"),
        ({"datasets": {"gsm8k", "arc"}}, "the task: datasets: a list is needed; found a set, which has no order"),
        ({"datasets": ["arc", 3]}, "the task: datasets: a text (in quotes) is needed; found 3"),
        ({"datasets": [None]}, "the task: datasets: a text (in quotes) is needed; found None"),
        ({"dataset_args": ["arc"]}, "the task: dataset_args: a mapping of names to values is needed; found ['arc']"),
        ({"dataset_args": {"arc": 3}}, "dataset_args of 'arc': a mapping of settings is needed; found 3"),
        ({"dataset_args": {3: {}}}, "dataset_args of '3': a text (in quotes) is needed; found 3"),
        (
            {"dataset_args": {"few_shot_num": 3}},
            "the task: dataset_args: 'few_shot_num' must stand under its data set: {'gsm8k': {'few_shot_num': …}}",
        ),
        (
            {"dataset_args": {"arc": {"few_shot_num": -3}}},
            "dataset_args of 'arc': few_shot_num: at least 0 is needed; found -3",
        ),
        (
            {"dataset_args": {"arc": {"few_shot_num": True}}},
            "dataset_args of 'arc': few_shot_num: a value other than true and false is needed; found True",
        ),
        (
            {"dataset_args": {"arc": {"few_shot_random": "maybe"}}},
            "dataset_args of 'arc': few_shot_random: true or false is needed; found 'maybe'",
        ),
        (
            {"dataset_args": {"arc": {"local_path": 3}}},
            "dataset_args of 'arc': local_path: a path is needed; found 3",
        ),
        (
            {"dataset_args": {"arc": {"subset_list": []}}},
            "dataset_args of 'arc': subset_list: it is empty; leave it out to ask all subsets",
        ),
        (
            {"dataset_args": {"arc": {"subset_list": ["a", "a"]}}},
            "dataset_args of 'arc': subset_list: a subset stands in it twice: a, a",
        ),
        (
            {"generation_config": [1]},
            "the task: generation_config: a mapping of settings is needed; found list (not shown)",
        ),
        (
            {"generation_config": {"temperature": "hot"}},
            "generation_config: temperature: a number is needed; found 'hot'",
        ),
        ({"generation_config": {"temperature": -1}}, "generation_config: temperature: at least 0 is needed; found -1"),
        (
            {"generation_config": {"temperature": float("inf")}},
            "generation_config: temperature: a finite number is needed; found inf",
        ),
        ({"model_args": "x"}, "the task: model_args: a mapping of settings is needed; found 'x'"),
        (
            {"model_args": {"device_map": 0}},
            "model_args: device_map: a text or a mapping of names to values is needed; found 0",
        ),
        (
            {"model_args": {"hub": "huggingfase"}},
            "model_args: hub: 'huggingfase' is unknown; did you mean 'huggingface'",
        ),
        ({"dataset_hub": 3}, "the task: dataset_hub: 3 is unknown; known: "),
        ({"judge_strategy": "atuo"}, "the task: judge_strategy: 'atuo' is unknown; did you mean 'auto'?"),
        ({"output_format": "xml"}, "the task: output_format: 'xml' is unknown; known: json, table"),
        ({"seed": 1.5}, "the task: seed: a whole number is needed; found 1.5"),
        ({"seed": -1}, "the task: seed: at least 0 is needed; found -1"),
        ({"seed": 10**30}, f"the task: seed: a number under 9.22337e+18 is needed; found {10**30}"),
        ({"timeout": 0}, "the task: timeout: a number over 0 is needed; found 0"),
        ({"timeout": float("nan")}, "the task: timeout: a finite number is needed; found nan"),
        ({"repeats": "two"}, "the task: repeats: a whole number is needed; found 'two'"),
        ({"eval_batch_size": 0}, "the task: eval_batch_size: at least 1 is needed; found 0"),
        ({"stream": "maybe"}, "the task: stream: true or false is needed; found 'maybe'"),
        ({"work_dir": 3}, "the task: work_dir: a path is needed; found 3"),
        ({"eval_type": 3}, "the task: eval_type: a text (in quotes) is needed; found 3"),
        ({"api_url": ""}, "the task: api_url: it is empty, as a variable that is not set would make it; "),
        ({"use_cache": ""}, "the task: use_cache: it is empty, as a variable that is not set would make it; "),
        (
            {"use_cache": "x", "run_name": "y"},
            "the task: run_name makes a new run and use_cache continues an old one; give one of them",
        ),
        (
            {"repeats": 2, "generation_config": {"n": 3}},
            "the task: repeats is 2 and n of generation_config is 3: give one",
        ),
        (
            {"api_url": "http://x/v1", "eval_type": "checkpoint"},
            "the task: api_url is for eval_type service, not for checkpoint; drop one of them",
        ),
        (
            {"api_url": "http://x/v1", "model": MockModel()},
            "the task: api_url is for eval_type service, not for object; drop one of them",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_is_needed(settings, message):
    assert refusal(**settings).startswith(message)


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", ".hidden", "a/b", "a\\b", "latest", "a:b", "a\n", " a", "a.", "x" * 300, "a\0"],
    ids=ascii,
)
def test_a_run_name_that_is_no_plain_folder_name_is_refused(name):
    assert "a plain folder name is needed" in refusal(run_name=name)


@pytest.mark.parametrize("name", ["a", "first try", "第一次", "v1.2-b", "x" * 200])
def test_a_plain_run_name_is_taken(name):
    assert TaskConfig(run_name=name).run_name == name


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (5, 5),
        ("5", 5),
        (5.0, 5),
        ("1e2", 100),
        (1, 1),
        ("1", 1),
        (0.1, 0.1),
        ("0.1", 0.1),
        (1.0, 1.0),
        ("1.0", 1.0),
        (None, None),
    ],
)
def test_a_limit_is_a_count_or_a_share(limit, expected):
    found = TaskConfig(limit=limit).limit
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "limit",
    [0, -1, 1.5, "x", True, False, float("nan"), float("inf"), "1e400", "nan", "", [], 10**400, "5%", "0"],
    ids=lambda limit: repr(limit)[:12],
)
def test_a_limit_that_is_neither_is_refused(limit):
    assert "the task: limit: a " in refusal(limit=limit)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("service", "service"),
        ("SERVICE", "service"),
        ("openai_api", "service"),
        ("Openai-API", "service"),
        ("server", "service"),
        (EvalType.SERVICE, "service"),
        (EvalType.OPENAI_API, "service"),
        (EvalType.SERVER, "service"),
        ("checkpoint", "checkpoint"),
        ("llm_ckpt", "checkpoint"),
        (EvalType.CHECKPOINT, "checkpoint"),
        (EvalType.LLM_CKPT, "checkpoint"),
        ("mock", "mock_llm"),
        ("predictions", "predictions"),
        ("my_plugin", "my_plugin"),
    ],
    ids=repr,
)
def test_spellings_of_an_eval_type_are_one(written, expected):
    assert TaskConfig(eval_type=written).eval_type == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "checkpoint"),
        ({"api_url": "http://x/v1"}, "service"),
        ({"eval_type": "mock_llm"}, "mock_llm"),
        ({"model": MockModel()}, "object"),
        ({"eval_type": "my_plugin", "api_url": "http://x"}, "my_plugin"),
    ],
    ids=["neither", "a URL", "said", "an object", "a plug-in with a URL"],
)
def test_who_answers_follows_from_what_is_given(settings, expected):
    assert TaskConfig(**settings).answers_by == expected


def test_choices_are_taken_as_enum_as_text_and_by_alias():
    assert TaskConfig(judge_strategy=JudgeStrategy.AUTO).judge_strategy is JudgeStrategy.AUTO
    assert TaskConfig(judge_strategy="AUTO").judge_strategy is JudgeStrategy.AUTO
    assert TaskConfig(dataset_hub="hf").dataset_hub is HubType.HUGGINGFACE
    assert TaskConfig(dataset_hub="ModelScope").dataset_hub is HubType.MODELSCOPE
    assert TaskConfig(output_format="json").output_format is OutputFormat.JSON
    assert TaskConfig(model_args={"hub": "hf"}).model_args.hub is HubType.HUGGINGFACE


def test_a_single_name_stands_for_a_list_of_one():
    config = TaskConfig(datasets="gsm8k", dataset_args={"gsm8k": {"subset_list": "main"}})
    assert config.datasets == ("gsm8k",)
    assert config.dataset_args["gsm8k"].subset_list == ("main",)
    assert TaskConfig(datasets=[]).datasets == ()


@pytest.mark.parametrize("name", TaskConfig.model_fields)
def test_null_is_the_same_as_leaving_out(name):
    assert TaskConfig(**{name: None}) == TaskConfig()
    assert name not in TaskConfig(**{name: None}).model_fields_set


def test_null_inside_a_part_is_the_same_as_leaving_out():
    config = TaskConfig(
        dataset_args={"gsm8k": None, "arc": {"shuffle": None}},
        generation_config={"temperature": None, "max_new_tokens": None},
    )
    assert config.dataset_args == {"gsm8k": DatasetArgs(), "arc": DatasetArgs()}
    assert config.generation_config == GenerationConfig()
    assert "has no key 'shufle'" in refusal(dataset_args={"arc": {"shufle": None}})


@pytest.mark.parametrize(("settings", "num"), [({}, 1), ({"repeats": 3}, 3), ({"generation_config": {"n": 4}}, 4)])
def test_repeats_are_counted_under_either_name(settings, num):
    assert TaskConfig(**settings).num_repeats == num
