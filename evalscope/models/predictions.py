"""Answers made elsewhere: a file of them, and which answer belongs to which sample."""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalscope.core.sample import Record, Sample
from evalscope.errors import DatasetError

logger = logging.getLogger(__name__)

KEYS = ("dataset", "subset", "id", "question", "prediction")
NUM_NAMED = 5
"""So many answers that belong to no sample are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One row of the file.

    Attributes:
        place: "answers.jsonl:7".
        texts: one a repeat.
        subset: None where the row names none.
    """

    place: str
    dataset: str
    subset: str | None
    id: str | None
    question: str | None
    texts: tuple[str, ...]


@dataclass(slots=True)
class Predictions:
    """A file of answers; after `match` each sample finds its own.

    Attributes:
        digest: of the file's content.
    """

    answers: tuple[GivenAnswer, ...]
    digest: str
    _found: dict[tuple[str, str, str], GivenAnswer] = field(default_factory=dict)

    def num_repeats(self, names: Iterable[str]) -> int:
        """The most texts that one row for data sets of these names holds, at least 1."""
        meant = {_fold(name) for name in names}
        return max((len(answer.texts) for answer in self.answers if _fold(answer.dataset) in meant), default=1)

    @property
    def identity(self) -> Mapping[str, str]:
        """The file's content."""
        return {"kind": "predictions", "digest": self.digest}

    def find(self, dataset: str, subset: str, sample_id: str, repeat: int) -> str | None:
        """The answer given for a sample in one of its repeats; None where there is none."""
        answer = self._found.get((dataset, subset, sample_id))
        return answer.texts[repeat] if answer and repeat < len(answer.texts) else None

    def match(self, dataset: str, names: Iterable[str], samples: Iterable[tuple[str, Sample]]) -> list[str]:
        """Finds the sample of every answer given for one data set; returns what could not be matched, in sentences.

        By id first. By question, white space at the ends ignored: a text that stands k times among the samples of a
        subset needs k answers, which are taken in order; any other number is ambiguous, and none of them is taken.

        Args:
            dataset: the name under which `find` will ask.
            names: all names under which the file may mean this data set.
            samples: (subset, sample) of all that is to be scored.
        """
        meant = {_fold(name) for name in names}
        given = [answer for answer in self.answers if _fold(answer.dataset) in meant]
        by_id: dict[tuple[str, str], Sample] = {}
        by_question: dict[tuple[str, str], list[str]] = defaultdict(list)
        for subset, sample in samples:
            by_id[subset, sample.id] = sample
            by_question[subset, sample.question.strip()].append(sample.id)
        subsets = sorted({subset for subset, _ in by_id})
        unmatched = self._match_ids(dataset, given, by_id, subsets)
        unasked, notes = self._match_questions(dataset, given, by_question, subsets)
        if unmatched := unmatched + unasked:
            named = ", ".join(unmatched[:NUM_NAMED]) + (", …" if len(unmatched) > NUM_NAMED else "")
            notes.append(f"{len(unmatched)} answers match no sample that is scored: {named}")
        if not given:
            others = ", ".join(sorted({answer.dataset for answer in self.answers})) or "none at all"
            notes.append(f"the file holds no answer for this data set; those in it are for: {others}")
        for note in notes:
            logger.warning("%s: %s", dataset, note)
        return notes

    def _match_ids(
        self, dataset: str, given: list[GivenAnswer], by_id: Mapping[tuple[str, str], Sample], subsets: list[str]
    ) -> list[str]:
        unmatched = []
        for answer in given:
            if answer.id is None:
                continue
            places = [(subset, answer.id) for subset in _subsets(answer, subsets) if (subset, answer.id) in by_id]
            if len(places) == 1:
                self._take(dataset, *places[0], answer)
            elif places:
                found_in = ", ".join(subset for subset, _ in places)
                raise DatasetError(
                    f'{answer.place}: id {answer.id!r} stands in several subsets ({found_in}); add "subset"'
                )
            else:
                unmatched.append(f"{answer.place} (id {answer.id!r})")
        return unmatched

    def _match_questions(
        self,
        dataset: str,
        given: list[GivenAnswer],
        by_question: Mapping[tuple[str, str], list[str]],
        subsets: list[str],
    ) -> tuple[list[str], list[str]]:
        """Answers whose question is none of ours, and sentences about questions that are ambiguous."""
        unmatched: list[str] = []
        notes: list[str] = []
        groups: dict[tuple[str, str], list[GivenAnswer]] = defaultdict(list)
        for answer in given:
            if answer.id is not None or answer.question is None:
                continue
            question = answer.question.strip()
            places = [(subset, question) for subset in _subsets(answer, subsets) if (subset, question) in by_question]
            for place in places:
                groups[place].append(answer)
            if not places:
                unmatched.append(f"{answer.place} ({question[:40]!r})")
        for (subset, question), answers in groups.items():
            ids = by_question[subset, question]
            if len(ids) == len(answers):
                for sample_id, answer in zip(ids, answers, strict=True):
                    self._take(dataset, subset, sample_id, answer)
            else:
                notes.append(
                    f"{len(answers)} answers for a question that stands {len(ids)} times in {subset!r} are "
                    f"ambiguous and not scored: {question[:40]!r} ({answers[0].place})"
                )
        return unmatched, notes

    def _take(self, dataset: str, subset: str, sample_id: str, answer: GivenAnswer) -> None:
        place = (dataset, subset, sample_id)
        if place in self._found and self._found[place] is not answer:
            raise DatasetError(
                f"{answer.place} answers sample {sample_id!r} of {dataset} / {subset} a second time "
                f"(first: {self._found[place].place}); keep one, or give a list for repeats"
            )
        self._found[place] = answer


def read_predictions(records: Iterable[tuple[Record, object]]) -> Predictions:
    """The answers in a file's records, each with its place ("answers.jsonl:7").

    Raises:
        DatasetError: a row without its data set, its sample or its answer; with its place.
    """
    digest = hashlib.blake2b(digest_size=16)
    answers: list[GivenAnswer] = []
    unread: set[str] = set()
    for record, place in records:
        unread |= record.keys() - set(KEYS)
        answer = _given_answer(record, str(place))
        if answer is not None:
            answers.append(answer)
            named = (answer.dataset, answer.subset, answer.id, answer.question, answer.texts)
            digest.update(repr(named).encode("utf-8", "surrogatepass"))
    predictions = Predictions(answers=tuple(answers), digest=digest.hexdigest())
    if unread:
        logger.warning("the file of answers has further fields, which are not read: %s", ", ".join(sorted(unread)))
    return predictions


def _given_answer(record: Record, place: str) -> GivenAnswer | None:
    """The row understood; None where it says that there is no answer."""
    if not isinstance(record.get("dataset"), str):
        raise DatasetError(f'{place}: "dataset" is missing; found {", ".join(record)}')
    if record.get("id") is None and not isinstance(record.get("question"), str):
        raise DatasetError(
            f'{place}: neither "id" nor "question" says which sample is meant; found {", ".join(record)}'
        )
    texts = _texts(record, place)
    if not texts:
        return None
    return GivenAnswer(
        place=place,
        dataset=record["dataset"],
        subset=None if record.get("subset") is None else str(record["subset"]),
        id=None if record.get("id") is None else str(record["id"]),
        question=record.get("question"),
        texts=texts,
    )


def _texts(record: Record, place: str) -> tuple[str, ...]:
    """The row's texts; none where it says null, which is an answer missing."""
    prediction = record.get("prediction")
    if prediction is None and "prediction" in record:
        return ()
    texts: Sequence[Any] = prediction if isinstance(prediction, list) else [prediction]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise DatasetError(f'{place}: "prediction" is a text or a list of texts; found {prediction!r}')
    return tuple(texts)


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


def _subsets(answer: GivenAnswer, subsets: list[str]) -> list[str]:
    return subsets if answer.subset is None else [answer.subset]
