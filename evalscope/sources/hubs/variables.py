"""Variables of the environment that hubs' clients read, filled in where users set them under another name."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from evalscope.constants import HubType

MIRRORS = {HubType.MODELSCOPE: "MODELSCOPE_ENDPOINT", HubType.HUGGINGFACE: "HF_ENDPOINT"}
TOKENS = {HubType.MODELSCOPE: "MODELSCOPE_API_TOKEN", HubType.HUGGINGFACE: "HF_TOKEN"}
CACHES = {HubType.MODELSCOPE: "MODELSCOPE_CACHE", HubType.HUGGINGFACE: "HF_HOME"}

_HOMES = {HubType.MODELSCOPE: "https://www.modelscope.cn", HubType.HUGGINGFACE: "https://huggingface.co"}
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_YES = {"1", "true", "yes", "on"}

# modelscope-hub reads these once, when it is imported; its own choice is half a minute of trying without a network
_PATIENCE = {"MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "2", "MODELSCOPE_API_CONNECT_TIMEOUT": "10"}


def offline_by_environment() -> bool:
    """Whether the environment forbids hubs; the variables are those that Hugging Face's libraries read."""
    return any(os.environ.get(name, "").casefold() in _YES for name in _OFFLINE)


def endpoint(hub: HubType) -> str:
    """The address that a hub is asked at, for messages: without a password."""
    address = os.environ.get(MIRRORS[hub]) or (_old_domain() if hub is HubType.MODELSCOPE else "") or _HOMES[hub]
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="")).rstrip("/")


@contextmanager
def variables_of_clients() -> Iterator[None]:
    """The environment as the clients want it, for as long as they are at work."""
    defaults = dict(_PATIENCE)
    if domain := _old_domain():
        defaults["MODELSCOPE_ENDPOINT"] = domain  # the client still reads the older name, but grumbles
    if authorities := os.environ.get("SSL_CERT_FILE"):
        defaults["REQUESTS_CA_BUNDLE"] = authorities  # requests does not read the name that Python and OpenSSL do
    with _set(defaults):
        yield


def _old_domain() -> str:
    domain = os.environ.get("MODELSCOPE_DOMAIN", "").strip()
    return domain if not domain or "://" in domain else f"https://{domain}"


@contextmanager
def _set(defaults: Mapping[str, str]) -> Iterator[None]:
    """Variables set for a moment, where the user has not set them."""
    unset = {name: value for name, value in defaults.items() if not os.environ.get(name)}
    before = {name: os.environ[name] for name in unset if name in os.environ}
    os.environ.update(unset)
    try:
        yield
    finally:
        for name in unset:
            del os.environ[name]
        os.environ.update(before)
