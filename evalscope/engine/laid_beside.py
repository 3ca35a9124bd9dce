"""The records of a run beside those of today: which is the first that differs, and what became of it."""

from itertools import zip_longest

from evalscope.core.digests import Digests

CHANGED = "was changed"


def first_difference(then: Digests, now: Digests) -> int | None:
    """The place of the first record that differs, in the order of rows; None where all are the same."""
    if tuple(then.rows) == tuple(now.rows) and then.records == now.records:
        return None
    places = zip_longest(
        ((row, then.record(index)) for index, row in enumerate(then.rows)),
        ((row, now.record(index)) for index, row in enumerate(now.rows)),
    )
    return next(index for index, (one, other) in enumerate(places) if one != other)


def first_other_example(then: Digests, now: Digests) -> int | None:
    """The place of the first solved example that differs; None where all are the same."""
    if then.examples == now.examples:
        return None
    most = max(then.num_examples, now.num_examples)
    return next(index for index in range(most) if then.example(index) != now.example(index))


def what_became_of_it(then: Digests, now: Digests, index: int) -> str:
    """What happened to the record at a place where the two differ, as the rest of a sentence.

    Args:
        then: of the run.
        now: of today.
        index: from `first_difference`.
    """
    if index >= len(then.rows):
        return "was not asked in the run"
    if index >= len(now.rows):
        return "is not there any more"
    if then.rows[index] != now.rows[index]:
        return f"is drawn in place of record {then.rows[index]}"
    now_at, stood_at = now.place_of(then.record(index)), then.place_of(now.record(index))
    if now_at is not None and stood_at is None:
        return f"was put in; what stood there is record {now.rows[now_at]} now"
    if now_at is None and stood_at is not None:
        return f"was taken out; record {then.rows[stood_at]} has taken its place"
    if now_at is not None and stood_at is not None:
        return f"stands in another order: it is record {now.rows[now_at]} now, and record {then.rows[stood_at]} here"
    return CHANGED
