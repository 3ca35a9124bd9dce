"""Which samples of a run are shown, and in which order, as the address of a page says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PER_PAGE = 50

SORTS: Mapping[str, str] = {
    "place": "place",
    "dataset": "dataset",
    "subset": "subset",
    "id": "TRY_CAST(sample_id AS BIGINT) {way} NULLS LAST, sample_id",
    "outcome": "outcome",
    "score": "score",
    "tokens": "output_tokens",
    "latency": "latency_s",
    "length": "num_chars",
}
"""What a table can be sorted by, and how the database says it."""

SEARCHED: Mapping[str, str] = {
    "answers": "contains(lower(reply), lower(?))",
    "all": "(contains(lower(reply), lower(?)) OR contains(lower(prompt), lower(?)))",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """A choice of samples; empty texts choose nothing away.

    Attributes:
        model: name in reports.
        dataset: its name.
        subset: its name.
        category: a category that holds several subsets.
        outcome: the class.
        text: what is searched for, in small letters or capitals alike.
        searched: where: "answers", or "all" for prompts too.
        sort: by what, one of SORTS.
        is_descending: whether the largest comes first.
        page: from 1.
    """

    model: str = ""
    dataset: str = ""
    subset: str = ""
    category: str = ""
    outcome: str = ""
    text: str = ""
    searched: str = "answers"
    sort: str = "place"
    is_descending: bool = False
    page: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether every sample is chosen, in the order of the run."""
        return self.query(page=1) == {}

    def query(self, **changes: Any) -> dict[str, str]:
        """The words of an address that say this, those that say nothing left out."""
        words = {
            "model": self.model,
            "dataset": self.dataset,
            "subset": self.subset,
            "category": self.category,
            "outcome": self.outcome,
            "q": self.text,
            "in": self.searched if self.text and self.searched != "answers" else "",
            "sort": self.sort if self.sort != "place" else "",
            "way": "down" if self.is_descending else "",
            "page": "" if self.page == 1 else str(self.page),
        }
        words |= {name: "" if value in (1, None) else str(value) for name, value in changes.items()}
        return {name: value for name, value in words.items() if value}


def read_filters(words: Mapping[str, str]) -> Filters:
    """The choice that an address asks for; what it says wrongly counts as not said."""
    sort, searched, page = words.get("sort", ""), words.get("in", ""), words.get("page", "")
    return Filters(
        model=words.get("model", ""),
        dataset=words.get("dataset", ""),
        subset=words.get("subset", ""),
        category=words.get("category", ""),
        outcome=words.get("outcome", ""),
        text=words.get("q", "").strip(),
        searched=searched if searched in SEARCHED else "answers",
        sort=sort if sort in SORTS else "place",
        is_descending=words.get("way") == "down",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 10 else 1,
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """The words of SQL that choose samples, with the values that stand for their question marks."""

    where: str
    values: tuple[Any, ...]


def choice_of(filters: Filters, subsets: Mapping[str, tuple[tuple[str, str], ...]]) -> Choice:
    """How the database chooses them.

    Args:
        filters: what is chosen.
        subsets: (data set, subset) pairs of each category.
    """
    parts: list[str] = []
    values: list[Any] = []
    for column in ("model", "dataset", "subset", "outcome"):
        if value := getattr(filters, column):
            parts.append(f"{column} = ?")
            values.append(value)
    if filters.category:
        pairs = subsets.get(filters.category, ())
        parts.append(" OR ".join(["(dataset = ? AND subset = ?)"] * len(pairs)).join("()") if pairs else "false")
        values += [name for pair in pairs for name in pair]
    if filters.text:
        condition = SEARCHED[filters.searched]
        parts.append(condition)
        values += [filters.text] * condition.count("?")
    return Choice(" AND ".join(parts) or "true", tuple(values))


def order_of(filters: Filters) -> str:
    """How the database sorts them; equal ones keep the order of the run."""
    way = "DESC" if filters.is_descending else "ASC"
    column = SORTS[filters.sort]
    if filters.sort == "place":
        return f"place {way}"
    written = column.format(way=way) if "{way}" in column else column
    return f"{written} {way} NULLS LAST, place"


def address(path: str, **words: str) -> str:
    """An address within the dashboard; words without a value are left out."""
    query = urlencode({name.rstrip("_"): value for name, value in words.items() if value}, errors="replace")
    return f"{path}?{query}" if query else path
