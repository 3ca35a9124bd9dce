"""Asking a hub of ours with the real clients, each time in a process of its own: they read the environment once."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalscope.constants import HubType
from tests.commands import DEMO_CHECKPOINT, environment
from tests.own_data import sums, write_jsonl

IDS = {HubType.MODELSCOPE: "AI-ModelScope/gsm8k", HubType.HUGGINGFACE: "openai/gsm8k"}
MODEL = "our/demo"
NUM = 40

README = """---
configs:
- config_name: main
  data_files:
  - {split: test, path: main/test.jsonl}
  - {split: train, path: main/train.jsonl}
- config_name: socratic
  data_files: socratic/test.jsonl
---
"""

PROGRAM = """
import json, logging, sys
from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.errors import EvalscopeError
from evalscope.registry import find_benchmark
from evalscope.sources.load import load
from evalscope.sources.models import fetch_model
from evalscope.sources.supply import Supply
what, hub, is_offline, settings = sys.argv[1], HubType(sys.argv[2]), sys.argv[3] == "offline", json.loads(sys.argv[4])
logging.basicConfig(level=logging.INFO if settings.pop("verbose", False) else logging.ERROR)
supply = Supply(hub=hub, is_offline=is_offline)
try:
    if what == "dataset":
        loaded = load(find_benchmark("gsm8k"), DatasetArgs(**settings), supply=supply, limit=None, seed=1)
        found = {"origin": dict(loaded.origin), "num": loaded.subsets[0].num, "files": loaded.subsets[0].files,
                 "few_shot_num": loaded.few_shot_num, "first": next(iter(loaded.subsets[0].samples)).question}
    else:
        taken = fetch_model("our/demo", settings.get("revision"), hub, supply=supply,
                            allows_pickles=settings.get("allows_pickles", False))
        found = {"folder": str(taken.folder), "revision": taken.revision}
    print(json.dumps(found))
except EvalscopeError as error:
    print(json.dumps({"error": str(error), "kind": type(error).__name__}))
"""


@dataclass(frozen=True)
class Asked:
    """What came of it: what the program found, and what it wrote to standard error."""

    found: dict
    noise: str

    @property
    def error(self) -> str:
        """The message, where it failed."""
        assert "error" in self.found, self.found
        return self.found["error"]


def ask(what: str, hub: HubType, home: Path, url: str, *flags: str, settings=None, **extra: str) -> Asked:
    """Loads gsm8k or fetches the demo checkpoint, by id, as a user with this home would."""
    done = subprocess.run(
        command(what, hub, *flags, settings=settings),
        env=variables(home, url, **extra),
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return Asked(json.loads(done.stdout), done.stderr)


def command(what: str, hub: HubType, *flags: str, settings=None) -> Sequence[str]:
    """The program's words."""
    return [sys.executable, "-c", PROGRAM, what, hub, *(flags or ("online",)), json.dumps(settings or {})]


def variables(home: Path, url: str, **extra: str) -> dict[str, str]:
    """The environment of a user whose home is this, and whose hubs are both at this address."""
    unwanted = ("MODELSCOPE_", "HF_", "XDG_CACHE_HOME", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    kept = {name: value for name, value in environment().items() if not name.startswith(unwanted)}
    return {**kept, "HOME": str(home), "MODELSCOPE_ENDPOINT": url, "HF_ENDPOINT": url, **extra}


def write_repository(folder: Path) -> Path:
    """A data set as hubs hold it, with files that a run has no use for, and a script that must never run."""
    write_jsonl(folder / "main" / "test.jsonl", sums(NUM, first=100))
    write_jsonl(folder / "main" / "train.jsonl", sums(8))
    write_jsonl(folder / "socratic" / "test.jsonl", sums(3))
    (folder / "README.md").write_text(README)
    (folder / "gsm8k.py").write_text("import pathlib\n(pathlib.Path.home() / 'script_was_run').touch()\n")
    return folder


def write_model(folder: Path) -> Path:
    """The demo checkpoint as hubs hold models: the same weights in further formats, and other things."""
    folder.mkdir(parents=True)
    for file in DEMO_CHECKPOINT.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    for name in ("pytorch_model.bin", "onnx/model.onnx", "consolidated.safetensors", "tf_model.h5", "figure.png"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x" * 2000)
    return folder
