"""ROUGE and BLEU of one answer, as rouge-score and sacrebleu have them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from rouge_score.rouge_scorer import RougeScorer
from rouge_score.scoring import fmeasure
from sacrebleu.metrics.bleu import BLEU

from evalscope.scorers.overlap.common import common_length
from evalscope.scorers.overlap.words import Script, ascii_words, cut_words, other_words, script_of

_BLEU_TOKENIZERS = {Script.LATIN: "13a", Script.HAN: "zh", Script.KANA_OR_HANGUL: "char", Script.OTHER: "13a"}
_SPLITTERS: Mapping[Script, Callable[[str], list[str]]] = {
    Script.LATIN: ascii_words,
    Script.HAN: cut_words,
    Script.KANA_OR_HANGUL: cut_words,
    Script.OTHER: other_words,
}
_NGRAM_ROUGES = {"rouge-1": "rouge1", "rouge-2": "rouge2"}
_ORDERS = (1, 2, 3, 4)


def overlap(answer: str, references: Sequence[str]) -> dict[str, float]:
    """The figures of an answer, each in 0..1: rouge-l, rouge-1, rouge-2, bleu-1 … bleu-4.

    The references' script says how words are found; where they are Latin or bare numbers, the answer's: of "答案是42"
    nothing but the number would be left beside a reference "42".
    """
    script = script_of(*references)
    script = script_of(answer) if script is Script.LATIN else script
    return {**_rouge(answer, references, script), **_bleu(answer, references, script)}


def _rouge(answer: str, references: Sequence[str], script: Script) -> dict[str, float]:
    """F1 with the best reference, each figure by itself.

    A reference of which no word is left ("!!!") is compared as it is: an answer that is the same is right.
    """
    words = _Words(_SPLITTERS[script])
    given, best = words.tokenize(answer), dict.fromkeys(("rouge-l", *_NGRAM_ROUGES), 0.0)
    scorer = RougeScorer(list(_NGRAM_ROUGES.values()), tokenizer=words)
    for reference in references:
        wanted = words.tokenize(reference)
        if wanted:
            scores = scorer.score(reference, answer)
            found = {name: float(scores[key].fmeasure) for name, key in _NGRAM_ROUGES.items()}
            found["rouge-l"] = _rouge_l(given, wanted)
        else:
            found = dict.fromkeys(best, float(answer.split() == reference.split()))
        best = {name: max(value, found[name]) for name, value in best.items()}
    return best


def _rouge_l(given: Sequence[str], wanted: Sequence[str]) -> float:
    """The figure that rouge-score has, without the table it makes, which takes minutes for long texts."""
    common = common_length(given, wanted)
    return float(fmeasure(common / max(len(given), 1), common / len(wanted)))


def _bleu(answer: str, references: Sequence[str], script: Script) -> dict[str, float]:
    """Sentence BLEU of each order against all references at once; the counts of n-grams are the same for all orders."""
    bleu = _make_bleu(_BLEU_TOKENIZERS[script])
    counted = bleu.sentence_score(answer, references)
    _forget(bleu)
    return {
        f"bleu-{order}": BLEU.compute_bleu(
            counted.counts[:order],
            counted.totals[:order],
            counted.sys_len,
            counted.ref_len,
            smooth_method="exp",
            effective_order=True,
            max_ngram_order=order,
        ).score
        / 100
        for order in _ORDERS
    }


@cache
def _make_bleu(tokenizer: str) -> BLEU:
    return BLEU(tokenize=tokenizer, effective_order=True)


def _forget(bleu: BLEU) -> None:
    """Empties the tokenizers' caches, which would keep the texts of 65 536 answers."""
    for tokenizer in (bleu.tokenizer, getattr(bleu.tokenizer, "_post_tokenizer", None)):
        clear = getattr(vars(type(tokenizer)).get("__call__"), "cache_clear", None)
        if clear is not None:
            clear()


class _Words:
    """A splitter in the shape that rouge-score asks for; the last texts are kept, for it asks twice for each."""

    def __init__(self, split: Callable[[str], list[str]]) -> None:
        self._split = split
        self._kept: dict[str, list[str]] = {}

    def tokenize(self, text: str) -> list[str]:
        """The words of a text."""
        if text not in self._kept:
            self._kept[text] = self._split(text)
        return self._kept[text]
