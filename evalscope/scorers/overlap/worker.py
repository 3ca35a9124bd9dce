"""The worker's side of text overlap: one answer at a time."""

import logging
from collections.abc import Callable

from evalscope.workers import Json, serve


def load() -> Callable[[Json], Json]:
    """What gives the figures of [answer, references]."""
    logging.disable(logging.CRITICAL)
    from evalscope.scorers.overlap.figures import overlap

    def compare(question: Json) -> Json:
        answer, references = question
        return overlap(answer, references)

    return compare


if __name__ == "__main__":
    serve(load)
