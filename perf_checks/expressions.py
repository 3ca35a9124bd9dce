r"""Comparing expressions: the targets of MATH against themselves, and against themselves rewritten.

    python -m perf_checks.expressions path/to/competition_math/test.jsonl

Rewritten means: spaces put in or taken out, \\dfrac for \\frac, half of the fractions that have one as decimals, lists
turned round. Every pair is equal, so each one called different is a disagreement. Printed are samples per second with
all that is needed (the library's workers included, two of them), the share that the fast path decided, and the
disagreements. The targets: the fast path decides more than 90 %, and thousands are compared in a second.
"""

import argparse
import asyncio
import json
import re
import time
from inspect import isawaitable
from pathlib import Path

from evalscope.benchmarks.competition_math import to_sample
from evalscope.core.sample import Sample
from evalscope.errors import ScoringError
from evalscope.scorers.expressions.match import LIMIT_S, ExpressionMatch
from evalscope.workers import WorkerPool

NUM_WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text(encoding="utf-8").split("\n")
    samples = [to_sample(json.loads(line)) for line in lines if line]
    for name, rewrite in (("as they are", lambda target, row: target), ("rewritten", rewritten)):
        pairs = [(sample, rewrite(sample.targets[0], row)) for row, sample in enumerate(samples)]
        asyncio.run(compare(name, pairs))


def rewritten(target: str, row: int) -> str:
    """The same in another spelling; which one goes by the row, so that it is the same in every run."""
    text = re.sub(r"\\[dt]?frac(?![A-Za-z])", r"\\dfrac" if row % 2 else r"\\tfrac", target)
    if row % 4 < 2 and (fraction := re.fullmatch(r"(-?)\\[dt]frac\{(\d+)\}\{(\d+)\}", text)):
        value = int(fraction[2]) / int(fraction[3])
        if round(value, 4) == value:
            return f"{fraction[1]}{value:g}"
    if re.fullmatch(r"-?[\d.]+", text):
        return f"{text}.0" if row % 3 == 0 and "." not in text else f" {text} "
    if "text" in text or "box" in text or re.search(r"\\[ ,!]", text):
        return f" {text} "
    if row % 2:
        return re.sub(r"(?<![A-Za-z\\]) (?![A-Za-z])", "", text)
    return re.sub(r"([+=])|(?<!\d),|,(?!\d)", lambda sign: f" {sign[0]} ", text)


async def compare(name: str, pairs: list[tuple[Sample, str]]) -> None:
    scorer = ExpressionMatch(
        pool=WorkerPool("evalscope.scorers.expressions.worker", limit_s=LIMIT_S, num_workers=NUM_WORKERS)
    )
    began = time.perf_counter()
    found = [(sample, answer, scorer(answer, sample)) for sample, answer in pairs]
    decided_s = time.perf_counter() - began
    asked = sum(isawaitable(score) for _, _, score in found)
    different = []
    for sample, answer, score in found:
        try:
            verdict = await score if isawaitable(score) else score
        except ScoringError as error:
            different.append((sample.target, answer, str(error)))
            continue
        if verdict.values["acc"] != 1.0:
            different.append((sample.target, answer, "different"))
    whole_s = time.perf_counter() - began
    await scorer.aclose()
    num = len(pairs)
    print(
        f"{name}: {num} pairs, {num / whole_s:.0f} a second in all ({num / decided_s:.0f} by the fast path alone); "
        f"the fast path decided {1 - asked / num:.2%}; {len(different)} disagreements"
    )
    for target, answer, what in different:
        print(f"    {target!r} | {answer!r}: {what}")


if __name__ == "__main__":
    main()
