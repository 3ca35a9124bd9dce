"""All of mmlu, mmlu_pro, ceval and cmmlu: counts, layouts, verdicts. Needs EVALSCOPE_TEST_DATA."""

import json
import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

from evalscope.core.sample import LETTERS
from evalscope.errors import DatasetError
from evalscope.registry import find_benchmark
from evalscope.sources.records import RecordFile, read_records
from tests.benchmarks.exam_layouts import Exam, Question, layouts_of
from tests.benchmarks.test_exams import SPLITS, TOTALS, asked_from
from tests.commands import shell
from tests.servers.running import running_stub
from tests.sources.source_builders import lay_out, load_from

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)

# subjects whose questions have spaces at their ends, several lines, repeated choices, or three to ten choices
SUBJECTS = {
    "mmlu": ("college_mathematics", "professional_law", "high_school_computer_science"),
    "mmlu_pro": ("computer science", "law"),
    "ceval": ("college_programming", "high_school_biology"),
    "cmmlu": ("anatomy", "elementary_information_and_technology", "chinese_food_culture"),
}
LAYOUTS = [(name, layout) for name in SPLITS for layout in layouts_of(name, {"x": {"y": []}, "dev": {"y": []}})]
SHARES = ("--p-correct", "0.7", "--share-empty", "0.03", "--share-rambling", "0.05", "--share-cut-off", "0.04")
OUTCOME = {"correct": "correct", "wrong": "wrong", "empty": "unparsed", "rambling": "unparsed", "cut_off": "cut_off"}


@pytest.mark.parametrize("name", SPLITS)
def test_it_is_whole_and_every_target_names_a_choice(name):
    loaded = load_from(DATA / name, find_benchmark(name))
    assert loaded.notes == ()
    assert loaded.few_shot_num == 5
    samples = [sample for subset in loaded.subsets for sample in subset.samples]
    assert (len(loaded.subsets), len(samples)) == TOTALS[name]
    assert all(sample.target in sample.letters and len(sample.target) == 1 for sample in samples)
    assert {len(sample.choices) for sample in samples} == (set(range(3, 11)) if name == "mmlu_pro" else {4})


def test_every_example_of_mmlu_pro_reasons_to_its_target():
    loaded = load_from(DATA / "mmlu_pro", find_benchmark("mmlu_pro"))
    examples = [example for subset in loaded.subsets for example in subset.examples]
    assert len(examples) == 70
    assert all(len(example.metadata["reasoning"]) > 40 for example in examples)
    assert not [example for example in examples if "A: Let" in example.metadata["reasoning"]]
    assert not [example for example in examples if "The answer is (" in example.metadata["reasoning"]]


def test_the_test_split_of_ceval_has_no_answers():
    with pytest.raises(DatasetError, match="no answers published"):
        load_from(DATA / "ceval", find_benchmark("ceval"), eval_split="test")


@pytest.mark.parametrize(("name", "layout"), LAYOUTS, ids=[": ".join(one) for one in LAYOUTS])
def test_every_layout_is_asked_like_the_real_files(name, layout, tmp_path):
    subjects = list(SUBJECTS[name])
    real = asked_from(DATA / name, name, subset_list=subjects)
    folder = lay_out(tmp_path, layouts_of(name, real_exam(name))[layout])
    assert asked_from(folder, name, subset_list=subjects) == real


def real_exam(name: str) -> Exam:
    return {
        split: {subject: list(questions(name, split, subject)) for subject in SUBJECTS[name]} for split in SPLITS[name]
    }


def questions(name: str, split: str, subject: str) -> Iterator[Question]:
    """The real records of a subject, read without the benchmark."""
    file = {
        "mmlu": f"data/{split}/{subject}_{split}.csv",
        "mmlu_pro": f"{split}.jsonl",
        "ceval": f"{split}/{subject}_{split}.csv",
        "cmmlu": f"{split}/{subject}.csv",
    }[name]
    columns = ("question", "A", "B", "C", "D", "answer") if name == "mmlu" else None
    for record, _ in read_records(RecordFile(DATA / name / file), columns):
        if record.get("category", subject) == subject:
            cells = {key.casefold(): cell for key, cell in record.items()}
            yield Question(
                subject=subject,
                text=cells["question"],
                choices=cells.get("options") or [cells[letter] for letter in "abcd"],
                letter=cells["answer"],
                id=next((int(cells[column]) for column in ("question_id", "id") if column in cells), None),
                reasoning=cells.get("cot_content", ""),
            )


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict]:
    """The run's folder, the server's own verdicts, and the printed reports."""
    cwd = tmp_path_factory.mktemp("exams")
    (cwd / "mcq.jsonl").write_text("".join(mcq_lines()), encoding="utf-8")
    verdicts = cwd / "verdicts.jsonl"
    args = json.dumps({name: {"local_path": str(DATA / name)} for name in SPLITS})
    with running_stub("--mcq", str(cwd / "mcq.jsonl"), "--log-verdicts", str(verdicts), *SHARES) as stub:
        done = shell(
            f"evalscope eval --model stub --api-url {stub.url} --datasets {' '.join(SPLITS)} --dataset-args '{args}' "
            "--output-format json",
            cwd,
        )
    assert done.returncode == 0, done.stderr
    return (cwd / "outputs" / "latest").resolve(), verdicts, json.loads(done.stdout)


def mcq_lines() -> Iterator[str]:
    """Every question that is asked, for the server."""
    for name in SPLITS:
        for subject in find_benchmark(name).source.subsets:
            for one in asked(name, subject):
                choices, place = [choice.strip() for choice in one.choices], LETTERS.index(one.letter)
                yield json.dumps({"question": one.text.strip(), "choices": choices, "answer": place}) + "\n"


@pytest.mark.parametrize("name", SPLITS)
def test_every_sample_is_found_to_be_what_the_server_gave(name, reviewed):
    """The server names the letter it said; whether that is right, the data's files say.

    Its own verdict is not asked there, for it may take a question for another one that begins alike.
    """
    root, verdicts, printed = reviewed
    said = {row["prompt"]: row for row in rows_of(verdicts)}
    strange, num = [], 0
    for subject in find_benchmark(name).source.subsets:
        file = f"stub/{name}_{subject}.jsonl"
        letters = {
            str(one.id if one.id is not None else row): one.letter for row, one in enumerate(asked(name, subject))
        }
        prompts = {row["sample_id"]: digest(row["messages"]) for row in rows_of(root / "predictions" / file)}
        for row in rows_of(root / "reviews" / file):
            answer, num = said[prompts[row["sample_id"]]], num + 1
            verdict, letter = answer["verdict"], letters[row["sample_id"]]
            if verdict in ("correct", "wrong"):
                verdict = "correct" if answer["answer"] == letter else "wrong"
            if (row["outcome"], row["target"]) != (OUTCOME[verdict], letter):
                strange.append((row, answer))
    assert num == TOTALS[name][1] == printed[name]["num"]
    assert not strange


def asked(name: str, subject: str) -> Iterator[Question]:
    return questions(name, SPLITS[name][0], subject)


def digest(messages: list[dict]) -> str:
    """What the server calls a prompt."""
    (message,) = messages
    return blake2b(message["content"].encode(), digest_size=8).hexdigest()


def rows_of(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from map(json.loads, lines)
