"""ifeval whole: replies made to keep or break the one instruction of their prompt. Needs EVALSCOPE_TEST_DATA.

Which of the two is drawn by a hash; replies to prompts with several instructions are empty. So every figure is known.
"""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evalscope import TaskConfig, run_task
from evalscope.core.report import Report
from evalscope.registry import find_benchmark
from tests.full_splits.row import json_rows
from tests.run_content import rows_of
from tests.servers.scripted import choosing, completion

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", "")) / "ifeval"
KEPT_OF_100 = 60
ENGLISH = "the river runs past the old mill and under two bridges before it reaches the sea"
IN_LANGUAGES = {
    "ar": "سأذهب غدا إلى القاهرة لزيارة صديقي ثم أعود إلى البيت",
    "bg": "Утре отивам в София, за да се срещна с приятелите си",
    "bn": "আমি আগামীকাল ঢাকায় যাব এবং আমার বন্ধুর সাথে দেখা করব",
    "de": "Morgen fahre ich nach Berlin, um meine Freunde zu treffen",
    "fa": "من فردا به تهران می‌روم و دوستم را در آنجا می‌بینم",
    "fi": "Huomenna menen Helsinkiin tapaamaan ystäviäni",
    "gu": "હું કાલે અમદાવાદ જઈશ અને મારા મિત્રને મળીશ",
    "hi": "भारत एक विशाल देश है और यहाँ अनेक भाषाएँ बोली जाती हैं",
    "it": "Domani vado a Roma per incontrare i miei amici",
    "kn": "ನಾನು ನಾಳೆ ಬೆಂಗಳೂರಿಗೆ ಹೋಗುತ್ತೇನೆ ಮತ್ತು ಸ್ನೇಹಿತನನ್ನು ಭೇಟಿಯಾಗುತ್ತೇನೆ",
    "ko": "나는 내일 서울에 가서 친구를 만날 것이다",
    "mr": "मी उद्या पुण्याला जाणार आहे आणि तिथे माझ्या मित्राला भेटणार आहे",
    "ne": "म भोलि काठमाडौं जाँदैछु र त्यहाँ मेरो साथीलाई भेट्नेछु",
    "pa": "ਮੈਂ ਕੱਲ੍ਹ ਅੰਮ੍ਰਿਤਸਰ ਜਾ ਰਿਹਾ ਹਾਂ",
    "pt": "Amanhã vou a Lisboa visitar os meus amigos e volto na terça",
    "ru": "Завтра я поеду в Москву, чтобы встретиться с друзьями",
    "sw": "Kesho nitaenda Nairobi kumtembelea rafiki yangu",
    "ta": "நான் நாளை சென்னைக்குச் செல்கிறேன்",
    "te": "నేను రేపు హైదరాబాద్ వెళ్తాను",
    "th": "พรุ่งนี้ฉันจะไปกรุงเทพเพื่อพบเพื่อน",
    "ur": "میں کل لاہور جاؤں گا اور وہاں اپنے دوست سے ملوں گا",
    "vi": "Ngày mai tôi sẽ đi Hà Nội để gặp bạn tôi",
}


def many(unit: str, num: int, relation: str) -> str:
    """So many units as just satisfy the relation."""
    return unit * (num if relation == "at least" else num - 1)


def few(unit: str, num: int, relation: str) -> str:
    """So many as just do not."""
    return unit * (num - 1 if relation == "at least" else num)


REPLIES: Mapping[str, tuple[Callable[..., str], Callable[..., str]]] = {
    "keywords:existence": (lambda keywords: " ".join(keywords), lambda keywords: "?" + " ".join(keywords[1:])),
    "keywords:frequency": (
        lambda keyword, frequency, relation: "?" + many(f"{keyword} ", frequency, relation),
        lambda keyword, frequency, relation: "?" + few(f"{keyword} ", frequency, relation),
    ),
    "keywords:forbidden_words": (
        lambda forbidden_words: "?" + "".join(f" x{word}x" for word in forbidden_words),
        lambda forbidden_words: f"so {forbidden_words[-1].upper()}!",
    ),
    "keywords:letter_frequency": (
        lambda letter, let_frequency, let_relation: "?" + many(letter.upper(), let_frequency, let_relation),
        lambda letter, let_frequency, let_relation: "?" + few(letter, let_frequency, let_relation),
    ),
    "language:response_language": (lambda language: IN_LANGUAGES[language], lambda language: ENGLISH),
    "length_constraints:number_sentences": (
        lambda num_sentences, relation: many("Mr. Ames left. ", num_sentences, relation) or "So",
        lambda num_sentences, relation: few("Mr. Ames left. ", num_sentences, relation) or "",
    ),
    "length_constraints:number_paragraphs": (
        lambda num_paragraphs: "\n***\n".join(["So."] * num_paragraphs),
        lambda num_paragraphs: "\n***\n".join(["So."] * (num_paragraphs + 3)),
    ),
    "length_constraints:number_words": (
        lambda num_words, relation: many("word ", num_words, relation),
        lambda num_words, relation: few("word ", num_words, relation),
    ),
    "length_constraints:nth_paragraph_first_word": (
        lambda first_word, nth_paragraph, num_paragraphs: "\n\n".join(
            [f"{first_word.title()} is so."] * num_paragraphs
        ),
        lambda first_word, nth_paragraph, num_paragraphs: "\n\n".join([f"x{first_word}"] * num_paragraphs),
    ),
    "detectable_content:number_placeholders": (
        lambda num_placeholders: "[name] " * num_placeholders,
        lambda num_placeholders: "(name) " + "[name] " * (num_placeholders - 1),
    ),
    "detectable_content:postscript": (
        lambda postscript_marker: f"Bye.\n{postscript_marker} so",
        lambda postscript_marker: "Bye. PS so",
    ),
    "detectable_format:number_bullet_lists": (
        lambda num_bullets: "\n".join(["* so"] * num_bullets),
        lambda num_bullets: "\n".join(["* so"] * (num_bullets + 3)),
    ),
    "detectable_format:constrained_response": (lambda: "My answer is maybe.", lambda: "Maybe."),
    "detectable_format:number_highlighted_sections": (
        lambda num_highlights: "*so* " * num_highlights,
        lambda num_highlights: "so " + "**so** " * (num_highlights - 1),
    ),
    "detectable_format:multiple_sections": (
        lambda section_spliter, num_sections: "\n".join(f"{section_spliter} {n}" for n in range(num_sections)),
        lambda section_spliter, num_sections: (
            "\n".join(f"{section_spliter} {n}" for n in range(num_sections - 1)) or "?"
        ),
    ),
    "detectable_format:json_format": (lambda: '```json\n{"so": 1}\n```', lambda: "{so: 1}"),
    "detectable_format:title": (lambda: "<<So>>", lambda: "<So>"),
    "combination:two_responses": (lambda: "one\n******\ntwo", lambda: "one\n******\none"),
    "combination:repeat_prompt": (
        lambda prompt_to_repeat: f"{prompt_to_repeat}\nSo.",
        lambda prompt_to_repeat: f"So: {prompt_to_repeat}",
    ),
    "startend:end_checker": (lambda end_phrase: f"So. {end_phrase.upper()} ", lambda end_phrase: f"{end_phrase} So."),
    "startend:quotation": (lambda: '"So."', lambda: "“So.”"),
    "change_case:capital_word_frequency": (
        lambda capital_frequency, capital_relation: "so " + many("SO ", capital_frequency, capital_relation),
        lambda capital_frequency, capital_relation: "so " + few("SO ", capital_frequency, capital_relation),
    ),
    "change_case:english_capital": (lambda: ENGLISH.upper(), lambda: ENGLISH),
    "change_case:english_lowercase": (lambda: ENGLISH, lambda: ENGLISH.upper()),
    "punctuation:no_comma": (lambda: "So; so.", lambda: "So, so."),
}
"""By kind a reply that keeps an instruction and one that breaks it, taken kindly too."""


def is_to_keep(record: Mapping[str, Any]) -> bool:
    place = int.from_bytes(hashlib.blake2b(record["prompt"].encode(), digest_size=8).digest()) % 100
    return len(record["instruction_id_list"]) == 1 and place < KEPT_OF_100


def reply_to(record: Mapping[str, Any]) -> str:
    if len(record["instruction_id_list"]) > 1:
        return ""
    (kind,), (says,) = record["instruction_id_list"], record["kwargs"]
    kept, broken = REPLIES[kind]
    return (kept if is_to_keep(record) else broken)(**says)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    if not os.environ.get("EVALSCOPE_TEST_DATA"):
        pytest.skip("EVALSCOPE_TEST_DATA is not set: no real data here")
    return list(json_rows(DATA / "input_data.jsonl"))


@pytest.fixture(scope="module")
def run(records, tmp_path_factory) -> tuple[Report, list[dict[str, Any]]]:
    replies = {record["prompt"]: reply_to(record) for record in records}
    root = tmp_path_factory.mktemp("ifeval")

    async def walk() -> Report:
        async with choosing(lambda method, body: completion(replies[body["messages"][-1]["content"]])) as server:
            config = TaskConfig(
                model="m",
                api_url=server.url,
                datasets=["ifeval"],
                dataset_args={"ifeval": {"local_path": str(DATA)}},
                work_dir=str(root),
                quiet=True,
            )
            return (await asyncio.to_thread(run_task, config))["ifeval"]

    report = asyncio.run(walk())
    (path,) = root.glob("2*/reviews/m/*.jsonl")
    return report, rows_of(path)


def test_the_official_numbers_of_prompts_and_instructions_are_there(records):
    kinds = Counter(kind for record in records for kind in record["instruction_id_list"])
    assert (len(records), len(kinds), kinds.total()) == (541, 25, 834)
    assert kinds.keys() == REPLIES.keys()
    assert find_benchmark("ifeval").source.num_records == {"default": 541}


def test_every_prompt_ends_as_its_reply_was_made(records, run):
    _, rows = run
    assert len(rows) == 541
    for record, row in zip(records, rows, strict=True):
        where = f"{record['key']} {record['instruction_id_list']}"
        assert row["sample_id"] == str(record["key"])
        assert row["scores"]["prompt_strict"] == is_to_keep(record), where
        assert row["scores"]["prompt_loose"] == is_to_keep(record), where
        assert row["scores"]["num_instructions"] == len(record["instruction_id_list"])


def test_the_figures_are_the_known_shares(records, run):
    report, _ = run
    num_kept = sum(map(is_to_keep, records))
    assert num_kept > 150
    assert report.outcomes["correct"] == num_kept
    assert sum(report.outcomes.values()) == 541
    expected = {"prompt": (num_kept / 541, 541), "instruction": (num_kept / 834, 834)}
    for row in report.rows:
        assert (row.score, row.num) == pytest.approx(expected[row.metric.partition("_")[0]], abs=1e-12), row.metric
        assert row.ci_low < row.score < row.ci_high
    assert {row.metric: row.num_groups for row in report.rows}["instruction_strict"] == 541
