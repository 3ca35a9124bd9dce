"""Examination questions laid out as hubs, authors and users have them."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalscope.core.sample import LETTERS

Files = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a subject, before it takes a layout's shape; the id where its data set gives one."""

    subject: str
    text: str
    choices: Sequence[str]
    letter: str
    id: int | None = None
    reasoning: str = ""


Exam = Mapping[str, Mapping[str, Sequence[Question]]]
"""Split → subject → questions."""


def layouts_of(name: str, exam: Exam) -> Mapping[str, Files]:
    """Every layout of a benchmark, by what it is called: file → records or bytes, as `lay_out` takes them."""
    return {"mmlu": _mmlu, "mmlu_pro": _mmlu_pro, "ceval": _ceval, "cmmlu": _cmmlu}[name](exam)


def _mmlu(exam: Exam) -> Mapping[str, Files]:
    def record(one: Question) -> dict[str, Any]:
        place = LETTERS.index(one.letter)
        return {"question": one.text, "subject": one.subject, "choices": list(one.choices), "answer": place}

    def row(one: Question) -> Sequence[str]:
        return (one.text, *one.choices, one.letter)

    hub = {f"{subject}/{split}": [record(one) for one in part] for split, subject, part in _parts(exam)}
    whole = {f"all/{split}": rows for split, rows in _by_split(exam, record).items()}
    csvs = {(split, subject): _csv(map(row, part)) for split, subject, part in _parts(exam)}
    header = ("question", "A", "B", "C", "D", "answer")
    return {
        "hub clone": {
            **_endings(hub | whole, "-00000-of-00001.parquet"),
            "auxiliary_train/train-00000-of-00001.parquet": hub[next(iter(hub))],
        },
        "hub clone, a config a subject as jsonl": _endings(hub, ".jsonl"),
        "hub clone, only the config of all": {
            "README.md": "---\nconfigs:\n- config_name: all\n  data_files:\n"
            + "".join(f"  - split: {split}\n    path: all/{split}-*\n" for split in exam)
            + "---\n",
            **_endings(whole, "-00000-of-00001.parquet"),
        },
        "two jsonl with a column of subjects": _endings(_by_split(exam, record), ".jsonl"),
        "flat csv": {f"{subject}_{split}.csv": text for (split, subject), text in csvs.items()},
        "csv in folders": {f"{split}/{subject}_{split}.csv": text for (split, subject), text in csvs.items()},
        "authors' archive, unpacked": {
            **{f"data/{split}/{subject}_{split}.csv": text for (split, subject), text in csvs.items()},
            "data/auxiliary_train/arc_easy.csv": b"which?,a,b,c,d,A\n",
            "data/README.txt": "questions",
        },
        "zip": {"mmlu.zip": {f"data/{split}/{subject}_{split}.csv": text for (split, subject), text in csvs.items()}},
        "csv with a header after all": {
            f"{subject}_{split}.csv": _csv([header, *map(row, part)]) for split, subject, part in _parts(exam)
        },
    }


def _mmlu_pro(exam: Exam) -> Mapping[str, Files]:
    def record(one: Question) -> dict[str, Any]:
        return {
            "question_id": one.id,
            "question": one.text,
            "options": list(one.choices),
            "answer": one.letter,
            "answer_index": LETTERS.index(one.letter),
            "cot_content": one.reasoning,
            "category": one.subject,
            "src": "own",
        }

    whole = _by_split(exam, record)
    parts = {f"{subject}/{split}": [record(one) for one in part] for split, subject, part in _parts(exam)}
    return {
        "hub clone": {
            "README.md": "---\nconfigs:\n- config_name: default\n  data_files:\n"
            + "".join(f"  - split: {split}\n    path: data/{split}-*\n" for split in exam)
            + "---\n",
            **{f"data/{split}-00000-of-00001.parquet": rows for split, rows in whole.items()},
        },
        "hub clone without its card": {f"data/{split}-00000-of-00001.parquet": rows for split, rows in whole.items()},
        "two jsonl": _endings(whole, ".jsonl"),
        "two json, compressed": _endings(whole, ".json.gz"),
        "zip": {"data.zip": _endings(whole, ".jsonl")},
        "a folder a category": _endings(parts, ".jsonl"),
    }


def _ceval(exam: Exam) -> Mapping[str, Files]:
    def record(one: Question) -> dict[str, Any]:
        choices = dict(zip("ABCD", one.choices, strict=True))
        return {"id": one.id, "question": one.text, **choices, "answer": one.letter, "explanation": ""}

    def text(split: str, part: Sequence[Question]) -> bytes:
        extra = ("",) if split == "dev" else ()  # only dev has explanations
        header = ("id", "question", "A", "B", "C", "D", "answer", *(("explanation",) if extra else ()))
        return _csv([header, *((str(one.id), one.text, *one.choices, one.letter, *extra) for one in part)])

    hub = {f"{subject}/{split}": [record(one) for one in part] for split, subject, part in _parts(exam)}
    csvs = {(split, subject): text(split, part) for split, subject, part in _parts(exam)}
    return {
        "hub clone": _endings(hub, "-00000-of-00001.parquet"),
        "hub clone as jsonl": _endings(hub, ".jsonl"),
        "flat csv": {f"{subject}_{split}.csv": cells for (split, subject), cells in csvs.items()},
        "csv in folders": {f"{split}/{subject}_{split}.csv": cells for (split, subject), cells in csvs.items()},
        "zip": {
            "ceval-exam.zip": {f"{split}/{subject}_{split}.csv": cells for (split, subject), cells in csvs.items()}
        },
        "zip, in data": {
            "data/ceval.zip": {f"ceval/{split}/{subject}_{split}.csv": x for (split, subject), x in csvs.items()}
        },
    }


def _cmmlu(exam: Exam) -> Mapping[str, Files]:
    def record(one: Question) -> dict[str, Any]:
        choices = [f"({letter}) {choice}" for letter, choice in zip("ABCD", one.choices, strict=True)]
        return {"question": one.text, "choices": choices, "answer": f"({one.letter})", "category": one.subject}

    def text(part: Sequence[Question]) -> bytes:
        rows = ((str(index), one.text, *one.choices, one.letter) for index, one in enumerate(part))
        return _csv([("", "Question", "A", "B", "C", "D", "Answer"), *rows])

    whole = _by_split(exam, record)
    hub = {f"{subject}/{split}": [record(one) for one in part] for split, subject, part in _parts(exam)}
    csvs = {f"{split}/{subject}.csv": text(part) for split, subject, part in _parts(exam)}
    return {
        "hub, one config": {f"data/{split}-00000-of-00001.parquet": rows for split, rows in whole.items()},
        "hub, one config as jsonl": _endings(whole, ".jsonl"),
        "hub, a config a subject": _endings(hub, "-00000-of-00001.parquet"),
        "authors' csv": csvs,
        "authors' clone": {f"data/{name}": cells for name, cells in csvs.items()},
        "zip": {"cmmlu_v1_0_1.zip": csvs},
    }


def _parts(exam: Exam) -> Iterator[tuple[str, str, Sequence[Question]]]:
    return ((split, subject, part) for split, subjects in exam.items() for subject, part in subjects.items())


def _by_split(exam: Exam, record) -> dict[str, list[dict[str, Any]]]:
    """All subjects in one list, their questions mixed as far as each subject's own order allows."""
    return {
        split: [
            record(part[place])
            for place in range(max(map(len, subjects.values())))
            for part in subjects.values()
            if place < len(part)
        ]
        for split, subjects in exam.items()
    }


def _endings(files: Files, ending: str) -> dict[str, Any]:
    return {f"{name}{ending}": rows for name, rows in files.items()}


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
