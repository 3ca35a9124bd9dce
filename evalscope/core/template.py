"""The wording of a prompt: text with placeholders such as {question}."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from evalscope.errors import ConfigError, nearest

PLACEHOLDERS = ("question", "choices", "letters", "examples")
SYNONYMS = {"query": "question", "fewshot": "examples", "few_shot": "examples"}

_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    r"""Text whose placeholders are {question}, {choices}, {letters} and {examples}.

    {examples} divides the text: what stands before it is said once, what follows it is the form in which every
    question is put, the solved examples included. Without {examples} the whole text is that form. Other braces, as in
    \\boxed{}, stand for themselves; {{ and }} give single braces.
    """

    text: str

    def check(self, where: str, *, needs_examples: bool = False) -> None:
        """Refuses a text that names an unknown placeholder or lacks a needed one.

        Raises:
            ConfigError: naming `where`, the placeholder, and the known ones.
        """
        found = set()
        for match in _PIECE.finditer(self.text):
            name = match.group(1)
            if name is None:
                continue
            if SYNONYMS.get(name, name) not in PLACEHOLDERS:
                raise ConfigError(
                    f"{where} names the placeholder {{{name}}}, which is unknown; {nearest(name, PLACEHOLDERS)} "
                    f"(for literal braces write {{{{{name}}}}})"
                )
            found.add(SYNONYMS.get(name, name))
        if "question" not in found:
            raise ConfigError(
                f"{where} has no {{question}}, so every sample would be asked the same; found {self.text!r}"
            )
        if needs_examples and "examples" not in found:
            raise ConfigError(f"{where} has no {{examples}}, where the solved examples go; found {self.text!r}")

    @property
    def head(self) -> str:
        """What is said once, before the solved examples; empty where the text has no {examples}."""
        return self._parts()[0]

    @property
    def body(self) -> str:
        """The form in which every question is put."""
        return self._parts()[1]

    @property
    def question_marker(self) -> str:
        """What opens the line of a question, such as "Question:"; empty where nothing does."""
        before, _ = _split_at("question", self.body)
        return before.rpartition("\n")[2].strip()

    @property
    def cue(self) -> str:
        """The last line, where it holds nothing but words that lead to the answer, such as "ANSWER:"; else empty."""
        before, _, last = self.body.rpartition("\n")
        return last if before and last.strip() and not any(match.group(1) for match in _PIECE.finditer(last)) else ""

    def _parts(self) -> tuple[str, str]:
        before, after = _split_at("examples", self.text)
        return ("", self.text) if after is None else (before, after)


def _split_at(placeholder: str, text: str) -> tuple[str, str | None]:
    """What stands before and after the first such placeholder; the whole text and None where there is none."""
    for match in _PIECE.finditer(text):
        if match.group(1) and SYNONYMS.get(match.group(1), match.group(1)) == placeholder:
            return text[: match.start()], text[match.end() :]
    return text, None


def placeholders(text: str) -> tuple[str, ...]:
    """The names between single braces, in their order."""
    return tuple(dict.fromkeys(match.group(1) for match in _PIECE.finditer(text) if match.group(1)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced; inserted values are never searched for placeholders."""
    return "".join([values.get(name, piece) if name else piece for piece, name in _pieces(text)])


@lru_cache(maxsize=256)
def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    """The text in pieces, each with the name of the value that takes its place; empty for one that stays."""
    pieces: list[tuple[str, str]] = []
    end = 0
    for match in _PIECE.finditer(text):
        name = match.group(1)
        pieces.append((text[end : match.start()], ""))
        pieces.append((match.group(), SYNONYMS.get(name, name)) if name else (match.group()[0], ""))
        end = match.end()
    return (*pieces, (text[end:], ""))
