"""Prompts are driven through a model without a thread."""

from evalscope.models.checkpoint.decode import Decoding
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.rows import Row
from evalscope.models.checkpoint.ways import find_ability

PLENTY = 10**6


KINDS = {}
"""Of the layers of each model, found out once."""


def make_reader(loaded, most_tokens=1024):
    if loaded.model not in KINDS:
        KINDS[loaded.model] = find_ability(loaded).kinds
    return Reader(loaded, KINDS[loaded.model], most_tokens)


def answered(loaded, asked, size, *, most_tokens=1024, most_kept=PLENTY):
    """Rows that have ended, as they were asked; at most `size` at once, each place filled when it is free."""
    reader = make_reader(loaded, most_tokens)
    prefixes = Prefixes(reader, most_kept)
    decoding, rows = Decoding(reader, prefixes), [Row(one, loaded) for one in asked]
    waiting, num_running = rows[::-1], 0
    for one in asked:
        prefixes.note(one.tokens)
    while waiting or num_running:
        begun = [waiting.pop() for _ in range(min(size - num_running, len(waiting)))]
        if begun:
            decoding.begin(begun)
        num_running += len(begun) - len(decoding.advance())
    return rows
