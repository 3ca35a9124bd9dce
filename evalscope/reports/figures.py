"""How long, how dear and how slow the answers of a data set are."""

from typing import NamedTuple

from evalscope.reports.results import Result
from evalscope.runs.folder import RunFolder
from evalscope.runs.lenient import count_of, mapping_of, number_of, numbered_rows, text_of

MOST_READ = 20_000
"""Of more answers every second, third … is taken."""


class Figures(NamedTuple):
    """Numbers of single answers, those left out that are not known."""

    length: list[float]
    tokens: list[float]
    latency: list[float]


def read_figures(folder: RunFolder, result: Result) -> Figures:
    """Signs, tokens and seconds of answers, evenly taken from all subsets.

    Args:
        folder: of the run.
        result: of the data set.
    """
    step = -(-sum(result.outcomes.values()) // MOST_READ) or 1
    found = Figures([], [], [])
    for subset in dict.fromkeys(line.subset for line in result.subset_lines()):
        path = folder.predictions(result.folder, result.dataset, subset)
        for _, row in numbered_rows(path, lambda line: line % step == 0):
            completion = mapping_of(row.get("completion"))
            if not completion:
                continue
            found.length.append(len(text_of(completion.get("text"))))
            tokens = count_of(mapping_of(completion.get("usage")).get("output_tokens"))
            found.tokens.extend([] if tokens is None else [tokens])
            latency_s = number_of(completion.get("latency_s"))
            found.latency.extend([] if latency_s is None else [latency_s])
    return found
