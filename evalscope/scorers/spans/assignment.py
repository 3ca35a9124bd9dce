"""Rows and columns of a table paired so that the pairs add up to most."""

import math
from collections.abc import Sequence


def best_pairs(gains: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """For each row the column it is paired with, all of them different, so that Σ gains is as high as can be.

    Args:
        gains: (rows, columns), no more rows than columns.

    Source: Kuhn 1955, "The Hungarian method for the assignment problem", with the row by row growth of shortest
    augmenting paths of Jonker & Volgenant 1987; O(rows² · columns).
    """
    num_rows, num_columns = len(gains), len(gains[0])
    assert num_rows <= num_columns, "turn the table: the shorter side stands in rows"
    free = num_columns  # a column that stands outside the table, where each row's search starts
    row_of = [-1] * (num_columns + 1)
    row_price, column_price = [0.0] * num_rows, [0.0] * (num_columns + 1)
    for row in range(num_rows):
        row_of[free], column = row, free
        slack, before = [math.inf] * num_columns, [free] * num_columns
        seen = [False] * (num_columns + 1)
        while row_of[column] >= 0:
            seen[column] = True
            here = row_of[column]
            for other in (other for other in range(num_columns) if not seen[other]):
                reduced = -gains[here][other] - row_price[here] - column_price[other]
                if reduced < slack[other]:
                    slack[other], before[other] = reduced, column
            nearest = min((other for other in range(num_columns) if not seen[other]), key=slack.__getitem__)
            step = slack[nearest]
            for other in range(num_columns + 1):
                if seen[other]:
                    row_price[row_of[other]] += step
                    column_price[other] -= step
                elif other < num_columns:
                    slack[other] -= step
            column = nearest
        while column != free:
            row_of[column] = row_of[before[column]]
            column = before[column]
    paired = {row: column for column, row in enumerate(row_of[:free]) if row >= 0}
    return tuple(paired[row] for row in range(num_rows))
