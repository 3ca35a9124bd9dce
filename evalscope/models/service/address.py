"""The addresses of a service, from whatever form of its URL the user wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from yarl import URL

from evalscope.errors import ConfigError

CHAT = "/chat/completions"
COMPLETIONS = "/completions"
EXAMPLE = "http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service is reached.

    Attributes:
        chat: what questions are posted to, query string included.
        completions: what plain texts are posted to, likewise.
        models: what lists the names that are served.
        credentials: "user:password" where the URL held them (they are in no address); empty otherwise.
    """

    chat: URL
    completions: URL
    models: URL
    credentials: str = ""

    @property
    def hidden_values(self) -> tuple[str, ...]:
        """What no message may show: the password, the credentials as a whole, and the query's values."""
        password = self.credentials.partition(":")[2]
        return (self.credentials, password, *self.chat.query.values())


def with_parameters(url: URL, extra_query: Mapping[str, str]) -> URL:
    """An address with further URL parameters."""
    return url.update_query(dict(extra_query)) if extra_query else url


def shown(url: URL) -> str:
    """An address for messages: without its query string, which may hold a key."""
    return str(url.with_query(None))


def parse_address(url: str) -> Address:
    """The addresses that a URL stands for.

    A bare host stands for its /v1; what ends in /chat/completions is taken as it is; any other path is the base that
    /chat/completions and /models are appended to, as OpenAI's own clients do.

    Raises:
        ConfigError: no http:// or https://, no host, or no valid port.
    """
    parts = _split(url.strip())
    base = parts.path.rstrip("/").removesuffix(CHAT).rstrip("/")
    if not parts.path.rstrip("/"):
        base = "/v1"
    user_and_password, _, host_and_port = parts.netloc.rpartition("@")
    parts = parts._replace(netloc=host_and_port, fragment="")
    try:
        return Address(
            chat=URL(parts._replace(path=base + CHAT).geturl()),
            completions=URL(parts._replace(path=base + COMPLETIONS).geturl()),
            models=URL(parts._replace(path=base + "/models").geturl()),
            credentials=unquote(user_and_password),
        )
    except ValueError as error:
        raise _fault(url, str(error)) from None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # the port is checked where it is read
    except ValueError as error:
        raise _fault(url, str(error)) from None
    if parts.scheme not in ("http", "https"):
        raise _fault(url, "it does not begin with http:// or https://")
    if not host or re.search(r"[\s\\]", parts.netloc + parts.path):
        raise _fault(url, "it has a space or a backslash" if host else "it names no host")
    return parts


def _fault(url: str, reason: str) -> ConfigError:
    without_secrets = re.sub(r"//[^/]*@", "//", url.partition("?")[0])
    return ConfigError(f"api_url {without_secrets!r} is no address of a service: {reason}; an example: {EXAMPLE}")
