"""Flags and their help, made from the fields of TaskConfig."""

import argparse
import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic.fields import FieldInfo

from evalscope.config import (
    DatasetArgs,
    GenerationConfig,
    JudgeArgs,
    ModelArgs,
    TaskConfig,
    each_once,
    load_task_config,
    read_config_file,
)
from evalscope.config.generation import OTHER_NAMES
from evalscope.config.part import Part
from evalscope.config.sandbox import SandboxConfig
from evalscope.errors import ConfigError, nearest

JSON_FLAGS: Mapping[str, type[Part]] = {
    "model_args": ModelArgs,
    "generation_config": GenerationConfig,
    "dataset_args": DatasetArgs,
    "sandbox": SandboxConfig,
    "judge_model_args": JudgeArgs,
}
METAVARS = {
    "datasets": "NAME",
    "collection": "FILE",
    "work_dir": "DIR",
    "use_cache": "DIR",
    "dataset_dir": "DIR",
    "limit": "N",
    "max_rpm": "N",
    "max_tpm": "N",
    "api_url": "URL",
    "api_key": "KEY",
    "api_key_env": "VARIABLE",
    "timeout": "SECONDS",
    "run_name": "NAME",
    "eval_batch_size": "N",
    "judge_worker_num": "N",
    "max_retries": "N",
    "repeats": "N",
    "seed": "N",
}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are ConfigErrors with the nearest known flag."""

    def error(self, message: str) -> NoReturn:
        """Raises instead of exiting."""
        plain = message.removeprefix("argument ").replace("ignored explicit argument", "takes no value; found")
        raise ConfigError(f"{plain} ('{self.prog} --help' lists all flags)")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The values of flags, which may be spelled with underscores too.

        Raises:
            ConfigError: a flag is unknown, a word belongs to none, or a value is missing.
        """
        found, left_over = self.parse_known_args([_with_dashes(word) for word in words])
        if flags := [word.partition("=")[0] for word in left_over if word.startswith("-")]:
            self.error(f"{flags[0]} is unknown; {nearest(flags[0], self._option_string_actions)}")
        if left_over:
            self.error(f"{left_over[0]!r} belongs to no flag")
        return found


def make_parser(prog: str) -> Parser:
    """The parser of `evalscope eval`: one flag for each field of TaskConfig, and --config."""
    parser = Parser(
        prog=prog,
        description="Ask a model the questions of benchmarks, and score its answers.",
        epilog=_epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--config", metavar="FILE", help="YAML or JSON file with any of these settings; flags go over it"
    )
    add_settings(parser, tuple(TaskConfig.model_fields))
    return parser


def add_settings(parser: Parser, names: Sequence[str]) -> None:
    """A flag for each of these fields of TaskConfig."""
    for name in names:
        field = TaskConfig.model_fields[name]
        flag = "--" + name.replace("_", "-")
        text = _help(field).replace("%", "%%")
        if field.annotation is bool:
            parser.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction, default=None, help=text)
        elif name == "datasets":
            parser.add_argument(flag, dest=name, nargs="+", action="extend", metavar="NAME", help=text)
        else:
            metavar = "JSON" if name in JSON_FLAGS else METAVARS.get(name, name.upper())
            parser.add_argument(flag, dest=name, metavar=metavar, help=text)


def _help(field: FieldInfo) -> str:
    """The field's description, with its default where it says something."""
    default = field.default
    is_telling = isinstance(default, str | int | float | Path) and default is not False
    return f"{field.description} (default: {default})" if is_telling else field.description or ""


def parse_task(parser: Parser, argv: Sequence[str]) -> TaskConfig:
    """The task that a command line asks for.

    Raises:
        ConfigError: an unknown flag, or a value that is not what it should be.
    """
    written = {name: value for name, value in vars(parser.read(argv)).items() if value is not None}
    settings: dict[str, Any] = {}
    if path := written.pop("config", None):
        settings.update(read_config_file(path))
    for flag, rival in (("use_cache", "run_name"), ("run_name", "use_cache")):
        if flag in written:
            settings.pop(rival, None)  # of the file: the flag goes over it
    for name, over in read_settings(written).items():
        if not isinstance(over, Mapping):
            settings[name] = over
            continue
        under = settings.get(name)
        if name == "generation_config" and isinstance(under, Mapping):
            under = _without(under, over)
        settings[name] = _merge(under, over)
    return load_task_config(settings)


def read_settings(written: Mapping[str, Any]) -> dict[str, Any]:
    """The values of flags, by field; those in JSON read.

    Raises:
        ConfigError: one of them cannot be read.
    """
    return {name: _read_setting(name, value) for name, value in written.items()}


def _read_setting(name: str, value: Any) -> Any:
    if name not in JSON_FLAGS:
        return value
    flag = "--" + name.replace("_", "-")
    if name == "judge_model_args" and value.lstrip().startswith("["):
        return read_list(value, flag)
    return read_mapping(value, flag)


def read_mapping(text: str, flag: str) -> Mapping[str, Any]:
    """The mapping that a flag's value stands for: a JSON object, @file.json, or k=v,k=v.

    Raises:
        ConfigError: it is none of these; for JSON, with the place of the fault.
    """
    if text.startswith("@"):
        return read_config_file(text[1:])
    stripped = text.strip()
    if not stripped.startswith(("{", "[")) and "=" in stripped:
        return dict(_read_pair(pair, flag) for pair in stripped.split(","))
    value = _read_json(text, flag)
    if not isinstance(value, dict):
        raise ConfigError(f"{flag} takes a JSON object, such as '{{\"key\": value}}'; found {text!r}")
    return value


def read_list(text: str, flag: str) -> list[Any]:
    """The list that a flag's value stands for, in JSON.

    Raises:
        ConfigError: it is none, with the place of the fault.
    """
    value = _read_json(text, flag)
    assert isinstance(value, list), "it opens with a bracket, so JSON makes a list of it or refuses it"
    return value


def _read_json(text: str, flag: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=each_once)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{flag}: not JSON at character {error.pos + 1}: {error.msg}\n  {_point_at(text, error.pos)}\n"
            f"write {flag} '{{\"key\": value}}', {flag} @file.json or {flag} key=value,key=value"
        ) from None


def _read_pair(pair: str, flag: str) -> tuple[str, Any]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"{flag}: {pair!r} is no key=value (a value that holds a comma needs the JSON form)")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value.strip()


def _merge(under: Any, over: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings of a file with those of a flag on top, key by key, data set by data set."""
    merged = dict(under) if isinstance(under, Mapping) else {}
    for name, value in over.items():
        merged[name] = _merge(merged[name], value) if isinstance(value, Mapping) and name in merged else value
    return merged


def _without(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The generation settings of a file, but for those that a flag sets under another name."""
    set_by_flag = {OTHER_NAMES.get(name, name) for name in over}
    return {
        name: value for name, value in under.items() if name in over or OTHER_NAMES.get(name, name) not in set_by_flag
    }


def _point_at(text: str, position: int) -> str:
    from wcwidth import wcswidth  # only a fault needs it

    start = max(0, position - 30)
    shown = "".join(sign if sign.isprintable() else " " for sign in text[start : position + 30])
    return f"{shown}\n  {' ' * wcswidth(shown[: position - start])}^"


def _epilog() -> str:
    lines = ["JSON values may also be written @file.json or key=value,key=value. Their keys:"]
    for name, part in JSON_FLAGS.items():
        lines.append(f"\n  --{name.replace('_', '-')}" + ("  {data set: {…}}" if name == "dataset_args" else ""))
        for key, field in part.model_fields.items():
            if key in part.known_keys():
                lines.append(f"    {key:<26}{field.description}")
    return "\n".join(lines)


def _with_dashes(word: str) -> str:
    if not word.startswith("--"):
        return word
    flag, equals, value = word.partition("=")
    return flag.replace("_", "-") + equals + value


def resume_command(prog: str, argv: Sequence[str], folder: Path) -> str:
    """The command that continues a run: the same, with --use-cache; keys and what may hold them are not printed."""
    kept: list[str] = []
    words = iter([_with_dashes(word) for word in argv])
    for word in words:
        flag, equals, value = word.partition("=")
        if flag in {"--run-name", "--use-cache"}:
            value = value if equals else next(words, "")
        elif flag in _MASKS:
            kept += [flag, _MASKS[flag](value if equals else next(words, ""))]
        else:
            kept.append(word)
    return shlex.join([*prog.split(), *kept, "--use-cache", str(folder)])


def _mask_key(key: str) -> str:
    return key if key == "EMPTY" else "YOUR_KEY"


def _mask_url(url: str) -> str:
    return re.sub(r"([?&][^=&]*=)[^&]*", r"\1…", re.sub(r"//[^/]*@", "//…@", url))


def _mask_settings(text: str) -> str:
    settings = {} if text.startswith("@") else read_mapping(text, "--generation-config")
    if not GenerationConfig.secret & settings.keys():
        return text
    masked = {name: {"…": "…"} if name in GenerationConfig.secret else value for name, value in settings.items()}
    return json.dumps(masked, ensure_ascii=False)


def _mask_judges(text: str) -> str:
    """The judges without keys; a list of them is as good as one."""
    flag = "--judge-model-args"
    if text.startswith("@"):
        return text
    several = read_list(text, flag) if text.lstrip().startswith("[") else [read_mapping(text, flag)]
    if not any("api_key" in judge or "api_url" in judge or "generation_config" in judge for judge in several):
        return text
    masked = [{name: _mask_judge_setting(name, value) for name, value in judge.items()} for judge in several]
    return json.dumps(masked if text.lstrip().startswith("[") else masked[0], ensure_ascii=False)


def _mask_judge_setting(name: str, value: Any) -> Any:
    if name == "api_key":
        return _mask_key(str(value))
    if name == "api_url":
        return _mask_url(str(value))
    if name == "generation_config" and isinstance(value, Mapping):
        return {key: {"…": "…"} if key in GenerationConfig.secret else inner for key, inner in value.items()}
    return value


_MASKS: Mapping[str, Callable[[str], str]] = {
    "--api-key": _mask_key,
    "--api-url": _mask_url,
    "--generation-config": _mask_settings,
    "--judge-model-args": _mask_judges,
}
