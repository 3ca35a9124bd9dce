"""The worker's side of a comparison: math-verify, asked one pair at a time."""

import logging
from collections.abc import Callable

from evalscope.workers import Json, serve


def load() -> Callable[[Json], Json]:
    """What compares [target, answer], both LaTeX; it says "equal", "different", "no target" or "no answer".

    The library's own time limits are off: they are signals that sympy may swallow, and the pool has its own.
    """
    logging.disable(logging.CRITICAL)
    from math_verify import LatexExtractionConfig, parse, verify

    from evalscope.scorers.expressions.values import compare_matrices, differ_at_a_point

    config = (LatexExtractionConfig(boxed_match_priority=-1),)

    def read(latex: str) -> list[object]:
        try:
            found: list[object] = parse(
                f"${latex}$", config, fallback_mode="no_fallback", parsing_timeout=None, raise_on_error=True
            )
        except RecursionError:  # hundreds of brackets are no expression
            return []
        return found

    def compare(question: Json) -> Json:
        target, answer = (read(latex) for latex in question)
        if not target:
            return "no target"
        if not answer:
            return "no answer"
        if not any("%" in latex for latex in question) and differ_at_a_point(target[0], answer[0]):
            return "different"  # but 10% may be 10 and 0.1
        is_equal = compare_matrices(target[0], answer[0])
        if is_equal is None:
            is_equal = verify(target, answer, timeout_seconds=None, allow_set_relation_comp=True)
        return "equal" if is_equal else "different"

    return compare


if __name__ == "__main__":
    serve(load)
