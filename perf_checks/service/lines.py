"""The table that is printed line by line while the measuring goes on."""

WIDTHS = (70, 13, 17, 7)


def print_header() -> None:
    _print("what", "measured", "target", "verdict", "beside it, in the same minute")
    _print(*("-" * width for width in WIDTHS), "-" * 30)


def print_line(what: str, measured: float, unit: str, *, target: float | None = None, beside: str = "") -> None:
    """One line; without a target there is no verdict."""
    wanted = "" if target is None else f"at most {target:.4g} {unit}"
    verdict = "" if target is None else "met" if measured <= target else "MISSED"
    _print(what, f"{measured:.4g} {unit}", wanted, verdict, beside)


def print_failure(what: str, reason: str) -> None:
    """A line for what could not be measured."""
    _print(what, "not measured", "", "", reason)


def _print(*cells: str) -> None:
    *padded, last = cells
    words = [cell.ljust(width) for cell, width in zip(padded, WIDTHS, strict=True)]
    print(" | ".join((*words, last)).rstrip(), flush=True)
