"""Configuration files: faults are shown with their place."""

import pytest

from evalscope.config import load_task_config, read_config_file
from evalscope.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.yaml", "model: a\n  b: c\n", "a.yaml:2:4: not YAML: mapping values are not allowed here"),
        ("a.yaml", "model: [a\n", "a.yaml:2:1: not YAML: expected ',' or ']'"),
        ("a.yaml", "\tmodel: a\n", "a.yaml:1:1: not YAML: found character '\\t'"),
        ("a.yaml", "model: !!python/object:os.system x\n", "a.yaml:1:8: not YAML: could not determine a constructor"),
        ("a.yaml", "model: *x\n", "a.yaml:1:8: not YAML: found undefined alias 'x'"),
        ("a.yaml", "a: \0\n", "a.yaml: not YAML: unacceptable character"),
        ("a.yaml", "", "a.yaml holds nothing; a mapping of settings"),
        ("a.yaml", "- a\n- b\n", "a.yaml holds a list; a mapping of settings"),
        ("a.yaml", "gsm8k", "a.yaml holds a str; a mapping of settings"),
        ("a.yaml", "1: 2\n", "the task has no key '1'"),
        ("a.yaml", "limt: 2\n", "the task has no key 'limt'; did you mean 'limit'?"),
        ("a.yaml", "run_name: 2026-01-01\n", "the task: run_name: a text (in quotes) is needed"),
        ("a.json", '{"model": "a",\n "limit": }', "a.json:2:11: not JSON: Expecting value"),
        ("a.json", '{"limit": NaN}', "the task: limit: a whole number from 1"),
        ("a.json", "", "a.json:1:1: not JSON"),
        ("a.json", "[]", "a.json holds a list; a mapping of settings"),
    ],
    ids=[
        "YAML indented wrongly",
        "YAML bracket left open",
        "YAML with a tab",
        "YAML that would run code",
        "YAML alias",
        "YAML with a control character",
        "empty YAML",
        "YAML list",
        "YAML text",
        "YAML with a number as key",
        "YAML with an unknown key",
        "YAML date for a text",
        "JSON without a value",
        "JSON nan",
        "empty JSON",
        "JSON list",
    ],
)
def test_a_faulty_file_is_named_with_the_place(name, content, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_task_config(name)
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("model: 模型\n".encode("gbk"))
    with pytest.raises(ConfigError, match="cannot be read: 'utf-8' codec"):
        read_config_file(path)


@pytest.mark.parametrize(
    "path", ["nowhere.yaml", "x" * 300, "", "{}"], ids=["missing", "too long", "empty", "JSON text"]
)
def test_a_path_that_is_no_file_is_named(path):
    with pytest.raises(ConfigError, match="the configuration file"):
        load_task_config(path)


def test_a_missing_file_is_named_with_the_folder_it_was_looked_for_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=f"'nowhere.yaml' does not exist .looked in {tmp_path}"):
        load_task_config("nowhere.yaml")


@pytest.mark.parametrize("task", [None, 3, ["gsm8k"]], ids=repr)
def test_what_is_no_task_is_refused(task):
    with pytest.raises(ConfigError, match="a task is a dict, a TaskConfig, or the path of a YAML or JSON file"):
        load_task_config(task)


def test_keys_that_are_no_texts_are_named():
    with pytest.raises(ConfigError, match="the task has no key '1'"):
        load_task_config({1: 2})


def test_empty_settings_of_a_yaml_file_are_left_out(tmp_path):
    path = tmp_path / "task.yaml"
    path.write_text("model: m\ndatasets: gsm8k\nlimit:\ndataset_args:\n  gsm8k:\ngeneration_config:\n")
    config = load_task_config(path)
    assert (config.datasets, config.limit, config.model_fields_set) == (
        ("gsm8k",),
        None,
        {"model", "datasets", "dataset_args"},
    )


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("task.yaml", "model: m\nlimit: 3\nlimit: 5\n", "task.yaml:3:1"),
        ("task.yaml", "dataset_args:\n  gsm8k:\n    few_shot_num: 1\n    few_shot_num: 2\n", "task.yaml:4:5"),
        ("task.json", '{"model": "m", "limit": 3, "limit": 5}', "task.json"),
    ],
    ids=["yaml", "nested yaml", "json"],
)
def test_a_key_written_twice_is_refused_not_resolved_silently(name, text, place, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match="is written twice") as caught:
        load_task_config(tmp_path / name)
    assert place in str(caught.value)


def test_an_anchor_that_holds_itself_is_one_message(tmp_path):
    (tmp_path / "task.yaml").write_text("model_args: &a\n  device_map: *a\n")
    with pytest.raises(ConfigError, match="holds itself"):
        load_task_config(tmp_path / "task.yaml")
