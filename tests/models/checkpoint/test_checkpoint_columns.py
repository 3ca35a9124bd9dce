"""Rows that all end at the same column."""

import pytest
import torch

from evalscope.models.checkpoint.columns import Columns, LayerKind

KINDS = (LayerKind(), LayerKind(window=4), LayerKind(has_cache=False))


def states(rows):
    """Keys that are the tokens themselves: (rows, 1 head, columns, size 1)."""
    return torch.tensor(rows, dtype=torch.float32)[:, None, :, None]


def write(columns, rows, first_row=0):
    """A pass that writes the last columns of rows, of which zeros are padding; what the layers show."""
    with columns.rewriting(first_row, len(rows[0])):
        return shown(columns, rows)


def shown(columns, rows):
    seen = []
    for layer in (0, 1):
        keys, values = columns.update(states(rows), -states(rows), layer)
        assert torch.equal(values, -keys)
        length, offset = columns.get_mask_sizes(len(rows[0]), layer)
        assert keys.shape[2] == length
        assert length + offset == columns.get_seq_length() + len(rows[0])
        seen.append(keys[:, 0, :, 0].int().tolist())
    return seen


def grow(columns, tokens):
    with columns.growing():
        return shown(columns, [[token] for token in tokens])


def test_rows_end_together_and_grow_together():
    columns = Columns(KINDS)
    columns.add([5, 3])
    write(columns, [[1, 2, 3, 4, 5], [0, 0, 7, 8, 9]])
    full, windowed = grow(columns, [6, 10])
    assert full == [[1, 2, 3, 4, 5, 6], [0, 0, 7, 8, 9, 10]]
    assert windowed == [[3, 4, 5, 6], [7, 8, 9, 10]]
    assert (columns.lengths, columns.width) == ([6, 4], 6)


def test_last_row_takes_the_place_of_one_that_leaves():
    columns = Columns(KINDS)
    columns.add([4, 1, 2])
    write(columns, [[1, 2, 3, 4], [0, 0, 0, 5], [0, 0, 6, 7]])
    columns.remove(0)
    assert columns.lengths == [2, 1]
    assert grow(columns, [8, 9])[0] == [[6, 7, 8], [0, 5, 9]]


@pytest.mark.parametrize("length", [2, 9], ids=["shorter", "longer"])
def test_row_that_comes_stands_beside_those_that_run(length):
    columns = Columns(KINDS)
    columns.add([4, 2])
    write(columns, [[1, 2, 3, 4], [0, 0, 5, 6]])
    grow(columns, [7, 8])
    assert columns.add([length]) == 2
    write(columns, [list(range(20, 20 + length))], first_row=2)
    width = max(length, 5)
    rows = ([1, 2, 3, 4, 7], [5, 6, 8], list(range(20, 20 + length)))
    expected = [[0] * (width - len(row)) + [*row, 90 + place] for place, row in enumerate(rows)]
    assert grow(columns, [90, 91, 92])[0] == expected


def test_start_is_copied_from_a_row_of_other_columns():
    known, columns = Columns(KINDS), Columns(KINDS)
    known.add([3, 5])
    write(known, [[0, 0, 1, 2, 3], [4, 5, 6, 7, 8]])
    columns.add([4, 6])
    columns.copy_start(0, known, 0, 2)
    columns.copy_start(1, known, 1, 4)
    full, windowed = write(columns, [[30, 40], [70, 90]])
    assert full == [[0, 0, 1, 2, 30, 40], [4, 5, 6, 7, 70, 90]]
    assert [row[-4:] for row in windowed] == [[1, 2, 30, 40], [6, 7, 70, 90]]


def test_long_growth_keeps_everything():
    columns = Columns(KINDS)
    columns.add([1, 2], num_more=3)
    write(columns, [[0, 100], [200, 201]])
    for step in range(200):
        full, _ = grow(columns, [1000 + step, 2000 + step])
    assert full[0][-201:] == [100, *range(1000, 1200)]
    assert full[1] == [200, 201, *range(2000, 2200)]


def test_buffers_go_when_all_rows_have_gone():
    columns = Columns(KINDS)
    columns.add([300])
    write(columns, [list(range(300))])
    assert columns.bytes_per_token == 16
    columns.remove(0)
    columns.add([2])
    write(columns, [[1, 2]])
    assert columns.num_bytes == 2 * 16
