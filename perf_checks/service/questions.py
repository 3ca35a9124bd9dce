"""The folders of questions that are measured with: real ones where they are, made up ones of their shape elsewhere."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from evalscope.benchmarks.mmlu import BENCHMARK as MMLU
from tests.own_data import quizzes, sums, write_jsonl

NUM_GSM8K = 1319
NUM_OF_A_SUBJECT = 100  # of a made up one
NUM_EXAMPLES = 8
TO_PARQUET = """
import sys
from pyarrow import json, parquet
parquet.write_table(json.read_json(sys.argv[1]), sys.argv[2])
"""


def lay_out_gsm8k(folder: Path, given: Path | None) -> Path:
    """A folder with train.jsonl and test.jsonl: the given one's, the real ones or made up ones."""
    given = given or _real("gsm8k/main")
    if given is None:
        return lay_out_sums(folder, NUM_GSM8K)
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        shutil.copy(given / f"{split}.jsonl", folder)
    return folder


def lay_out_sums(folder: Path, num: int) -> Path:
    """A folder in the shape of gsm8k, written row by row: however many there are, they take no memory here."""
    write_jsonl(folder / "train.jsonl", sums(NUM_EXAMPLES))
    with (folder / "test.jsonl").open("w", encoding="utf-8") as file:
        for index in range(100, 100 + num):
            file.write(json.dumps(sums(1, first=index)[0]) + "\n")
    return folder


def as_parquet(folder: Path, jsonl: Path) -> Path:
    """The same rows in parquet, written by another process since pyarrow is large."""
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        rows, table = jsonl / f"{split}.jsonl", folder / f"{split}.parquet"
        subprocess.run([sys.executable, "-c", TO_PARQUET, rows, table], check=True)
    return folder


def lay_out_mmlu(folder: Path) -> Path:
    """A folder with the authors' csv files of all 57 subjects, real or made up."""
    if (real := _real("mmlu/data")) is not None:
        return real
    for subject in MMLU.source.subsets:
        for split, num in (("dev", 5), ("test", NUM_OF_A_SUBJECT)):
            path = folder / split / f"{subject}_{split}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                rows = quizzes(num, f"{subject} {split}")
                csv.writer(file).writerows([row["question"], *row["choices"]["text"], row["answerKey"]] for row in rows)
    return folder


def num_rows(file: Path) -> int:
    """Lines of a jsonl file."""
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _real(name: str) -> Path | None:
    root = os.environ.get("EVALSCOPE_TEST_DATA")
    return Path(root) / name if root else None
