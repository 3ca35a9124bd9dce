"""Python in a reply: the fenced block that defines what was asked for, or the bare code."""

import re
from collections.abc import Callable, Iterator

from evalscope.core.sample import Sample

_FENCE = re.compile(r"[ \t>]*(?P<ticks>`{3,}|~{3,})[ \t]*(?P<language>[\w+#.-]*)")
_PYTHON = frozenset({"", "python", "python3", "py", "py3", "pycon"})
_OPENS_CODE = re.compile(r"(?:from\s+\S+\s+import\b|import\s+\w|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+|@\w)")
_TOP_LEVEL = re.compile(
    r"(?:from|import|def|async|class|@|#|if|for|while|with|try|assert|print|[A-Za-z_]\w*\s*[=(.\[])"
)

_OPENS_BODY = re.compile(r"(?:return|yield)\b|(?:for|while|if|with|try)\b.*:\s*$|[A-Za-z_][\w.\[\], ]*[-+*/|&^%]*=[^=]")
_RETURNS = re.compile(r"\s*(?:return|yield)\b")


def code_block(text: str, sample: Sample) -> str | None:
    """The program in a reply: the last fenced block that defines the asked function, else the last one, else bare code.

    A block without its closing fence runs to the end. Bare code begins with its first line that can only be code, or
    is an indented body that continues the prompt, even where its first line has lost the indentation, as in a service
    that strips replies; prose behind it is left out. None where there is no code.
    """
    blocks = [code for language, code in _blocks(text) if language.casefold() in _PYTHON and code.strip()]
    if blocks:
        defining = [code for code in blocks if _defines(code, sample)]
        return (defining or blocks)[-1]
    if "```" in text or "~~~" in text:
        text = "\n".join(line for line in text.split("\n") if not _FENCE.match(line))
    return _bare(text.split("\n"))


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and code of each fenced block, in their order."""
    inside: list[str] | None = None
    ticks = language = indent = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.match(line)
        if inside is None and fence:
            inside, ticks, language = [], fence["ticks"], fence["language"]
            indent = line[: fence.start("ticks")]
        elif inside is not None and fence and fence["ticks"].startswith(ticks) and not fence["language"]:
            yield language, "\n".join(inside)
            inside = None
        elif inside is not None:
            inside.append(line.removeprefix(indent))  # a block in a list is indented as a whole
    if inside:
        yield language, "\n".join(inside)


def _defines(code: str, sample: Sample) -> bool:
    name = sample.metadata.get("entry_point", "")
    definition = rf"^\s*(?:async\s+)?(?:def|class)\s+{re.escape(name)}\b"
    return bool(name) and re.search(definition, code, re.MULTILINE) is not None


def _bare(lines: list[str]) -> str | None:
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return None
    body = [lines[first], *_until(lines[first + 1 :], lambda line: line[:1] not in " \t")]
    if lines[first][:1] in " \t" or (_OPENS_BODY.match(body[0]) and any(map(_RETURNS.match, body))):
        return "\n".join(body)  # a base model goes on with the body
    start = next((place for place, line in enumerate(lines) if _OPENS_CODE.match(line)), None)
    if start is None:
        return None
    kept = _until(lines[start:], lambda line: line[:1] not in " \t)]}" and not _TOP_LEVEL.match(line))
    return "\n".join(kept)


def _until(lines: list[str], is_end: Callable[[str], bool]) -> list[str]:
    """The lines up to the first that is not empty and ends the code."""
    end = next((place for place, line in enumerate(lines) if line.strip() and is_end(line)), len(lines))
    return lines[:end]
