"""Connections to a service: how they are opened, and what it means when one fails."""

from collections.abc import Mapping

import aiohttp

from evalscope.core.generation import Generation
from evalscope.errors import ConfigError
from evalscope.models.service.pace import Ending
from evalscope.models.service.retries import AttemptFailed


def open_session(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """A pool of connections that are kept alive; it must be made inside the running loop.

    The engine limits the questions in flight, so the pool has no limit of its own. The environment is not read
    (trust_env): .netrc would send passwords that nobody asked to send; proxies are found in proxy.py.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=headers,
        trust_env=False,
    )


def failure_of(error: Exception, timeout: aiohttp.ClientTimeout) -> AttemptFailed:
    """What a failure on the way to or from the service means for further attempts."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return AttemptFailed(f"no connection within {timeout.connect:g} s", most_if_silent=0, ending=Ending.TOO_BUSY)
    if isinstance(error, TimeoutError):
        return AttemptFailed(f"no whole answer within {timeout.total:g} s (--timeout)", ending=Ending.TOO_BUSY)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _never_connected(error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return AttemptFailed(f"the proxy of the environment refuses (HTTP {error.status})", most_if_silent=1)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return AttemptFailed("the connection was closed without an answer")
    if isinstance(error, aiohttp.ClientPayloadError):
        return AttemptFailed("the connection broke off in the middle of the answer")
    if isinstance(error, aiohttp.ClientResponseError):
        return AttemptFailed(f"what answers does not speak HTTP: {error.message}")
    return AttemptFailed(f"the connection broke: {error or type(error).__name__}")


def check_header_value(value: str, what: str) -> None:
    """Refuses a value that would break out of its header.

    Raises:
        ConfigError: it holds a line break or another control character; the value itself stays unsaid.
    """
    if not value.isprintable():
        raise ConfigError(f"{what} holds a line break or another control character; remove it")


def check_extra_headers(config: Generation) -> None:
    """Refuses extra_headers that would break out.

    Raises:
        ConfigError: naming the header.
    """
    for name, value in config.extra_headers.items():
        check_header_value(name + value, f"extra_headers of generation_config: {name!r}")


def _never_connected(error: aiohttp.ClientConnectorError) -> AttemptFailed:
    refused = isinstance(error.os_error, ConnectionRefusedError)
    cause = "connection refused" if refused else str(error.os_error)
    if isinstance(error, aiohttp.ClientSSLError):
        advice = "does it speak https? a certificate authority of your own is named by SSL_CERT_FILE"
        return AttemptFailed(f"no secure connection: {cause}; {advice}", most_if_silent=0)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        cause = f"the proxy of the environment cannot be reached: {cause}"
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        cause = f"the host name {error.host!r} is unknown: {cause}"
    return AttemptFailed(cause, most_if_silent=1)
