"""Small benchmarks and files of our own making, shared by the tests of this folder."""

import gzip
import io
import json
import zipfile
from pathlib import Path

from evalscope.config import DatasetArgs
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.sources.load import Loaded, load
from evalscope.sources.supply import Supply

SUMS = tuple({"question": f"What is {n} plus {n}?", "answer": f"Twice {n}.\n#### {2 * n}"} for n in range(1, 8))
MORE_SUMS = tuple({"question": f"What is {n} plus one?", "answer": f"Count.\n#### {n + 1}"} for n in range(20, 32))
EASY = tuple(
    {
        "id": f"easy-{n}",
        "question": f"Which of these is {n}?",
        "choices": {"text": [str(n + step) for step in range(4)], "label": list("ABCD")},
        "answerKey": "A",
    }
    for n in range(5)
)
HARD = tuple({**record, "id": f"hard-{n}", "answerKey": "C"} for n, record in enumerate(EASY[:3]))


def sum_sample(record: Record) -> Sample:
    reasoning, mark, target = record["answer"].rpartition("####")
    if not mark:
        raise ValueError("the answer has no ####")
    return Sample(input=record["question"], target=target.strip(), metadata={"reasoning": reasoning.strip()})


def quiz_sample(record: Record) -> Sample:
    place = record["choices"]["label"].index(record["answerKey"])
    return Sample(
        id=record["id"], input=record["question"], choices=tuple(record["choices"]["text"]), target=LETTERS[place]
    )


def benchmark(name, source, to_sample, few_shot=None) -> Benchmark:
    return Benchmark(
        name=name,
        about="made for tests",
        source=source,
        to_sample=to_sample,
        prompt=Template("{question}"),
        solver=None,
        extract=None,
        scorer=None,
        metrics=(),
        few_shot=few_shot,
    )


def sums(num_shots=2, **changes) -> Benchmark:
    """One subset, with a split for examples, like gsm8k."""
    source = Source(**{"id": "nobody/sums", "subsets": ("main",), "few_shot_split": "train", **changes})
    return benchmark("sums", source, sum_sample, FewShot(num=num_shots, answer=lambda sample: sample.target))


def quiz(**changes) -> Benchmark:
    """Two subsets whose records bring ids, like arc."""
    named = {"id": "nobody/quiz", "subsets": ("Quiz-Easy", "Quiz-Hard"), "has_ids": True}
    source = Source(**{**named, "patterns": ("{subset}/{subset}-{Split}",), **changes})
    return benchmark("quiz", source, quiz_sample)


def load_from(path: Path, bench: Benchmark | None = None, *, limit=None, seed=42, **args) -> Loaded:
    """What a benchmark (sums unless said) loads from a path."""
    settings = DatasetArgs(local_path=path, **args)
    return load(bench or sums(), settings, supply=Supply(), limit=limit, seed=seed)


def as_jsonl(records) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def as_parquet(records) -> bytes:
    import pyarrow
    import pyarrow.parquet

    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(records)), written, row_group_size=2)
    return written.getvalue()


def as_csv(records, delimiter=",") -> bytes:
    import csv

    written = io.StringIO(newline="")
    rows = csv.DictWriter(written, fieldnames=list(records[0]), delimiter=delimiter)
    rows.writeheader()
    rows.writerows(records)
    return written.getvalue().encode()


def as_bytes(name: str, records) -> bytes:
    """The records as a file of that name holds them."""
    if name.endswith(".gz"):
        return gzip.compress(as_bytes(name.removesuffix(".gz"), records))
    ending = name.rpartition(".")[2]
    if ending == "json":
        return json.dumps(list(records)).encode()
    if ending == "tsv":
        return as_csv(records, "\t")
    return {"jsonl": as_jsonl, "parquet": as_parquet, "csv": as_csv}[ending](records)


def lay_out(folder: Path, files) -> Path:
    """Writes files: name → records, or bytes, or text; a name such as "a.zip" maps to names of its own."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, inside in content.items():
                    archive.writestr(member, _content(member, inside))
        else:
            path.write_bytes(_content(name, content))
    return folder


def _content(name: str, content) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else as_bytes(name, content)
