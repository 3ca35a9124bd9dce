"""Instructions: every kind kept and broken, kindly and not, and hostile replies."""

import asyncio
import random
import re
from collections import Counter, defaultdict

import pytest

from evalscope.core.sample import Sample
from evalscope.core.score import Outcome, classify
from evalscope.errors import MissingDependency, ScoringError
from evalscope.scorers.instructions import match
from evalscope.scorers.instructions.following import followed, loosened
from evalscope.scorers.instructions.kinds import CHECKS, find_check
from evalscope.scorers.instructions.match import FollowsInstructions
from evalscope.scorers.instructions.sentences import count_sentences
from tests.scorers.instruction_cases import CASES, CHINESE, GERMAN, LONG_ENGLISH

HAN = re.compile("[\u4e00-\u9fff]")
NEVER_CHINESE = {"change_case:english_capital", "change_case:english_lowercase"}
"""No Chinese reply can keep these."""


@pytest.fixture(scope="module")
def scorer():
    scorer = FollowsInstructions()
    yield scorer
    asyncio.run(scorer.aclose())


def sample_of(*instructions):
    return Sample(input="?", target="-", id="7", metadata={"instructions": instructions})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.reply[:20]!r}")
def test_a_reply_keeps_or_breaks_an_instruction(case):
    assert find_check(case.kind, case.says)(case.reply) is case.is_kept


def test_each_of_the_25_kinds_has_six_replies_kept_and_broken_in_english_and_chinese():
    found = defaultdict(Counter)
    for case in CASES:
        found[case.kind][bool(HAN.search(case.reply)), case.is_kept] += 1
    assert found.keys() == CHECKS.keys()
    assert len(found) == 25
    for kind, counts in found.items():
        wanted = {(is_chinese, is_kept) for is_chinese in (False, True) for is_kept in (False, True)}
        if kind in NEVER_CHINESE:
            wanted.remove((True, True))
        assert wanted <= counts.keys(), kind
        assert counts.total() >= 6, kind


@pytest.mark.parametrize("kind", CHECKS)
def test_an_empty_reply_follows_no_instruction(kind):
    says = next(case.says for case in CASES if case.kind == kind)
    for reply in ("", " \n", "\n\n\n"):
        assert followed(reply, [(kind, says)]) == ((False,), (False,))


def test_a_reply_taken_kindly_has_eight_forms():
    assert loosened("Sure:\n*a*\nb\nBye") == (
        "Sure:\n*a*\nb\nBye",
        "*a*\nb\nBye",
        "Sure:\n*a*\nb",
        "*a*\nb",
        "Sure:\na\nb\nBye",
        "a\nb\nBye",
        "Sure:\na\nb",
        "a\nb",
    )


@pytest.mark.parametrize(
    ("kind", "says", "reply"),
    [
        ("detectable_format:json_format", {}, 'Sure, here it is:\n{"a": 1}'),
        ("detectable_format:json_format", {}, '{"a": 1}\nHope this helps!'),
        ("detectable_format:json_format", {}, '好的：\n{"a": 1}\n希望有用。'),
        ("startend:end_checker", {"end_phrase": "Bye."}, "Hello.\n**Bye.**"),
        ("startend:quotation", {}, '*"Hello."*'),
        ("startend:quotation", {}, '如下：\n"你好。"'),
        ("punctuation:no_comma", {}, "Sure, here it is:\nNo sign of it."),
        ("change_case:english_lowercase", {}, f"Sure!\n{LONG_ENGLISH.lower()}\nBye!"),
        ("length_constraints:number_words", {"num_words": 3, "relation": "less than"}, "Here you are\none two\nbye"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_reply_may_follow_only_when_taken_kindly(kind, says, reply):
    assert followed(reply, [(kind, says)]) == ((False,), (True,))


def test_what_follows_strictly_follows_loosely_and_each_instruction_has_its_verdict():
    instructions = [
        ("punctuation:no_comma", {}),
        ("length_constraints:number_words", {"num_words": 100, "relation": "at least"}),
        ("keywords:existence", {"keywords": ["mill"]}),
    ]
    assert followed("Sure, so:\nThe mill.", instructions) == ((False, False, True), (True, False, True))


def test_highlights_count_without_the_asterisks_that_another_form_takes_away():
    says = ("detectable_format:number_highlighted_sections", {"num_highlights": 1})
    assert followed("*a*", [says]) == ((True,), (True,))


async def test_the_values_are_shares_of_prompts_and_instructions(scorer):
    sample = sample_of(("punctuation:no_comma", {}), ("detectable_format:title", {}))
    score = await scorer("Sure, so:\n<<A Walk>>\nIt rained.", sample)
    assert score.values == {
        "prompt_strict": 0.0,
        "instruction_strict": 0.5,
        "prompt_loose": 1.0,
        "instruction_loose": 1.0,
        "num_instructions": 2.0,
    }
    assert score.explanation == "followed loosely: punctuation:no_comma\nfollowed: detectable_format:title"
    assert classify(score, is_cut_off=False) is Outcome.WRONG


async def test_no_answer_is_unparsed(scorer):
    score = await scorer(None, sample_of(("punctuation:no_comma", {})))
    assert set(score.values.values()) == {0.0, 1.0}
    assert classify(score, is_cut_off=False) is Outcome.UNPARSED


@pytest.mark.parametrize(
    ("instruction", "message"),
    [
        (("punctuation:no_coma", {}), "'punctuation:no_coma' is unknown; known: keywords:existence"),
        (("keywords:frequency", {"keyword": "x"}), "keywords:frequency needs frequency, relation in kwargs"),
        (("keywords:existence", {"keywords": None}), "needs keywords in kwargs"),
        (
            ("length_constraints:number_words", {"num_words": 3, "relation": "about"}),
            "relation 'about' is unknown",
        ),
        (("language:response_language", {"language": "tlh"}), "'tlh' is none of those"),
        (("length_constraints:number_words", {"num_words": "three", "relation": "at least"}), "TypeError"),
    ],
    ids=["kind", "arguments", "null", "relation", "language", "type"],
)
async def test_an_instruction_that_cannot_be_checked_is_a_failure_and_no_zero(scorer, instruction, message):
    with pytest.raises(ScoringError, match=message):
        await scorer("x", sample_of(("punctuation:no_comma", {}), instruction))


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr(match, "_PACKAGES", ("py3langid", "not_there"))
    with pytest.raises(MissingDependency, match=r"evalscope\[instructions\]"):
        FollowsInstructions().check()


def test_english_abbreviations_end_no_sentence():
    assert count_sentences("Mr. J. Brown of Ames Co. met Mrs. Lee at 5 p.m. on Jan. 3. The U.S. team won.") == 2
    assert count_sentences("He left at 5 p.m. The show began at 8 p.m. on Friday.") == 2
    assert count_sentences("It cost $3.50, i.e. too much.") == 2  # as the English model has it


@pytest.mark.parametrize(
    "unit",
    ["[", "]", "<<", ">>", "*", "**", "* ", "\n", " \n", "- \n", "Section ", "a", "A.", "。", "P. ", "{", '"', "，"],
    ids=repr,
)
async def test_hostile_replies_come_to_an_end(scorer, unit):
    instructions = [(case.kind, case.says) for case in {case.kind: case for case in CASES}.values()]
    score = await scorer(unit * (100_000 // len(unit)), sample_of(*instructions))
    assert score.values["num_instructions"] == 25


def test_german_and_chinese_are_not_english():
    for text in (GERMAN, CHINESE):
        assert not find_check("language:response_language", {"language": "en"})(text)


def stars_and_dashes(text):
    return len(re.findall(r"^\s*\*[^\*].*$", text, re.MULTILINE)) + len(re.findall(r"^\s*-.*$", text, re.MULTILINE))


def titles(text):
    found = re.findall(r"<<[^\n]+>>", text)
    return any(title.lstrip("<").rstrip(">").strip() for title in found)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_counted_without_patterns_for_speed_is_what_the_patterns_find(seed):
    rng = random.Random(seed)
    for _ in range(1500):
        text = "".join(rng.choices("*- \nax", k=rng.randrange(12)))
        num = stars_and_dashes(text)
        assert find_check("detectable_format:number_bullet_lists", {"num_bullets": num})(text), repr(text)
        text = "".join(rng.choices("<> \nx", k=rng.randrange(12)))
        assert find_check("detectable_format:title", {})(text) is titles(text), repr(text)
        text = "".join(rng.choices("[] \nx", k=rng.randrange(12)))
        num = len(re.findall(r"\[.*?\]", text))
        for at_least in (num, num + 1):
            says = {"num_placeholders": at_least}
            assert find_check("detectable_content:number_placeholders", says)(text) is (num >= at_least), repr(text)
