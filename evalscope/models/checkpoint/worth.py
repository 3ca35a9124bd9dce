"""Whether transformers' continuous batching may answer for a model, and is worth it: found out when it is loaded."""

import logging
from collections.abc import Sequence
from time import perf_counter

import torch

from evalscope.models.checkpoint.decode import Decoding
from evalscope.models.checkpoint.failures import first_line
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.paged import Paged, PagedFailed
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.settings import Settings
from evalscope.models.checkpoint.ways import CHECKED_TEXT, Ability, Way, plain_logits, tolerance

logger = logging.getLogger(__name__)

LENGTHS = tuple(range(24, 24 + 16 * 20, 20))
"""Of the prompts of the check, in tokens: short ones, and some that are longer than a page."""

NUM_NEW = 16
NUM_COMPARED = 4

TIMEOUT_S = 120.0
"""So long after its start the check is given up."""


def paged_if_faster(loaded: Loaded, ability: Ability, reader: Reader) -> Paged | None:
    """Continuous batching where it is faster on this GPU and agrees with `generate`; says in the log which it is.

    Args:
        loaded: the model.
        ability: what is known of it already.
        reader: runs it in our own loop, with which speed is compared.
    """
    if loaded.model.device.type != "cuda" or ability.way is not Way.TOGETHER:
        return None
    paged = Paged(loaded)
    reason = why_not(loaded, ability, reader, paged)
    if not reason:
        return paged
    paged.drop()
    logger.info("transformers' continuous batching is not used: %s", reason)
    return None


def why_not(loaded: Loaded, ability: Ability, reader: Reader, paged: Paged, *, is_race: bool = True) -> str:
    """Why continuous batching may not answer, or is not worth it; empty where it is.

    Args:
        loaded: the model.
        ability: what is known of it already.
        reader: runs it in our own loop.
        paged: continuous batching, without rows.
        is_race: whether it has to be faster as well.
    """
    attention = getattr(loaded.model.config, "_attn_implementation", "")
    if attention == "eager":
        return "it would change the attention of all other work on the model (eager)"
    if any(kind.window is not None for kind in ability.kinds):
        return "some layers see a window alone, which no short check covers"
    try:
        rows = _rows(loaded, 0)
        _run_paged(paged, rows)
        if not _agrees(loaded, rows):
            return "it gives other answers than generate does for each prompt alone"
        if not is_race:
            return ""
        own = Decoding(reader, Prefixes(reader, 0))
        _run_own(own, _rows(loaded, 1))  # what is only slow the first time is not counted
        own_s, paged_s = _run_own(own, _rows(loaded, 2)), _run_paged(paged, _rows(loaded, 3))
    except Exception as error:  # noqa: BLE001 - whatever it is, our own loop does without
        return f"it fails ({first_line(error)})"
    if paged_s >= own_s:
        return f"it takes {paged_s / own_s:.2f} times as long as our own loop"
    logger.info(
        "greedy answers are computed by transformers' continuous batching, %.2f times as fast as our own loop in the "
        "check at the start",
        own_s / paged_s,
    )
    return ""


def _rows(loaded: Loaded, turn: int) -> list[Row]:
    """The prompts of the check; those of another turn begin otherwise, so that nothing is known of them yet."""
    text = loaded.tokenizer.encode(CHECKED_TEXT * (2 + LENGTHS[-1] // 8))[turn:]
    room = min(len(text), (loaded.context or len(text)) - NUM_NEW)
    settings = Settings(max_new_tokens=NUM_NEW)
    return [
        Row(Asked(tokens=tuple(text[:length]), settings=settings, seed=0), loaded)
        for length in LENGTHS
        if length <= room
    ]


def _run_paged(paged: Paged, rows: Sequence[Row]) -> float:
    began = perf_counter()
    paged.begin(rows)
    while not all(row.has_ended for row in rows):
        paged.advance()
        if perf_counter() - began > TIMEOUT_S:
            raise PagedFailed("it takes too long")
    return perf_counter() - began


def _run_own(own: Decoding, rows: Sequence[Row]) -> float:
    began = perf_counter()
    own.begin(rows)
    while not all(row.has_ended for row in rows):
        own.advance()
    own.drop()
    return perf_counter() - began


@torch.inference_mode()
def _agrees(loaded: Loaded, rows: Sequence[Row]) -> bool:
    """Whether each token is as likely as the likeliest, up to rounding, in what generate computes for the row alone.

    Behind a token that is not the likeliest itself the two go on differently, and nothing more is compared.
    """
    step = max(1, (len(rows) - 1) // (NUM_COMPARED - 1))
    for row in rows[::step]:
        logits = plain_logits(loaded, [row.asked.tokens], NUM_NEW)[0].float()
        for token, scores in zip(row.tokens, logits, strict=False):
            if float(scores.max() - scores[token]) > tolerance(scores, loaded.model.dtype):
                return False
            if token != int(scores.argmax()):
                break
    return True
