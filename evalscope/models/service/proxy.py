"""The proxy on the way to a service, as the environment names it."""

from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from evalscope.errors import ConfigError


def proxy_for(address: URL) -> URL | None:
    """The proxy for an address; None where the environment names none or exempts the host.

    A loopback address never goes through a proxy: a proxy elsewhere would reach its own machine instead of ours.

    Raises:
        ConfigError: the environment names a proxy of a kind that cannot be used.
    """
    host = address.host or ""
    if is_loopback(host) or proxy_bypass(f"{host}:{address.port}"):
        return None
    proxies = getproxies()
    named = proxies.get(address.scheme) or proxies.get("all")
    if not named:
        return None
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in ("http", "https") or not proxy.host:
        # the variable's value stays unsaid, since it may hold a password
        raise ConfigError(
            f"the environment names a proxy for {address.scheme}:// that is no http:// or https:// address "
            f"(it begins with {named.partition('://')[0][:8]!r}); correct it, or set NO_PROXY={host}"
        )
    return proxy


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: localhost, 127.0.0.0/8 or ::1."""
    if host.rstrip(".").casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
