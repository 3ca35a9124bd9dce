"""Where everything of one run lies."""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evalscope.errors import ConfigError

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their ending."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder, which exists.

    Attributes:
        root: the folder.
        is_new: whether this process made it.
    """

    root: Path
    is_new: bool

    @property
    def task_config(self) -> Path:
        """The task as run, with what it was run on."""
        return self.root / "configs" / "task_config.yaml"

    @property
    def log(self) -> Path:
        """The log."""
        return self.root / "logs" / "eval_log.log"

    @property
    def html_report(self) -> Path:
        """The page."""
        return self.root / "reports" / "report.html"

    def predictions(self, model: str, dataset: str, subset: str) -> Path:
        """What was asked and answered."""
        return self.root / "predictions" / file_name(model) / f"{file_name(f'{dataset}_{subset}')}.jsonl"

    def reviews(self, model: str, dataset: str, subset: str) -> Path:
        """Answers found and their scores."""
        return self.root / "reviews" / file_name(model) / f"{file_name(f'{dataset}_{subset}')}.jsonl"

    def judgements(self, judge: str, dataset: str, subset: str) -> Path:
        """What a judge was asked and replied."""
        return self.root / "judgements" / file_name(judge) / f"{file_name(f'{dataset}_{subset}')}.jsonl"

    def digests(self, dataset: str, subset: str) -> Path:
        """What stands for the records that were asked."""
        return self.root / "configs" / "records" / f"{file_name(f'{dataset}_{subset}')}.jsonl"

    def reports(self, model: str) -> Path:
        """The folder of one model's reports, one JSON file a data set and nothing else."""
        return self.root / "reports" / file_name(model)

    def all_reports(self) -> tuple[Path, ...]:
        """The folders of all models' reports."""
        return tuple(sorted(path for path in (self.root / "reports").glob("*") if path.is_dir()))

    def holds_answers(self) -> bool:
        """Whether anything dear lies here; rows that say why there is no answer are not dear."""
        for path in (self.root / "predictions").rglob("*.jsonl"):
            with path.open("rb") as rows:
                if any(b'"completion":' in row for row in rows):
                    return True
        return False

    def remove_if_worthless(self) -> None:
        """Takes a new folder that holds no answer away again; `latest` then points to the run before."""
        if not self.is_new or self.holds_answers():
            return
        shutil.rmtree(self.root, ignore_errors=True)
        link = self.root.parent / "latest"
        if link.is_symlink() and not link.exists():
            link.unlink()
            others = [path.parents[1] for path in self.root.parent.glob("*/configs/task_config.yaml")]
            if others:
                point_latest(RunFolder(max(others, key=lambda path: path.stat().st_mtime), is_new=False))


def make_run_folder(work_dir: Path, run_name: str | None, now: datetime) -> RunFolder:
    """A new folder under `work_dir`, named after the time or as the user says.

    Raises:
        ConfigError: a run of that name is there already, or the folder cannot be made.
    """
    work_dir = work_dir.expanduser()
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
        if run_name:
            (work_dir / run_name).mkdir()
            return RunFolder((work_dir / run_name).resolve(), is_new=True)
        return RunFolder(_make_timed(work_dir, now).resolve(), is_new=True)
    except OSError as error:
        if run_name and (work_dir / run_name).exists():
            raise ConfigError(
                f"a run named {run_name!r} is already in {work_dir}; "
                f"continue it with --use-cache {work_dir / run_name}, or choose another --run-name"
            ) from None
        raise ConfigError(
            f"no run folder can be made in {work_dir}: {error.strerror}; choose another --work-dir"
        ) from None


def open_run_folder(path: Path) -> RunFolder:
    """The folder of an earlier run.

    Raises:
        ConfigError: there is none.
    """
    root = path.expanduser().resolve()
    if not (root / "configs" / "task_config.yaml").is_file():
        found = "is not a folder of a run (no configs/task_config.yaml in it)" if root.is_dir() else "does not exist"
        raise ConfigError(f"{path} {found}; the folder of an earlier run is needed")
    return RunFolder(root, is_new=False)


def point_latest(folder: RunFolder) -> None:
    """Lets `latest` beside the run point to it; where links are not allowed, nothing happens."""
    link = folder.root.parent / "latest"
    if link.exists() and not link.is_symlink():
        return  # a file or folder of the user's own
    fresh = link.with_name(f".latest.{os.getpid()}")
    try:
        fresh.symlink_to(folder.root.name, target_is_directory=True)
        fresh.replace(link)
    except OSError:
        fresh.unlink(missing_ok=True)


def file_name(name: str) -> str:
    """A name that every file system takes; names that had to be changed keep apart by a digest."""
    safe = re.sub(r'[/\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]', "_", name)
    if not safe.strip(". ") or _DEVICE.match(safe):
        safe = f"_{safe}"
    content = name.encode("utf-8", "surrogatepass")
    is_same = safe == name == name.rstrip(". ") and len(content) <= 120
    return safe if is_same else f"{safe[:40]}-{hashlib.blake2b(content, digest_size=4).hexdigest()}"


def _make_timed(work_dir: Path, now: datetime) -> Path:
    stamp = now.strftime("%Y%m%d_%H%M%S")
    for count in range(1, 10_000):
        folder = work_dir / (stamp if count == 1 else f"{stamp}_{count}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise ConfigError(f"{work_dir} already holds ten thousand runs of this second; choose another --work-dir")
