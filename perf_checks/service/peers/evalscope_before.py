"""The framework of our name as it was before us."""

import json
from collections.abc import Sequence
from pathlib import Path

from perf_checks.service.ours import SLOTS
from perf_checks.service.peers.peer import MODEL, NUM_EXAMPLES, Peer


def _arguments(url: str, questions: Path, folder: Path) -> Sequence[str]:
    """Its gsm8k reads the very files that ours does."""
    settings = {"gsm8k": {"local_path": str(questions), "few_shot_num": NUM_EXAMPLES}}
    words = ["eval", "--model", MODEL, "--eval-type", "service", "--api-url", f"{url}/chat/completions"]
    words += ["--api-key", "none", "--datasets", "gsm8k", "--eval-batch-size", str(SLOTS)]
    return [*words, "--dataset-args", json.dumps(settings), "--work-dir", str(folder / "outputs")]


EVALSCOPE = Peer(
    package="evalscope",
    # without the pin of torch two gigabytes of CUDA come along
    requirements=("evalscope==0.17.1", "torch==2.13.0"),
    program="evalscope",
    arguments=_arguments,
)
