"""Children that are forked ahead of their jobs."""

from evalscope.sandboxes.inside.spares import MOST, Spares


def test_each_is_taken_once_and_more_are_forked_each_time_up_to_a_limit():
    forked: list[int] = []

    def fork(num: int) -> range:
        first = sum(forked)
        forked.append(num)
        return range(first, first + num)

    spares = Spares(fork)
    assert forked == []
    taken = [spares.take() for _ in range(1 + 2 + 4 + MOST + MOST)]
    assert forked == [1, 2, 4, MOST, MOST]
    assert sorted(taken) == list(range(len(taken)))
