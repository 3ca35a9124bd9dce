"""What went wrong with a hub, in one sentence, and what can be done about it."""

import errno
from collections.abc import Iterator

from evalscope.constants import HubType
from evalscope.errors import EvalscopeError
from evalscope.sources.hubs.variables import CACHES, MIRRORS, TOKENS, endpoint

TRY_ELSEWHERE = "try again later, or use another mirror"
HUB_NAMES = {HubType.MODELSCOPE: "ModelScope", HubType.HUGGINGFACE: "Hugging Face"}

_UNREACHABLE = (
    "ConnectError",
    "ConnectTimeout",
    "ConnectionError",
    "NetworkError",
    "ProxyError",
    "RequestTimeoutError",
)
_UNTRUSTED = ("SSLError", "SSLCertVerificationError")
_DAMAGED = ("FileIntegrityError", "FileSizeMismatchError")
_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EACCES: "the folder may not be written",
    errno.EROFS: "the folder may not be written",
}


class HubError(EvalscopeError):
    """A hub did not give what was asked; the message says why, and what to do.

    Attributes:
        is_away: whether it cannot serve anybody now, so that an earlier download may.
    """

    def __init__(self, message: str, *, is_away: bool = False) -> None:
        super().__init__(message)
        self.is_away = is_away


def is_away(error: BaseException) -> bool:
    """Whether the hub cannot serve anybody now: it does not answer, is out of order, or wants fewer requests."""
    status = _status_of(error)
    return _is_unreachable(error) if status is None else status == 429 or status >= 500


def _is_unreachable(error: BaseException) -> bool:
    return any(type(one).__name__ in _UNREACHABLE for one in _chain(error))


def explain(error: BaseException, hub: HubType) -> str:
    """What was found, and what to do; the hub's own words only where we have none of our own."""
    name, mirror = HUB_NAMES[hub], f"a mirror ({MIRRORS[hub]}) or a proxy (HTTPS_PROXY)"
    status = _status_of(error)
    if status == 404:
        return f"{name} knows no such id, revision or file (HTTP 404); correct the id, or name another hub"
    if status in (401, 403):
        return (
            f"{name} does not give it to everybody (HTTP {status}): there is no such id, or it is private; "
            f"correct the id, or set {TOKENS[hub]} to a token that may read it"
        )
    if status == 429:
        return f"{name} wants fewer requests (HTTP 429); wait some minutes, set {TOKENS[hub]}, or use {mirror}"
    if status is not None and status >= 500:
        return f"{name} is out of order (HTTP {status}); try again later, or use {mirror}"
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno in _NO_ROOM:
            return f"{_NO_ROOM[one.errno]} ({one.filename or 'cache'}); name another place by {CACHES[hub]}"
    if damaged := next((one for one in _chain(error) if type(one).__name__ in _DAMAGED), None):
        text = str(getattr(damaged, "message", damaged)).partition("\n")[0]
        return f"what came is not what {name} lists ({text[:200]}); it was not kept: {TRY_ELSEWHERE}"
    if any(type(one).__name__ in _UNTRUSTED for one in _chain(error)):
        advice = "a certificate authority of your own is named by SSL_CERT_FILE"
        return f"there is no secure connection to {endpoint(hub)} ({_cause(error)}); {advice}"
    if _is_unreachable(error):
        return f"{endpoint(hub)} cannot be reached ({_cause(error)}); use {mirror}, or --offline with what is here"
    return _cause(error)


def _status_of(error: BaseException) -> int | None:
    """The HTTP status that a client was refused with; None where there was no answer."""
    for one in _chain(error):
        status = getattr(one, "status_code", None) or getattr(getattr(one, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _cause(error: BaseException) -> str:
    """The first thing that went wrong, in a line."""
    deepest = list(_chain(error))[-1]
    texts = [str(one).strip().partition("\n")[0].rstrip(". ") for one in (deepest, error)]
    text = next(filter(None, texts), "")
    return f"{type(deepest).__name__}: {text[:200]}" if text else type(deepest).__name__
