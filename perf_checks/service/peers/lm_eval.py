"""EleutherAI's harness; its own gsm8k is read from a hub, so that the same task is described to it for local files."""

import json
from collections.abc import Sequence
from pathlib import Path

from perf_checks.service.ours import SLOTS
from perf_checks.service.peers.peer import MODEL, NUM_EXAMPLES, Peer

TASK = "gsm8k_local"


def _arguments(url: str, questions: Path, folder: Path) -> Sequence[str]:
    tasks = folder / "tasks"
    tasks.mkdir(exist_ok=True)
    (tasks / f"{TASK}.yaml").write_text(json.dumps(_task(questions)), encoding="utf-8")  # JSON is YAML too
    service = f"model={MODEL},base_url={url}/chat/completions,num_concurrent={SLOTS}"
    words = ["run", "--model", "local-chat-completions", "--model_args", service, "--apply_chat_template"]
    return [*words, "--tasks", TASK, "--include_path", str(tasks)]


def _task(questions: Path) -> dict[str, object]:
    return {
        "task": TASK,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {split: str(questions / f"{split}.jsonl") for split in ("train", "test")}},
        "fewshot_split": "train",
        "test_split": "test",
        "num_fewshot": NUM_EXAMPLES,
        "output_type": "generate_until",
        "doc_to_text": "Question: {{question}}\nAnswer:",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["Question:"], "do_sample": False},
        "filter_list": [
            {
                "name": "number",
                "filter": [
                    {"function": "regex", "regex_pattern": "#### (-?[0-9.,]+)"},
                    {"function": "take_first"},
                ],
            }
        ],
        "metric_list": [
            {
                "metric": "exact_match",
                "aggregation": "mean",
                "higher_is_better": True,
                "regexes_to_ignore": [",", "(?s).*#### "],
            }
        ],
    }


LM_EVAL = Peer(
    package="lm-eval",
    requirements=("lm-eval[api]",),
    program="lm-eval",
    arguments=_arguments,
    extra={"OPENAI_API_KEY": "none"},
)
