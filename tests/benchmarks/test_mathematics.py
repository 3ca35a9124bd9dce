"""competition_math: read from every layout, and its own traps."""

import io
import json
import tarfile
from inspect import isawaitable

import pytest

from evalscope.errors import DatasetError
from evalscope.prompts.render import make_prompter
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import records_of
from tests.sources.source_builders import as_parquet, lay_out, load_from

LEVELS = ("Level 1", "Level 2")
TOPICS = {"Algebra": "algebra", "Geometry": "geometry", "Counting & Probability": "counting_and_probability"}


def one_file_each(records, folder="test"):
    return {
        f"{folder}/{TOPICS[record['type']]}/{number}.json": json.dumps(record).encode()
        for number, record in enumerate(records)
    }


def as_tar(files):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"MATH/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return written.getvalue()


def layouts(records):
    by_topic = {topic: [record for record in records if record["type"] == topic] for topic in TOPICS}
    yield {"test.jsonl": records}
    yield {"test-00000-of-00001.parquet": as_parquet(records)}
    yield one_file_each(records)
    yield one_file_each(records, "MATH/test")
    yield {"MATH.zip": one_file_each(records, "MATH/test")}
    yield {"MATH.tar.gz": as_tar(one_file_each(records))}
    yield {f"{TOPICS[topic]}/test-00000-of-00001.parquet": as_parquet(rows) for topic, rows in by_topic.items()}
    yield {f"{TOPICS[topic]}/test.jsonl": rows for topic, rows in by_topic.items()}
    yield {"data/competition_math/test.jsonl.gz": records}


def asked_from(folder, **args):
    benchmark = find_benchmark("competition_math")
    loaded = load_from(folder, benchmark, **{"subset_list": list(LEVELS), **args})
    found = []
    for subset in loaded.subsets:
        ask = make_prompter(benchmark, subset.examples)
        found += [(s.subset, s.category, ask(s)[0].content, s.targets) for s in subset.samples]
    return loaded, sorted(found)


def test_every_layout_gives_the_same_prompts_and_targets(tmp_path):
    records = list(records_of("competition_math"))
    seen = [asked_from(lay_out(tmp_path / str(n), files))[1] for n, files in enumerate(layouts(records))]
    assert [(level, topic) for level, topic, _, _ in seen[0]] == [
        ("Level 1", "Counting & Probability"),
        ("Level 1", "Geometry"),
        ("Level 2", "Algebra"),
    ]
    assert all(asked == seen[0] for asked in seen)


def test_a_row_without_a_level_belongs_to_no_subset(tmp_path):
    records = list(records_of("competition_math"))
    lay_out(tmp_path, {"test.jsonl": [*records, {**records[0], "level": "Level ?"}]})
    assert [subset.num for subset in asked_from(tmp_path)[0].subsets] == [2, 1]


def test_without_a_train_split_it_is_asked_with_no_examples_and_says_so(tmp_path):
    lay_out(tmp_path, {"test.jsonl": list(records_of("competition_math"))})
    loaded, asked = asked_from(tmp_path)
    assert loaded.few_shot_num == 0
    assert "asked with 0 examples instead of 4" in loaded.notes[0]
    assert asked[0][2].count("Problem:") == 1


def test_examples_reason_and_come_from_the_same_level(tmp_path):
    records = list(records_of("competition_math"))
    train = [
        {
            **records[0],
            "problem": f"{level} {n}?",
            "level": level,
            "solution": f"Because of {n}, it is $\\boxed{{{n}}}$.",
        }
        for level in LEVELS
        for n in range(5)
    ]
    lay_out(tmp_path, {"test.jsonl": records, **one_file_each(train, "train")})
    loaded, asked = asked_from(tmp_path)
    assert loaded.few_shot_num == 4
    for level, _, prompt, _ in asked:
        assert prompt.count(f"Problem: {level} ") == 4
        assert prompt.count("Because of") == 4


@pytest.mark.parametrize(
    ("solution", "targets"),
    [
        (r"It is $\boxed{5}$.", ("5",)),
        (r"It is $\boxed{\text{(A)}}$.", (r"\text{(A)}",)),
        (r"Two are $\boxed{3}$. Together it is $\boxed{5}$.", ("5",)),
        (r"So $x$ is $\boxed{-2}$ and $\boxed{1}$.", ("-2, 1", "1")),
        (r"So $\boxed{5}$. Another way: $2 + 3 = \boxed{5}$", ("5",)),
        (r"It is $\boxed{\{1, \frac{1}{2}\}}.$", (r"\{1, \frac{1}{2}\}",)),
        (r"It is $\boxed 7$.", ("7",)),
    ],
    ids=["one", "text", "an earlier box", "two side by side", "twice the same", "braces", "without braces"],
)
def test_the_target_is_what_the_last_box_holds(solution, targets):
    record = {**records_of("competition_math")[0], "solution": solution}
    assert find_benchmark("competition_math").to_sample(record).targets == targets


def test_a_solution_without_a_box_is_refused(tmp_path):
    record = {**records_of("competition_math")[0], "solution": "It is 5."}
    lay_out(tmp_path, {"test.jsonl": [record]})
    with pytest.raises(DatasetError, match=r"test\.jsonl:1: the solution has no \\boxed"):
        asked_from(tmp_path, subset_list=["Level 1"])


@pytest.mark.parametrize(
    ("reply", "is_right"),
    [(r"… $\boxed{6}$.", True), ("Final Answer: The final answer is $6$. I hope it is correct.", True),
     (r"… $\boxed{\frac{12}{2}}$", True), ("It is 6 or 7.", False), (r"$\boxed{8}$", False)],
    ids=["box", "marked", "fraction", "rambling", "wrong"],
)  # fmt: skip
async def test_a_reply_is_read_and_compared(reply, is_right):
    benchmark = find_benchmark("competition_math")
    sample = benchmark.to_sample(records_of("competition_math")[0])
    score = benchmark.scorer(benchmark.extract(reply, sample), sample)
    score = await score if isawaitable(score) else score
    assert score.values == {"acc": float(is_right)}
