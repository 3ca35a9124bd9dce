"""Flags and their help, made from the fields of TaskConfig."""

import argparse
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from evalscope.config import DatasetArgs, GenerationConfig, ModelArgs, TaskConfig, load_task_config, read_config_file
from evalscope.config.part import Part
from evalscope.errors import ConfigError, nearest

JSON_FLAGS: Mapping[str, type[Part]] = {
    "model_args": ModelArgs,
    "generation_config": GenerationConfig,
    "dataset_args": DatasetArgs,
}
METAVARS = {
    "datasets": "NAME",
    "work_dir": "DIR",
    "use_cache": "DIR",
    "limit": "N",
    "api_url": "URL",
    "api_key": "KEY",
    "api_key_env": "VARIABLE",
    "timeout": "SECONDS",
    "run_name": "NAME",
}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are ConfigErrors with the nearest known flag."""

    def error(self, message: str) -> NoReturn:
        """Raises instead of exiting."""
        if message.startswith("unrecognized arguments: "):
            words = message.removeprefix("unrecognized arguments: ").split()
            flag = next((word for word in words if word.startswith("-")), words[0])
            message = f"{flag} is unknown; {nearest(flag, self._option_string_actions)}"
        raise ConfigError(f"{message} ('{self.prog} --help' lists all)")


def make_parser(prog: str) -> argparse.ArgumentParser:
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
    for name, field in TaskConfig.model_fields.items():
        flag = "--" + name.replace("_", "-")
        flags = [flag] if "_" not in name else [flag, "--" + name]
        text = (field.description or "").replace("%", "%%")
        if field.annotation is bool:
            parser.add_argument(*flags, dest=name, action=argparse.BooleanOptionalAction, default=None, help=text)
        elif name == "datasets":
            parser.add_argument(*flags, dest=name, nargs="+", action="extend", metavar="NAME", help=text)
        else:
            metavar = "JSON" if name in JSON_FLAGS else METAVARS.get(name, name.upper())
            parser.add_argument(*flags, dest=name, metavar=metavar, help=text)
    return parser


def parse_task(parser: argparse.ArgumentParser, argv: Sequence[str]) -> TaskConfig:
    """The task that a command line asks for.

    Raises:
        ConfigError: an unknown flag, or a value that is not what it should be.
    """
    written = {name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None}
    settings: dict[str, Any] = {}
    if path := written.pop("config", None):
        settings.update(read_config_file(path))
    for name, value in written.items():
        if name not in JSON_FLAGS:
            settings[name] = value
            continue
        parsed = read_mapping(value, "--" + name.replace("_", "-"))
        settings[name] = _merge(settings.get(name), parsed)
    return load_task_config(settings)


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
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{flag}: not JSON at character {error.pos + 1}: {error.msg}\n  {_point_at(text, error.pos)}\n"
            f"write {flag} '{{\"key\": value}}', {flag} @file.json or {flag} key=value,key=value"
        ) from None
    if not isinstance(value, dict):
        raise ConfigError(f"{flag} takes a JSON object, such as '{{\"key\": value}}'; found {text!r}")
    return value


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


def _point_at(text: str, position: int) -> str:
    start = max(0, position - 30)
    shown = text[start : position + 30].replace("\n", " ")
    return f"{shown}\n  {' ' * (position - start)}^"


def _epilog() -> str:
    lines = ["JSON values may also be written @file.json or key=value,key=value. Their keys:"]
    for name, part in JSON_FLAGS.items():
        lines.append(f"\n  --{name.replace('_', '-')}" + ("  {data set: {…}}" if name == "dataset_args" else ""))
        for key, field in part.model_fields.items():
            if key in part.known_keys():
                lines.append(f"    {key:<26}{field.description}")
    return "\n".join(lines)


def resume_command(prog: str, argv: Sequence[str], folder: Path) -> str:
    """The command that continues a run: the same, with --use-cache; a key is never printed."""
    kept: list[str] = []
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        option = name.replace("_", "-")
        if option in {"--run-name", "--use-cache", "--api-key"}:
            value = value if equals else next(words, "")
            if option == "--api-key":
                kept += ["--api-key", value if value == "EMPTY" else "YOUR_KEY"]
            continue
        kept.append(word)
    return shlex.join([*prog.split(), *kept, "--use-cache", str(folder)])
