"""Flags: one for each field of a task, read as people write them, refused with the place of the fault."""

import json
from pathlib import Path

import pytest

from evalscope.arguments import JSON_FLAGS, make_parser, parse_task, read_mapping, resume_command
from evalscope.config import TaskConfig
from evalscope.errors import ConfigError


def parse(*words: str) -> TaskConfig:
    return parse_task(make_parser("evalscope eval"), words)


def refusal(*words: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(*words)
    return str(caught.value)


@pytest.mark.parametrize("name", TaskConfig.model_fields)
def test_every_field_has_a_flag_and_a_help_text(name):
    parser = make_parser("evalscope eval")
    action = parser._option_string_actions["--" + name.replace("_", "-")]
    assert action.dest == name
    assert action.help
    assert TaskConfig.model_fields[name].description in " ".join(parser.format_help().split())


@pytest.mark.parametrize(("flag", "part"), JSON_FLAGS.items(), ids=JSON_FLAGS)
def test_the_help_names_every_key_of_the_json_flags(flag, part):
    text = make_parser("evalscope eval").format_help()
    for key in part.known_keys():
        assert key in text
    assert f"--{flag.replace('_', '-')}" in text


def test_the_help_names_each_flag_in_one_spelling():
    assert "--api_url" not in make_parser("evalscope eval").format_help()


def test_help_ends_with_exit_code_0(capsys):
    with pytest.raises(SystemExit) as caught:
        parse("-h")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: evalscope eval")


def test_flags_give_the_same_task_as_a_mapping():
    words = (
        *("--model", "m", "--datasets", "gsm8k", "arc", "--datasets", "my.py", "--limit", "0.1", "--repeats", "2"),
        *("--api_url", "http://x/v1", "--eval_batch_size=4", "--timeout", "1.5", "--stream", "--no-quiet"),
        *("--generation_config", '{"max_new_tokens": 5}', "--dataset-args", '{"arc": {"few_shot_num": 0}}'),
    )
    assert parse(*words) == TaskConfig(
        model="m",
        datasets=["gsm8k", "arc", "my.py"],
        limit=0.1,
        repeats=2,
        api_url="http://x/v1",
        eval_batch_size=4,
        timeout=1.5,
        stream=True,
        quiet=False,
        generation_config={"max_new_tokens": 5},
        dataset_args={"arc": {"few_shot_num": 0}},
    )


def test_what_is_not_written_is_not_set():
    assert parse("--model", "m").model_fields_set == {"model"}


@pytest.mark.parametrize(("word", "expected"), [("--stream", True), ("--no-stream", False), ("--no_stream", False)])
def test_a_switch_can_be_turned_on_and_off(word, expected):
    assert parse(word).stream is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"temperature": 0.6, "stop": ["a"]}', {"temperature": 0.6, "stop": ["a"]}),
        (' {"a": {"b": null}}\n', {"a": {"b": None}}),
        ("{}", {}),
        ("a=0.6", {"a": 0.6}),
        ("a=0.6,b=true,c=null,d=text", {"a": 0.6, "b": True, "c": None, "d": "text"}),
        (" a = 1 , b = two words ", {"a": 1, "b": "two words"}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ('a="1.0"', {"a": "1.0"}),
        ('a={"b":false}', {"a": {"b": False}}),
    ],
    ids=[
        "JSON",
        "JSON with white space around",
        "empty JSON",
        "one pair",
        "typed values",
        "spaces",
        "empty value",
        "equals sign in the value",
        "a text in quotes",
        "JSON as a value",
    ],
)
def test_a_mapping_is_read_as_json_or_as_pairs(text, expected):
    assert read_mapping(text, "--it") == expected


@pytest.mark.parametrize("name", ["args.json", "args.yaml"])
def test_a_mapping_is_read_from_a_file(name, tmp_path):
    path = tmp_path / name
    path.write_text('{"temperature": 0.6}')
    assert parse("--generation-config", f"@{path}").generation_config.temperature == 0.6


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"a": 1,}', "not JSON at character 9"),
        ("temperature", "not JSON at character 1"),
        ("", "not JSON at character 1"),
        ('["a"]', "takes a JSON object"),
        ("a=1,b", "'b' is no key=value (a value that holds a comma needs the JSON form)"),
        ("=1", "'=1' is no key=value"),
        ("@nowhere.json", "'nowhere.json' does not exist"),
    ],
    ids=["trailing comma", "a word", "empty", "a list", "half a pair", "no name", "no such file"],
)
def test_what_is_no_mapping_is_refused_under_its_flag(text, named):
    message = refusal("--model-args", text)
    assert named in message
    assert "--model-args" in message or text.startswith("@")


@pytest.mark.parametrize(
    ("text", "fault", "column"),
    [
        ('{"a": 0.6, max_tokens: 5}', "max_tokens", 11),
        ('{"温度": 0.6, max_tokens: 5}', "max_tokens", 14),
        ('{"a":\n\t0.6, max_tokens: 5}', "max_tokens", 12),
        ('{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": x}', "x}", 30),
    ],
    ids=["ASCII", "wide signs", "over two lines", "far inside"],
)
def test_a_caret_stands_under_the_fault_in_json(text, fault, column):
    _, shown, caret, advice = refusal("--generation-config", text).splitlines()
    assert caret == " " * (2 + column) + "^"
    assert shown.isprintable()
    assert fault in shown
    assert advice.startswith("write --generation-config '{")


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_flags_win_over_the_file_key_by_key(tmp_path):
    file = write(
        tmp_path / "task.yaml",
        "model: from-file\n"
        "datasets: [gsm8k]\n"
        "limit: 5\n"
        "generation_config: {max_new_tokens: 512, temperature: 0.6, chat_template_kwargs: {a: 1, b: 2}}\n"
        "dataset_args: {gsm8k: {few_shot_num: 2, shuffle: true}, arc:}\n",
    )
    config = parse(
        *("--config", file, "--model", "from-flag", "--datasets", "arc"),
        *("--generation-config", '{"max_tokens": 9, "chat_template_kwargs": {"b": 3}}'),
        *("--dataset-args", '{"gsm8k": {"few_shot_num": 0}, "arc": {"shuffle": true}}'),
    )
    assert config == TaskConfig(
        model="from-flag",
        datasets=["arc"],
        limit=5,
        generation_config={"max_tokens": 9, "temperature": 0.6, "chat_template_kwargs": {"a": 1, "b": 3}},
        dataset_args={"gsm8k": {"few_shot_num": 0, "shuffle": True}, "arc": {"shuffle": True}},
    )


def test_null_in_a_flag_takes_a_setting_of_the_file_away(tmp_path):
    file = write(tmp_path / "task.yaml", "generation_config: {temperature: 0.6}\n")
    assert parse("--config", file, "--generation-config", '{"temperature": null}') == TaskConfig()


@pytest.mark.parametrize(
    ("in_file", "flag", "other"),
    [("run_name: old", "--use-cache", "run_name"), ("use_cache: old", "--run-name", "use_cache")],
)
def test_continuing_and_naming_a_run_replace_each_other_over_a_file(in_file, flag, other, tmp_path):
    config = parse("--config", write(tmp_path / "task.yaml", in_file), flag, "new")
    assert getattr(config, other) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--limits", "3"], "--limits is unknown; did you mean '--limit'"),
        (["--api_ky=x"], "--api-ky is unknown; did you mean '--api-key'"),
        (["--dataset", "gsm8k"], "--dataset is unknown; did you mean '--datasets'"),
        (["-m", "x"], "-m is unknown"),
        (["gsm8k"], "'gsm8k' belongs to no flag"),
        (["--stream", "yes"], "'yes' belongs to no flag"),
        (["--seed", "1", "2"], "'2' belongs to no flag"),
        (["--stream=yes"], "--stream/--no-stream: takes no value; found 'yes'"),
        (["--limit"], "--limit: expected one argument"),
        (["--datasets"], "--datasets: expected at least one argument"),
        (["--lim", "3"], "--lim is unknown; did you mean '--limit'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_flag_is_named_with_the_nearest_one(words, message):
    found = refusal(*words)
    assert found.startswith(message)
    assert found.endswith("('evalscope eval --help' lists all flags)")
    assert "argument --" not in found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "m"], "evalscope eval --model m --use-cache 'out dir'"),
        (["--use-cache", "old", "--model", "m"], "evalscope eval --model m --use-cache 'out dir'"),
        (["--use_cache=old", "--run-name=x", "--limit", "3"], "evalscope eval --limit 3 --use-cache 'out dir'"),
        (["--api-key", "sk-secret"], "evalscope eval --api-key YOUR_KEY --use-cache 'out dir'"),
        (["--api_key=sk-secret"], "evalscope eval --api-key YOUR_KEY --use-cache 'out dir'"),
        (["--api-key", "EMPTY"], "evalscope eval --api-key EMPTY --use-cache 'out dir'"),
        (["--api-key-env", "MY_KEY"], "evalscope eval --api-key-env MY_KEY --use-cache 'out dir'"),
        (
            ["--api-url", "http://me:sk-secret@h/v1?key=sk-secret"],
            "evalscope eval --api-url 'http://…@h/v1?key=…' --use-cache 'out dir'",
        ),
        (
            ["--generation-config", '{"temperature": 0.5, "extra_headers": {"Authorization": "sk-secret"}}'],
            'evalscope eval --generation-config \'{"temperature": 0.5, "extra_headers": {"…": "…"}}\' '
            "--use-cache 'out dir'",
        ),
        (
            ["--generation-config", '{"stop": "it\'s"}'],
            "evalscope eval --generation-config '{\"stop\": \"it'\"'\"'s\"}' --use-cache 'out dir'",
        ),
        (
            ["--generation-config", "@secret.json"],
            "evalscope eval --generation-config @secret.json --use-cache 'out dir'",
        ),
    ],
    ids=[
        "plain",
        "an older run",
        "an older run with equals signs",
        "key",
        "key with equals sign",
        "no real key",
        "name of a variable",
        "key in the address",
        "key in a header",
        "JSON is quoted for the shell",
        "a file stays a file",
    ],
)
def test_the_command_that_resumes_shows_no_key_and_names_one_run(words, expected):
    command = resume_command("evalscope eval", words, Path("out dir"))
    assert command == expected
    assert "sk-secret" not in command


def test_the_command_that_resumes_is_read_back_as_the_same_task():
    import shlex

    words = ["--model", "a b", "--generation-config", json.dumps({"stop": ["'", '"']}), "--datasets", "gsm8k", "arc"]
    resumed = shlex.split(resume_command("evalscope eval", words, Path("run")))
    assert parse(*resumed[2:]) == parse(*words, "--use-cache", "run")


def test_a_key_written_twice_in_a_json_flag_is_refused():
    with pytest.raises(ConfigError, match="'few_shot_num' is written twice"):
        read_mapping('{"gsm8k": {"few_shot_num": 1, "few_shot_num": 2}}', "--dataset-args")
