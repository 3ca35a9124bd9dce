"""ROUGE, BLEU and equality: the libraries' own figures, small cases by hand, and hostile texts."""

import asyncio
import random
import tempfile
from importlib.util import find_spec
from math import exp, sqrt
from pathlib import Path

import pytest

from evalscope.core.sample import Sample
from evalscope.core.score import Outcome, classify
from evalscope.errors import MissingDependency, ScoringError
from evalscope.scorers.overlap import match
from evalscope.scorers.overlap.common import common_length
from evalscope.scorers.overlap.figures import overlap
from evalscope.scorers.overlap.match import VALUES, TextOverlap
from evalscope.scorers.overlap.words import Script, cut_words, other_words, script_of

ENGLISH = (
    "The quick brown fox, which nobody had seen before, jumps over a lazy dog's tail in the year 2024.",
    "A quick brown fox jumps over the lazy dog; nobody saw its tail in 2024!",
)
CHINESE = ("因为企鹅大多生活在南极，北极只有北极熊。", "北极见不到企鹅，因为企鹅生活在南极。")
ZEROS = dict.fromkeys(VALUES, 0.0)


@pytest.fixture(scope="module")
def overlap_scorer():
    scorer = TextOverlap()
    yield scorer
    asyncio.run(scorer.aclose())


async def figures(scorer, answer, *targets):
    score = await scorer(answer, Sample(input="?", target=targets))
    return dict(score.values)


def own_bleu(tokenizer, answer, references):
    """What the library says when each order is asked for by itself."""
    from sacrebleu.metrics import BLEU

    return {
        f"bleu-{order}": BLEU(max_ngram_order=order, effective_order=True, tokenize=tokenizer)
        .sentence_score(answer, references)
        .score
        / 100
        for order in (1, 2, 3, 4)
    }


def own_rouge(tokenizer, answer, references):
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(["rougeL", "rouge1", "rouge2"], use_stemmer=False, tokenizer=tokenizer)
    best = scorer.score_multi(references, answer)
    return {name: best[name.replace("-", "").replace("l", "L")].fmeasure for name in ("rouge-l", "rouge-1", "rouge-2")}


class Jieba:
    def tokenize(self, text):
        import jieba

        jieba.setLogLevel(60)
        jieba.dt.tmp_dir = tempfile.mkdtemp()
        return [word for word in jieba.cut(text.lower()) if any(char.isalnum() for char in word)]


@pytest.mark.parametrize(
    ("answer", "references"),
    [
        (ENGLISH[0], ENGLISH[1:]),
        (ENGLISH[1], ENGLISH[:1]),
        (ENGLISH[0], (ENGLISH[1], "A fox.")),
        ("Café noir", ("café",)),
    ],
    ids=["long answer", "short answer", "two references", "accents"],
)
def test_english_figures_are_those_of_the_libraries(answer, references):
    assert overlap(answer, references) == pytest.approx(
        {**own_rouge(None, answer, references), **own_bleu("13a", answer, references)}, abs=1e-12
    )


@pytest.mark.parametrize(
    ("answer", "references"),
    [(*CHINESE[:1], CHINESE[1:]), ("是 Python 3.11。", ("Python 3.11 语言",)), (CHINESE[0], (CHINESE[1], "在南极"))],
    ids=["Chinese", "English words in it", "two references"],
)
def test_chinese_figures_are_those_of_the_libraries_with_words_cut_by_jieba(answer, references):
    assert overlap(answer, references) == pytest.approx(
        {**own_rouge(Jieba(), answer, references), **own_bleu("zh", answer, references)}, abs=1e-12
    )


def test_a_small_english_case_by_hand():
    """Of 3 words 2 are among the reference's 4, next to each other; BLEU halves what no run of words matches."""
    found = overlap("the cat slept", ("the cat sat down",))
    f1, brevity = 2 * (2 / 3) * (2 / 4) / (2 / 3 + 2 / 4), exp(1 - 4 / 3)
    assert found == pytest.approx(
        {
            "rouge-l": f1,
            "rouge-1": f1,
            "rouge-2": 2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3),
            "bleu-1": brevity * 2 / 3,
            "bleu-2": brevity * sqrt(2 / 3 * 1 / 2),
            "bleu-3": brevity * (2 / 3 * 1 / 2 * 1 / 2) ** (1 / 3),
            "bleu-4": brevity * (2 / 3 * 1 / 2 * 1 / 2) ** (1 / 3),
        }
    )


def test_a_small_chinese_case_by_hand():
    """Words: 中国|的|首都|是|北京 and 首都|是|北京; characters for BLEU: 8 and 5."""
    found = overlap("首都是北京", ("中国的首都是北京",))
    assert cut_words("中国的首都是北京。") == ["中国", "的", "首都", "是", "北京"]
    assert found["rouge-l"] == pytest.approx(2 * (3 / 3) * (3 / 5) / (3 / 3 + 3 / 5))
    assert found["rouge-2"] == pytest.approx(2 * (2 / 2) * (2 / 4) / (2 / 2 + 2 / 4))
    assert [found[f"bleu-{order}"] for order in (1, 2, 3, 4)] == pytest.approx([exp(1 - 8 / 5)] * 4)


def test_order_of_words_counts_for_rouge_l_alone():
    found = overlap("c b a", ("a b c",))
    assert found["rouge-1"] == 1
    assert found["rouge-l"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "text", [*ENGLISH, *CHINESE, "Привет, мир", "東京タワーです", "안녕하세요", "!!!", "हिन्दी भाषा", "∞"]
)
def test_an_answer_that_is_the_reference_has_ones_throughout(text):
    assert overlap(text, (text,)) == pytest.approx(dict.fromkeys(VALUES[:-1], 1.0))


def test_a_reference_of_one_word_has_no_pairs_of_words_to_repeat():
    assert overlap("42", ("42",)) == pytest.approx({**dict.fromkeys(VALUES[:-1], 1.0), "rouge-2": 0.0})


@pytest.mark.parametrize("text", ["Привет мир", "γειά σου", "สวัสดี", "हिन्दी"])
def test_words_in_other_scripts_are_not_lost(text):
    assert overlap(text, (f"{text}!",))["rouge-l"] == 1
    assert overlap("hello", (text,))["rouge-l"] == 0


def test_a_bare_number_as_reference_does_not_make_chinese_around_it_invisible():
    assert overlap("答案应该是42", ("42",))["rouge-l"] < 0.6


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("plain, “quoted” – naïve", Script.LATIN),
        ("北京 Beijing", Script.HAN),
        ("東京タワー", Script.KANA_OR_HANGUL),
        ("서울", Script.KANA_OR_HANGUL),
        ("Москва", Script.OTHER),
        ("", Script.LATIN),
        ("👍", Script.LATIN),
    ],
)
def test_the_script_says_how_words_are_found(text, script):
    assert script_of(text) == script


def test_marks_stay_with_their_letters():
    assert other_words("हिन्दी, भाषा") == ["हिन्दी", "भाषा"]


async def test_all_values_are_there_with_rouge_l_first(overlap_scorer):
    found = await figures(overlap_scorer, "the cat slept", "the cat sat down")
    assert tuple(found) == VALUES
    assert found["exact"] == 0
    assert all(0 <= value <= 1 for value in found.values())


@pytest.mark.parametrize(
    ("answer", "is_exact"), [("a  b\nc ", 1.0), ("A b c", 0.0), ("a b c.", 0.0)], ids=["spaces", "case", "full stop"]
)
async def test_equality_overlooks_white_space_alone(overlap_scorer, answer, is_exact):
    assert (await figures(overlap_scorer, answer, "other", "a b c"))["exact"] == is_exact


@pytest.mark.parametrize("answer", [None, "", " \n", "\u2028\u0085"], ids=["none", "empty", "blank", "line ends"])
def test_no_answer_has_zeros_and_is_unparsed(answer):
    score = TextOverlap()(answer, Sample(input="?", target="x"))
    assert score.values == ZEROS
    assert classify(score, is_cut_off=False) is Outcome.UNPARSED


@pytest.mark.parametrize(
    "answer",
    ["{question} \\boxed{", "\x00\x1b[31m", "a" * 100_000, "的" * 100_000, "a " * 50_000, "👍" * 1000],
    ids=["braces", "controls", "one long word", "one long run", "many words", "signs"],
)
async def test_a_hostile_answer_has_figures_too(overlap_scorer, answer):
    found = await figures(overlap_scorer, answer, "the cat sat down")
    assert found == pytest.approx(ZEROS, abs=0.01)


async def test_long_texts_are_compared_too(overlap_scorer):
    long = "one two three four five " * 4000
    assert (await figures(overlap_scorer, f"{long} six", f"six {long}"))["rouge-l"] == pytest.approx(20000 / 20001)


@pytest.mark.parametrize("seed", range(20))
def test_the_common_subsequence_is_as_long_as_the_librarys(seed):
    from rouge_score.rouge_scorer import _score_lcs

    draw = random.Random(seed)
    first, second = ([draw.choice("abcdefgh"[: 1 + seed % 8]) for _ in range(draw.randrange(1, 150))] for _ in "12")
    assert common_length(first, second) == round(_score_lcs(first, second).recall * len(first))


def test_a_sample_without_a_reference_is_no_zero():
    with pytest.raises(ScoringError, match="has no reference"):
        TextOverlap()("x", Sample(input="?", target=" ", id="7"))


def test_a_missing_library_is_named_before_anything_is_asked(monkeypatch):
    TextOverlap().check()
    monkeypatch.setattr(match, "find_spec", lambda name: None if name == "jieba" else find_spec(name))
    with pytest.raises(MissingDependency, match=r"evalscope\[overlap\]"):
        TextOverlap().check()


def test_cutting_chinese_writes_no_file(tmp_path, monkeypatch):
    from evalscope.scorers.overlap.words import _cutter

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _cutter.cache_clear()
    assert cut_words("是珠穆朗玛峰") == ["是", "珠穆朗玛峰"]
    assert not list(Path(tmp_path).iterdir())
