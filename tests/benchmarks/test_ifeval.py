"""ifeval: records in both forms, the reply as it stands, and a whole run."""

import asyncio

import pytest

from evalscope import TaskConfig, run_task
from evalscope.errors import DatasetError
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import records_of
from tests.own_data import write_jsonl
from tests.run_content import rows_of
from tests.servers.scripted import choosing, completion
from tests.sources.source_builders import as_parquet, lay_out, load_from

REPLIES = {
    "walk": "I walk along the river past the mill and under two old bridges until it meets the sea and then I turn "
    "and home again.",
    "birds": "Here they are:\n* gull\n* tern\n* plover",
    "bread": "**Hefe** lässt den Teig gehen, denn die Hefe verwandelt Zucker in Gas.",
}


def reply_to(question):
    return next(reply for word, reply in REPLIES.items() if word in question)


async def evaluated(tmp_path, records, reply=reply_to):
    data = write_jsonl(tmp_path / "data" / "input_data.jsonl", records).parent
    async with choosing(lambda method, body: completion(reply(body["messages"][-1]["content"]))) as server:
        config = TaskConfig(
            model="m",
            api_url=server.url,
            datasets=["ifeval"],
            dataset_args={"ifeval": {"local_path": str(data)}},
            work_dir=str(tmp_path / "out"),
            quiet=True,
        )
        report = (await asyncio.to_thread(run_task, config))["ifeval"]
    (path,) = (tmp_path / "out").glob("2*/reviews/m/*.jsonl")
    return report, rows_of(path)


async def test_prompts_and_instructions_have_their_own_numbers(tmp_path):
    replies = {**REPLIES, "birds": REPLIES["birds"].replace("\n* plover", "")}
    replies["walk"] = replies["walk"].replace("river past", "river, past")
    report, rows = await evaluated(
        tmp_path, records_of("ifeval"), lambda asked: next(text for word, text in replies.items() if word in asked)
    )
    scores = {row.metric: (row.score, row.num, row.num_groups) for row in report.rows}
    assert scores == {
        "prompt_strict": (pytest.approx(1 / 3), 3, 0),
        "instruction_strict": (pytest.approx(4 / 6), 6, 3),
        "prompt_loose": (pytest.approx(1 / 3), 3, 0),
        "instruction_loose": (pytest.approx(4 / 6), 6, 3),
    }
    assert (report.score, report.num) == (pytest.approx(1 / 3), 3)
    assert [row["scores"]["num_instructions"] for row in rows] == [3, 1, 2]
    assert rows[0]["explanation"].split("\n")[1] == "not followed: punctuation:no_comma"


async def test_an_unknown_instruction_is_a_failed_sample_and_no_zero(tmp_path):
    first, *others = records_of("ifeval")
    strange = {**first, "instruction_id_list": [*first["instruction_id_list"][:2], "startend:end_cheker"]}
    report, rows = await evaluated(tmp_path, [strange, *others])
    assert report.outcomes == {"correct": 2, "scoring_failed": 1}
    assert "'startend:end_cheker' is unknown" in rows[0]["error"]
    assert [(row.num, row.failed) for row in report.rows] == [(2, 1), (3, 1), (2, 1), (3, 1)]


async def test_an_empty_reply_follows_nothing(tmp_path):
    report, _ = await evaluated(tmp_path, records_of("ifeval"), lambda asked: "\n")
    assert (report.outcomes, {row.score for row in report.rows}) == ({"unparsed": 3}, {0.0})


def test_what_the_hub_fills_with_null_is_left_out(tmp_path):
    records = [{**record, "key": record["key"]} for record in records_of("ifeval")]
    names = dict.fromkeys(name for record in records for one in record["kwargs"] for name in one)
    filled = [
        {**record, "kwargs": [{name: one.get(name) for name in names} for one in record["kwargs"]]}
        for record in records
    ]
    layouts = [
        {"input_data.jsonl": records},
        {"ifeval_input_data.jsonl": filled},
        {"data/train-00000-of-00001.parquet": as_parquet(filled)},
    ]
    seen = [
        [
            (sample.id, sample.input, sample.target, sample.metadata["instructions"])
            for sample in load_from(lay_out(tmp_path / str(place), files), find_benchmark("ifeval")).subsets[0].samples
        ]
        for place, files in enumerate(layouts)
    ]
    assert seen[0][1] == (
        "2",
        records[1]["prompt"],
        ('detectable_format:number_bullet_lists {"num_bullets": 3}',),
        (("detectable_format:number_bullet_lists", {"num_bullets": 3}),),
    )
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("change", [{"kwargs": []}, {"instruction_id_list": [], "kwargs": []}], ids=["kwargs", "none"])
def test_a_record_whose_instructions_are_not_described_is_refused(tmp_path, change):
    write_jsonl(tmp_path / "data" / "input_data.jsonl", [{**records_of("ifeval")[0], **change}])
    with pytest.raises(DatasetError, match=r"input_data\.jsonl.*instructions, and kwargs describe 0"):
        load_from(tmp_path / "data", find_benchmark("ifeval"))


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("a\n", "a\n"), (" a ", " a "), ("\n\na", "a"), (" \n\t", None), ("", None)],
    ids=repr,
)
def test_the_reply_is_checked_as_it_stands(reply, answer):
    assert find_benchmark("ifeval").extract(reply, None) == answer


async def test_what_looks_like_another_turn_belongs_to_the_reply(tmp_path):
    replies = {**REPLIES, "walk": REPLIES["walk"] + "\nUser: and then, where?"}
    _, rows = await evaluated(
        tmp_path, records_of("ifeval"), lambda asked: next(text for word, text in replies.items() if word in asked)
    )
    assert "followed loosely: punctuation:no_comma" in rows[0]["explanation"].split("\n")
