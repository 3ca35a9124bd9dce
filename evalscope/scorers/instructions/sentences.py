"""The sentences and words of a text, as NLTK finds them.

The published scores were made with NLTK's Punkt and its English model, which is a download. The algorithm is the same
here; what the model knows of English stands below: abbreviations, and words whose capital means a new sentence.
"""

import re
from functools import cache
from itertools import chain
from typing import Protocol

# "e.g." and "i.e." are not among them, for the English model ends a sentence there
_ABBREVIATIONS = """
    mr mrs ms dr prof rev gen col maj capt lt sgt adm gov sen rep reps hon st messrs jr sr
    co corp inc ltd llc bros cie dept assn univ vs etc vol
    jan feb aug sept sep oct nov dec tues wed thurs fri
    ala ariz calif colo conn del fla ga ill ind ky mich minn mo mont neb nev okla ore pa tenn tex va vt wash wis wyo
    a.m p.m a.d b.c u.s u.k u.n u.s.a u.s.s.r e.u d.c n.y n.j n.c s.c n.h n.m n.d s.d r.i w.va l.a
    ph.d m.d b.a m.a m.b.a s.a n.v b.v s.p.a
    ft yr mg ave blvd rd sw nw
    a b c d e f g h j k l m n p r s t u v w
"""
_LOWERCASE = """
    the a an this that these those he she it we they you there here in on at for with from to by as if when while after
    before since because although but and or so yet however then also my your his her our their its what who how why
    where no not some many most all each every one first next finally let please do does did is are was were
"""
# full-width ones need no space behind them; NLTK knows the others alone
_CHINESE_END = re.compile(r"[。！？]+[”’」』）]*")


class _SentenceTokenizer(Protocol):
    def tokenize(self, text: str) -> list[str]: ...


def count_sentences(text: str) -> int:
    """How many sentences there are; the number of a list's line ("1. Bread") counts as one, as it does for Punkt."""
    return len(_sentences(text))


def words_of(text: str) -> tuple[str, ...]:
    """The words and signs of a text, as the Penn treebank divides them."""
    from nltk.tokenize.destructive import NLTKWordTokenizer

    return tuple(chain.from_iterable(map(NLTKWordTokenizer().tokenize, _sentences(text))))


def _sentences(text: str) -> list[str]:
    parts = (part for part in _CHINESE_END.split(text) if part.strip())
    return list(chain.from_iterable(map(_tokenizer().tokenize, parts)))


@cache
def _tokenizer() -> _SentenceTokenizer:
    """NLTK's tokenizer, which takes a third of a second to import."""
    from nltk.tokenize.punkt import PunktSentenceTokenizer, PunktTrainer

    trainer = PunktTrainer()
    trainer.train(f"so {' '.join(_LOWERCASE.split())}")
    knowledge = trainer.get_params()
    knowledge.abbrev_types.update(_ABBREVIATIONS.split())
    tokenizer: _SentenceTokenizer = PunktSentenceTokenizer(knowledge)
    return tokenizer
