"""The check of a judge as a person reads it."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from evalscope.reports.table import NOTHING, format_number

MEASURES: Mapping[str, str] = {
    "agreement": "agreement",
    "kappa": "Cohen's kappa",
    "sensitivity": "sensitivity (right answers called right)",
    "specificity": "specificity (wrong answers called wrong)",
    "same_when_repeated": "same verdict when asked again",
    "same_in_both_orders": "same verdict when answers change places",
}


def describe_check(result: Mapping[str, Any]) -> str:
    """The confusion table, and below it every measure with its interval.

    Args:
        result: as its JSON file holds it, where what is no number may be None or nan.
    """
    from tabulate import tabulate

    verdicts = list(result["confusion"])
    failed = ["no verdict"] if result["failed"] else []
    confusion = tabulate(
        [
            [label, *(row[verdict] for verdict in verdicts), *([result["no_verdict"][label]] if failed else [])]
            for label, row in result["confusion"].items()
        ],
        headers=["label", *(f"judge: {verdict}" for verdict in verdicts), *failed],
        tablefmt="grid",
    )
    measures = tabulate(
        list(_measures(result)),
        headers=["Measure", "Value", "95% CI", "Num"],
        tablefmt="grid",
        disable_numparse=True,
        colalign=("left", "right", "left", "right"),
    )
    times = f", each {result['repeats']} times" * (result["repeats"] > 1)
    head = f"judge {result['judge']}, rubric {result['rubric']}: {result['num']} labelled answers{times}"
    return f"{head}\n{confusion}\n{measures}"


def _measures(result: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, words in MEASURES.items():
        if (found := result[name]) is not None:
            value, low, high = (
                math.nan if found[part] is None else found[part] for part in ("value", "ci_low", "ci_high")
            )
            interval = NOTHING if math.isnan(low) else f"{low:.3f} – {high:.3f}"
            yield [words, format_number(value), interval, str(found["num"])]
    yield ["judge failures", str(result["failed"]), NOTHING, str(result["num"])]
