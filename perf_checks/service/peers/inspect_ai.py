"""The UK AI Security Institute's framework; the task that it is given stands in inspect_task.py."""

from collections.abc import Sequence
from pathlib import Path

from perf_checks.service.ours import SLOTS
from perf_checks.service.peers.peer import MODEL, NUM_EXAMPLES, Peer

TASK = Path(__file__).with_name("inspect_task.py")


def _arguments(url: str, questions: Path, folder: Path) -> Sequence[str]:
    """The task is named relatively, as it has to be; where it is copied to, no module has the framework's own name."""
    task = folder / TASK.name
    task.write_bytes(TASK.read_bytes())
    words = ["eval", task.name, "-T", f"train={questions / 'train.jsonl'}", "-T", f"test={questions / 'test.jsonl'}"]
    words += ["-T", f"num_examples={NUM_EXAMPLES}", "--model", f"openai-api/service/{MODEL}", "--model-base-url", url]
    return [*words, "--max-connections", str(SLOTS), "--display", "none"]


INSPECT_AI = Peer(
    package="inspect_ai",
    requirements=("inspect_ai", "openai"),
    program="inspect",
    arguments=_arguments,
    extra={"SERVICE_API_KEY": "none"},
)
