"""The stub server: what it answers, and what it says about its answers."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.models.service import Service
from tests.servers.answers import CUT_OFF, RAMBLING
from tests.servers.known import LETTERS
from tests.servers.running import Stub, running_stub

NO_SETTINGS = Generation()

OLD = {
    "id": "old",
    "question": {
        "stem": "Which is a planet?",
        "choices": [{"text": "Moon", "label": "1"}, {"text": "Mars", "label": "2"}],
    },
    "answerKey": "2",
}
NEW = {
    "id": "new",
    "question": "Which is a star?",
    "choices": {"text": ["Sun", "Mars", "Moon"], "label": ["A", "B", "C"]},
    "answerKey": "A",
}
TWIN = {
    "id": "twin",
    "question": "Which is a star?",
    "choices": {"text": ["Venus", "Earth", "Vega"], "label": ["A", "B", "C"]},
    "answerKey": "C",
}


def write_rows(path: Path, rows: Sequence[dict]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


async def answers(stub: Stub, prompts: Sequence[str], config: Generation = NO_SETTINGS, **settings) -> list:
    service = Service(
        model="mock",
        name="mock",
        url=stub.url,
        api_key=None,
        timeout_s=10,
        max_retries=0,
        concurrency=8,
        rng=random.Random(0),
        **settings,
    )
    try:
        ask = (service.generate([Message("user", prompt)], config) for prompt in prompts)
        return await asyncio.gather(*ask)
    finally:
        await service.aclose()


@pytest.mark.parametrize(
    ("prompt", "letter"),
    [
        ("Question: Which is a planet?\nA) Moon\nB) Mars", "B"),
        ("Which is a star?\nA. Sun\nB. Mars\nC. Moon", "A"),
        ("Which is a star?\nA. Venus\nB. Earth\nC. Vega", "C"),
        ("Q: Which is a star?\nA. Sun\nANSWER: A\n\nQ: Which is a planet?\nA) Moon\nB) Mars\n", "B"),
    ],
    ids=["old layout, digits as labels", "new layout", "same question, other choices", "the last question counts"],
)
async def test_right_choice_is_named_by_its_position(tmp_path: Path, prompt: str, letter: str):
    path = write_rows(tmp_path / "arc.jsonl", [OLD, NEW, TWIN])
    with running_stub("--arc", path, "--p-correct", "1") as stub:
        assert (await answers(stub, [prompt]))[0].text == f"ANSWER: {letter}"
    with running_stub("--arc", path, "--p-correct", "0") as stub:
        wrong = (await answers(stub, [prompt]))[0].text.removeprefix("ANSWER: ")
    assert wrong != letter
    assert wrong in LETTERS[:3]


PLAIN = {"question": "Where is it?", "right": "There.\n", "wrong": "Here.\n"}
LONG = {"question": "Where is it?\n\nIn the sky, I mean.", "right": "Up.", "wrong": "Down."}
LISTED = {"question": "Which is big?", "choices": ["Vega", "Ceres"], "right": "ANSWER: A", "wrong": "ANSWER: B"}
TURNED = {"question": "Which is big?", "choices": ["Ceres", "Vega"], "right": "ANSWER: B", "wrong": "ANSWER: A"}
MIXED = {"question": "Which is hot?", "choices": ["Sun", "Ice"], "right": "Sun", "wrong": "Ice", "shuffled": True}


@pytest.mark.parametrize(
    ("prompt", "right", "wrong"),
    [
        ("Say where.\n\nQ: Where is it?\nA:", "There.\n", "Here.\n"),
        ("Text: Where is it?\n\nIn the sky, I mean.\nA:", "Up.", "Down."),
        ("Which is big?\nA. Vega\nB. Ceres\nANSWER:", "ANSWER: A", "ANSWER: B"),
        ("问题：Which is big?\nA. Ceres\nB. Vega\n答案：", "ANSWER: B", "ANSWER: A"),
        ("Which is hot?\nA. Ice\nB. Sun", "ANSWER: B", "ANSWER: A"),
        ("Which is hot?\nA. Sun\nB. Ice\nANSWER: A\n\nWhich is hot?\nA. Ice\nB. Sun", "ANSWER: B", "ANSWER: A"),
        ("Where is it?\n\nWhich is big?\nA. Vega\nB. Ceres", "ANSWER: A", "ANSWER: B"),
    ],
    ids=[
        "one line",
        "several lines, of which another question is the first",
        "same question, choices in one order",
        "same question, choices in another order",
        "shuffled choices are found by their text",
        "shuffled choices of the last question count",
        "the last question counts",
    ],
)
async def test_known_question_gets_the_reply_of_its_file_word_for_word(
    tmp_path: Path, prompt: str, right: str, wrong: str
):
    path = write_rows(tmp_path / "known.jsonl", [LONG, PLAIN, LISTED, TURNED, MIXED])
    for share, expected in (("1", right), ("0", wrong)):
        with running_stub("--known", path, "--p-correct", share) as stub:
            assert (await answers(stub, [prompt]))[0].text == expected


async def test_known_question_with_other_choices_is_logged_as_unknown(tmp_path: Path):
    path, log = write_rows(tmp_path / "known.jsonl", [LISTED, TURNED]), tmp_path / "verdicts.jsonl"
    with running_stub("--known", path, "--log-verdicts", log) as stub:
        await answers(stub, ["Which is big?\nA. Vega\nB. Juno"])
    assert json.loads(log.read_text(encoding="utf-8"))["verdict"] == "unknown"


async def test_shares_are_kept_and_every_verdict_is_logged_once(tmp_path: Path):
    rows = [{"question": f"How much is {n} + {n}?", "answer": f"Add them.\n#### {2 * n}"} for n in range(400)]
    path, log = write_rows(tmp_path / "gsm8k.jsonl", rows), tmp_path / "verdicts.jsonl"
    shares = ["--share-empty", "0.1", "--share-rambling", "0.2", "--share-cut-off", "0.1", "--p-correct", "0.5"]
    with running_stub("--gsm8k", path, *shares, "--log-verdicts", str(log)) as stub:
        prompts = [f"Question: {row['question']}\nAnswer:" for row in rows]
        said = await answers(stub, prompts)
        again = await answers(stub, prompts)
    logged = {row["question"]: row for row in map(json.loads, log.read_text(encoding="utf-8").splitlines())}
    assert [answer.text for answer in said] == [answer.text for answer in again]
    assert len(logged) == len(log.read_text(encoding="utf-8").splitlines()) == 400
    counted = Counter(row["verdict"] for row in logged.values())
    expected = {"empty": 40, "rambling": 80, "cut_off": 40, "correct": 120, "wrong": 120}
    assert counted.keys() == expected.keys()
    assert all(abs(counted[verdict] - expected[verdict]) < 40 for verdict in expected)
    for row, answer in zip(rows, said, strict=True):
        verdict = logged[row["question"]]
        target = row["answer"].rpartition("#### ")[2]
        fixed = {"empty": ("", "stop"), "rambling": (RAMBLING, "stop"), "cut_off": (CUT_OFF, "length")}
        if verdict["verdict"] in fixed:
            assert (answer.text, answer.stop_reason) == fixed[verdict["verdict"]]
        else:
            assert answer.text.endswith(f"ANSWER: {verdict['answer']}")
            assert (verdict["answer"] == target) == (verdict["verdict"] == "correct")


@pytest.mark.parametrize(("flags", "num_texts"), [((), 1), (("--answers-by-seed",), 4)], ids=["prompt", "seed too"])
async def test_answers_depend_on_the_prompt_and_where_it_is_asked_for_on_the_seed(flags, num_texts: int):
    with running_stub(*flags) as stub:
        said = [(await answers(stub, ["anything"], Generation(seed=seed)))[0].text for seed in (1, 2, 3, 4, 4)]
    assert len(set(said)) == num_texts


async def test_streamed_answer_keeps_its_finish_reason():
    with running_stub("--share-cut-off", "1") as stub:
        answer = (await answers(stub, ["anything"], stream=True))[0]
    assert (answer.text, answer.stop_reason) == (CUT_OFF, "length")


async def test_slow_share_takes_longer_and_is_the_same_each_time():
    prompts = [f"question {n}" for n in range(40)]
    with running_stub("--slow-share", "0.25", "--slow-ms", "80") as stub:
        said = await answers(stub, prompts)
        counted = stub.stats()["slow"]
        stub.reset()
        await answers(stub, prompts)
        assert stub.stats()["slow"] == counted
    assert 3 <= counted <= 20
    assert sum(answer.latency_s > 0.07 for answer in said) >= counted


async def test_requests_are_kept_with_headers_and_bodies_up_to_a_bound():
    with running_stub() as stub:
        await answers(stub, [f"question {n}" for n in range(230)])
        kept = stub.requests()
        stub.reset()
        assert stub.requests() == []
    assert len(kept) == 200
    assert kept[-1]["path"] == "/v1/chat/completions"
    assert kept[-1]["headers"]["content-type"] == "application/json"
    assert kept[-1]["body"]["messages"][0]["content"].startswith("question ")


def test_stub_is_gone_at_the_end():
    with running_stub() as stub:
        pass
    with pytest.raises(OSError, match="refused"):
        stub.stats()
