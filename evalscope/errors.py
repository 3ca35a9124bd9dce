"""The exceptions users may catch, drawn as a tree.

    EvalscopeError              anything that this package raises on purpose
    ├── ConfigError             what the user wrote cannot be run: exit code 2
    │   └── MissingDependency   an extra is not installed; the message is the pip line
    ├── DatasetError            the data is absent, torn or not what the benchmark expects: exit code 2
    ├── ModelError              no answer to one request: an error row
    │   ├── PromptTooLong       the prompt does not fit the model's context
    │   ├── AnswerRefused       the service's content filter withheld the answer
    │   ├── RequestRefused      the service does not accept the request as it stands (HTTP 400, 413, 422)
    │   └── EndpointError       no request can succeed: dead address, bad key, unknown model
    └── ScoringError            an answer is there, but could not be scored: an error row
        └── JudgeFailed         no judge gave a verdict on it that could be read

    RunInterrupted              Ctrl-C after everything finished was written; a KeyboardInterrupt

Every message says what was asked, what was found, and what to do.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path


class EvalscopeError(Exception):
    """Anything that this package raises on purpose."""


class ConfigError(EvalscopeError):
    """What the user wrote cannot be run."""


class MissingDependency(ConfigError):
    """An optional part is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install 'evalscope[{extra}]'")


class DatasetError(EvalscopeError):
    """The data is absent, torn or not what the benchmark expects."""


class ModelError(EvalscopeError):
    """No answer came to one request."""


class PromptTooLong(ModelError):
    """The prompt does not fit the model's context."""


class AnswerRefused(ModelError):
    """The service's content filter withheld the answer."""


class RequestRefused(ModelError):
    """The service does not accept the request as it stands, and would not accept it a second time."""


class EndpointError(ModelError):
    """No request to this endpoint can succeed, whatever the question."""


class ScoringError(EvalscopeError):
    """An answer is there, but it could not be scored."""


class JudgeFailed(ScoringError):
    """An answer is there, but no judge gave a verdict on it that could be read."""


class RunInterrupted(KeyboardInterrupt):
    """The user stopped the run; everything finished by then is written.

    Attributes:
        run_folder: the folder that `use_cache` continues.
    """

    def __init__(self, run_folder: Path) -> None:
        super().__init__(f"stopped; use_cache={str(run_folder)!r} continues the run")
        self.run_folder = run_folder


_AS_CLOSE = 0.15
"""A name that is so much less like the one that was typed is not offered beside a closer one."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the known names closest to a mistyped one, or lists them all when none is close."""
    names = sorted({str(known_name) for known_name in known})
    folded = {known_name.casefold().replace("-", "_"): known_name for known_name in names}
    wished = name.casefold().replace("-", "_")
    close = get_close_matches(wished, folded, n=3, cutoff=0.6)
    if close:
        likeness = {found: SequenceMatcher(None, found, wished).ratio() for found in close}
        close = [found for found in close if likeness[found] > likeness[close[0]] - _AS_CLOSE]
        return f"did you mean {' or '.join(repr(folded[found]) for found in close)}?"
    return f"known: {', '.join(names)}" if names else "none is known"
