"""Whether two reports are of the same questions, asked in the same words."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

DECISIVE: Mapping[str, str] = {
    "scoring": "way of scoring",
    "benchmark_version": "version of the benchmark",
    "split": "split",
    "few_shot_num": "number of examples",
    "few_shot_as_turns": "examples as turns",
    "examples_digests": "examples",
    "template_digest": "wording of the prompt",
    "shuffle_choices": "shuffling of options",
    "weights": "weights of data sets",
}
"""What a report's `asked` says of prompts, data and examples, in words."""

CONTEXT = 20
"""So many characters are shown before the place where two wordings part, and three times as many behind it."""


def what_differs(first: Json, later: Json) -> Iterator[str]:
    """Why answers cannot be compared sample by sample, one reason a line; nothing where they can.

    Of answers made elsewhere it is not known how they were asked, so only their data is looked at.
    """
    if first["data_fingerprint"] != later["data_fingerprint"]:
        yield _line("data", *(f"{report['data_fingerprint']} ({_size(report)} samples)" for report in (first, later)))
    before, after = first["asked"], later["asked"]
    if "predictions" in (before.get("answered_by"), after.get("answered_by")):
        return
    for name, words in DECISIVE.items():
        if name in before and name in after and before[name] != after[name]:
            yield _line(words, *_shown(name, before, after))
    if before.get("shuffle_choices") and after.get("shuffle_choices") and before.get("seed") != after.get("seed"):
        yield _line("seed that shuffles options", str(before.get("seed")), str(after.get("seed")))


def what_else_differs(first: Json, later: Json) -> Iterator[str]:
    """What does not keep answers from being compared, but a reader should know of."""
    before, after = first["asked"], later["asked"]
    if "predictions" in (before.get("answered_by"), after.get("answered_by")):
        yield "answers made elsewhere: how they were asked is not known"
    else:
        settings = [asked.get("generation", {}) for asked in (before, after)]
        for name in sorted({*settings[0], *settings[1]}):
            if settings[0].get(name) != settings[1].get(name):
                yield _line(name, *(str(one.get(name, "left to the model")) for one in settings))
    if before.get("repeats") != after.get("repeats"):
        yield _line("repeats", str(before.get("repeats")), str(after.get("repeats")))
    judged = [_judging(report) for report in (first, later)]
    if judged[0] != judged[1]:
        yield _line("judged by", *judged)


def _judging(report: Json) -> str:
    """Who judged by which rubric: what a verdict depends on, beside the answer."""
    found = report.get("judged") or {}
    digests = found.get("rubric_digests", {})
    return ", ".join(f"{judge} ({digests.get(judge, '')})" for judge in found.get("judges", ())) or "rule"


def _shown(name: str, before: Json, after: Json) -> tuple[str, str]:
    """Both values; digests say nothing to a reader, so what they stand for is shown in their place."""
    if name == "template_digest":
        first, later = (
            f"{asked.get('system_prompt', '')}\n{asked.get('template', '')}".lstrip() for asked in (before, after)
        )
        same = next((place for place, (one, other) in enumerate(zip(first, later, strict=False)) if one != other), 0)
        start = max(0, same - CONTEXT)
        return repr(first[start : start + 4 * CONTEXT]), repr(later[start : start + 4 * CONTEXT])
    if name == "examples_digests":
        subsets = [subset for subset, digest in before[name].items() if after[name].get(subset) != digest]
        return f"those of the first run in {', '.join(subsets):.80}", "others"
    return str(before[name]), str(after[name])


def _size(report: Json) -> int:
    return sum(map(int, report["outcomes"].values())) + int(report.get("missing", 0))


def _line(what: str, before: str, after: str) -> str:
    return f"{what}: {before} against {after}"
