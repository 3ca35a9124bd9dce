"""Foreign text made fit for a message of ours: one line, short, without secrets."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, quote_plus

from evalscope.core.generation import Generation

MASK = "***"

# Shorter values are no secrets, and masking them would riddle every message with holes.
LEAST_CHARACTERS = 4

MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values that no exception and no log may show, even when the service echoes them.

    Attributes:
        values: the longest first, so that a secret within another does not leave the rest of it standing.
    """

    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """The secrets among some values, in plain and as URLs and JSON write them."""
        forms = {form for value in values if len(value) >= LEAST_CHARACTERS for form in _forms(value)}
        return cls(tuple(sorted(forms, key=lambda form: (-len(form), form))))

    @classmethod
    def of_request(cls, config: Generation, hidden: Iterable[str]) -> Self:
        """The secrets that a request's extra headers and parameters may hold, and those in `hidden`.

        Of a header like "Bearer sk-…" a service may repeat what stands behind the scheme alone.
        """
        headers = config.extra_headers.values()
        keys = (value.partition(" ")[2].strip() for value in headers)
        return cls.of((*hidden, *headers, *keys, *config.extra_query.values()))

    def hide(self, text: str) -> str:
        """The text with each secret masked."""
        for value in self.values:
            text = text.replace(value, MASK)
        return text

    def excerpt(self, text: str) -> str:
        """The text as one printable line of at most 500 characters."""
        hidden = self.hide(text)  # first of all: a secret that a cut went through would not be found any more
        start = hidden[: 20 * MOST_CHARACTERS]
        line = " ".join("".join(char if char.isprintable() else " " for char in start).split())
        return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"


def _forms(value: str) -> tuple[str, ...]:
    in_json = json.dumps(value)[1:-1]
    return (value, quote(value, safe=""), quote_plus(value), in_json, in_json.replace("/", "\\/"))
