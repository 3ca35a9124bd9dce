"""What a run leaves behind, but for what may differ between it and the same run killed and continued."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

MAY_DIFFER = ("latency_s", "first_token_s", "timing")

OF_PAGE = re.compile(
    r"<dt>(?:<span lang=.en.>)?(?:seconds|latency, mean|first token, mean)<.*?</dd>"
    r"|<figure>(?:(?!</figure>).)*Latency, in seconds.*?</figure>"
    r"|<title>[^<]*|<h1>[^<]*|<code>evalscope app --outputs [^<]*|http://127\.0\.0\.1[^<\"]*"
    r"|<section id=.configuration.>.*?</section>",
    re.DOTALL,
)
"""Times, names and places; the configuration is compared as the file that it is."""


def stored_rows(root: Path, kind: str = "predictions") -> int:
    """Whole rows of all files of a kind."""
    return sum(path.read_bytes().count(b"\n") for path in root.glob(f"{kind}/*/*.jsonl"))


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; U+2028 and the like are no ends of lines here."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def content(root: Path) -> dict[str, Any]:
    """Every file of the run but its log and lock, by name; also files that it should have taken away."""
    paths = [path for path in root.rglob("*") if path.is_file() and path.name not in {".lock", "eval_log.log"}]
    assert paths
    return {str(path.relative_to(root)): _read(path) for path in paths}


def _read(path: Path) -> Any:
    if path.suffix == ".jsonl":
        return [_same(row) for row in rows_of(path)]
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        return _same(json.loads(text))
    if path.suffix == ".html":
        return OF_PAGE.sub("", text)
    record = yaml.safe_load(text)
    return record["asking"], record["data_fingerprint"]


def _same(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _same(inner) for name, inner in value.items() if name not in MAY_DIFFER}
    return [_same(inner) for inner in value] if isinstance(value, list) else value
