"""evalscope download: data sets and models for a machine without a network, in one folder."""

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalscope.arguments import Parser, add_settings, read_settings
from evalscope.errors import ConfigError, EvalscopeError
from evalscope.reports.table import print_text

if TYPE_CHECKING:
    from evalscope.config import TaskConfig
    from evalscope.sources.filling import Filling, ModelWish
    from evalscope.sources.manifest import Entry

SETTINGS = ("datasets", "dataset_args", "dataset_hub", "model_args", "quiet", "debug")

Job = tuple[str, Callable[["Filling"], "Entry"]]


def main(argv: Sequence[str]) -> int:
    """Fills a folder or zip, and says how a run uses it; 2 where something could not be fetched."""
    parser = Parser(
        prog="evalscope download",
        description="Fetch all that a run without a network needs into one folder or zip: the files of the splits "
        "that are asked, and models with weights of one format. Sums are compared with those of the hub; a manifest "
        "names ids, revisions and sums. Run it again to fetch what is new or was broken off.",
        allow_abbrev=False,
    )
    add_settings(parser, SETTINGS)
    parser.add_argument("--model", nargs="+", action="extend", default=[], metavar="ID", help="models or adapters")
    parser.add_argument("--to", metavar="DIR", help="folder to fill, or a file ending in .zip (needed)")
    if {"-h", "--help"} & set(argv):
        parser.print_help()
        return 0
    written = {name: value for name, value in vars(parser.read(argv)).items() if value is not None}
    models, to = written.pop("model"), written.pop("to", None)
    if to is None or not (models or written.get("datasets")):
        raise ConfigError("what and where to is needed: evalscope download --datasets gsm8k arc --to DIR")
    return _download(written, models, Path(to).expanduser())


def _download(written: Mapping[str, Any], models: Sequence[str], to: Path) -> int:
    from evalscope.config import load_task_config
    from evalscope.engine.console import Screen, logging_to
    from evalscope.sources.filling import filling_of

    config = load_task_config(read_settings(written))
    jobs = [*_dataset_jobs(config), *(_model_job(wish) for wish in _wishes(config, models))]
    num_failed = 0
    with (
        logging_to(Screen(), quiet=config.quiet, debug=config.debug),
        filling_of(to, shows_progress=not config.quiet) as filling,
    ):
        for name, fetch in jobs:
            try:
                entry = fetch(filling)
            except EvalscopeError as error:
                print_text(f"error: {error}", file=sys.stderr)
                num_failed += 1
                continue
            size = sum(file.size_bytes or 0 for file in entry.files)
            print_text(f"{name}: {entry.id} at {entry.revision[:12]}, {len(entry.files)} files, {size / 1e6:.1f} MB")
        if num_failed == len(jobs):
            return 2
    if models and to.suffix.casefold() == ".zip":
        print_text("unpack it where it is used: models are loaded from folders")
        to = to.with_suffix("")
    print_text(f"without a network:\n  {_eval_command(config, models, to)}")
    return 2 if num_failed else 0


def _dataset_jobs(config: "TaskConfig") -> Iterable[Job]:
    from evalscope.config import DatasetArgs
    from evalscope.engine.plan import find_benchmarks
    from evalscope.engine.wishes import args_by_benchmark, find_variant, with_own_settings

    if not config.datasets:
        return
    benchmarks = find_benchmarks(config)
    given = args_by_benchmark(config, [benchmark.name for benchmark in benchmarks])
    for benchmark in benchmarks:
        args = given.get(benchmark.name, DatasetArgs())
        if benchmark.source.generate is not None:
            print_text(f"{benchmark.name}: makes its questions itself; nothing to fetch")
            continue
        wanted = find_variant(with_own_settings(benchmark, args, config), args)
        yield (
            benchmark.name,
            lambda filling, wanted=wanted, args=args: filling.add_dataset(  # type: ignore[misc]
                wanted, args, config.dataset_hub
            ),
        )


def _wishes(config: "TaskConfig", models: Sequence[str]) -> Iterable["ModelWish"]:
    from evalscope.constants import HubType
    from evalscope.sources.filling import ModelWish

    args = config.model_args
    asked = [(name, args.revision) for name in models]
    asked += [(args.adapter, args.adapter_revision)] if args.adapter else []
    for name, revision in asked:
        yield ModelWish(
            id=name,
            hub=args.hub or HubType.MODELSCOPE,
            revision=revision,
            allows_pickles=args.use_safetensors is False,
        )


def _model_job(wish: "ModelWish") -> Job:
    return wish.id, lambda filling: filling.add_model(wish)


def _eval_command(config: "TaskConfig", models: Sequence[str], to: Path) -> str:
    words = ["evalscope", "eval", "--model", models[0] if models else "MODEL"]
    words += ["--datasets", *config.datasets] if config.datasets else ["--datasets", "NAME"]
    return shlex.join([*words, "--dataset-dir", str(to), "--offline"])
