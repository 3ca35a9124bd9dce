"""What verdicts depend on beside the answer: the code that takes answers from replies and compares them."""

import hashlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path

from evalscope.core.benchmark import Benchmark

PARTS = ("extractors", "sandboxes", "scorers")


def grading_digest(benchmark: Benchmark) -> str:
    """The same as long as the same answer must get the same verdict.

    It covers all extractors, scorers and sandboxes of this package, the files that the benchmark's own come from, and
    the settings of the scorer.
    """
    scorer = benchmark.scorer
    digest = hashlib.blake2b(_own_sources(), digest_size=8)
    for module in sorted({_module_of(benchmark.extract), _module_of(scorer)}):
        digest.update(module.encode() + _source_of(module))
    digest.update(repr(scorer).encode() if is_dataclass(scorer) else type(scorer).__qualname__.encode())
    digest.update(f"{benchmark.name} {benchmark.version}".encode())
    return digest.hexdigest()


@cache
def _own_sources() -> bytes:
    digest = hashlib.blake2b(digest_size=8)
    for path in _files():
        digest.update(path.read_bytes())
    return digest.digest()


def _files() -> Iterator[Path]:
    package = Path(__file__).parents[1]
    for part in PARTS:
        yield from sorted((package / part).rglob("*.py"))


def _module_of(part: object) -> str:
    return str(getattr(part, "__module__", "") or type(part).__module__)


def _source_of(module: str) -> bytes:
    if module.startswith("evalscope."):
        return b""  # covered with all the others
    try:
        return inspect.getsource(sys.modules[module]).encode("utf-8", "surrogatepass")
    except (KeyError, OSError, TypeError):
        return b""
