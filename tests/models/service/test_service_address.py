"""URLs as users write them, and the proxy on the way."""

from dataclasses import replace

import pytest
from yarl import URL

from evalscope.errors import ConfigError
from evalscope.models.service.address import parse_address
from evalscope.models.service.proxy import proxy_for
from tests.models.service.asking import GREEDY, KEY, QUESTION, MakeService
from tests.servers.running import Stub
from tests.servers.scripted import completion, scripted


@pytest.mark.parametrize(
    ("url", "chat"),
    [
        ("http://h:80/v1", "http://h:80/v1/chat/completions"),
        ("http://h/v1/", "http://h/v1/chat/completions"),
        ("http://h", "http://h/v1/chat/completions"),
        ("http://h:8000/", "http://h:8000/v1/chat/completions"),
        ("HTTP://h:8000", "http://h:8000/v1/chat/completions"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions"),
        ("http://h/v1/chat/completions/", "http://h/v1/chat/completions"),
        ("https://h/compatible-mode/v1", "https://h/compatible-mode/v1/chat/completions"),
        ("https://h/api/v3", "https://h/api/v3/chat/completions"),
        ("https://h/v1?api-version=2024-10&a=b%2Fc", "https://h/v1/chat/completions?api-version=2024-10&a=b%2Fc"),
        ("https://h?k=v", "https://h/v1/chat/completions?k=v"),
        (" http://h/v1 ", "http://h/v1/chat/completions"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions"),
        ("http://h/v1#part", "http://h/v1/chat/completions"),
    ],
)
def test_url_as_written_becomes_the_address_of_chat_completions(url: str, chat: str):
    assert parse_address(url).chat == URL(chat)
    assert parse_address(url).completions == URL(chat.replace("/chat/completions", "/completions"))
    assert parse_address(url).models.path == URL(chat).path.removesuffix("/chat/completions") + "/models"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000/v1",
        "h/v1",
        "",
        "ftp://h/v1",
        "http://",
        "http:///v1",
        "http://h:99999",
        "http://h:x/v1",
        "http://a b",
    ],
)
def test_url_without_scheme_host_or_valid_port_is_refused_with_an_example(url: str):
    with pytest.raises(ConfigError, match="an example: http://127"):
        parse_address(url)


def test_refused_url_is_shown_without_its_password_and_query():
    with pytest.raises(ConfigError) as caught:
        parse_address("ftp://me:hush-hush@h/v1?key=also-secret")
    assert "hush" not in str(caught.value)
    assert "also-secret" not in str(caught.value)


async def test_user_and_password_of_the_url_are_sent_as_basic_authorization(make_service: MakeService):
    async with scripted(completion()) as server:
        url = server.url.replace("http://", "http://me:p%40ss@")
        await make_service(url, api_key=None).generate(QUESTION, GREEDY)
    assert "Authorization: Basic bWU6cEBzcw==" in server.heads[0]


def test_password_in_the_url_beside_a_key_is_refused(make_service: MakeService):
    with pytest.raises(ConfigError, match="give one of them"):
        make_service("http://me:pass@h/v1")


@pytest.mark.parametrize("key", ["two\nlines", "tab\there", "escape\x1b"])
def test_key_that_no_header_can_carry_is_refused_unshown(make_service: MakeService, key: str):
    with pytest.raises(ConfigError, match="API key") as caught:
        make_service("http://h", api_key=key)
    assert key not in str(caught.value)


async def test_white_space_around_a_key_is_dropped(make_service: MakeService):
    async with scripted(completion()) as server:
        await make_service(server.url, api_key=f"{KEY}\n").generate(QUESTION, GREEDY)
    assert f"Authorization: Bearer {KEY}\r\n" in server.heads[0]


@pytest.mark.parametrize("key", [None, "", "  "])
async def test_without_a_key_there_is_no_authorization(make_service: MakeService, key: str | None):
    async with scripted(completion()) as server:
        await make_service(server.url, api_key=key).generate(QUESTION, GREEDY)
    assert "authorization" not in server.heads[0].lower()


async def test_extra_query_is_added_to_that_of_the_url(make_service: MakeService, stub: Stub):
    config = replace(GREEDY, extra_query={"user": "a b"})
    await make_service(f"{stub.url}?api-version=1").generate(QUESTION, config)
    assert URL(stub.requests()[0]["path"]).query == {"api-version": "1", "user": "a b"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "[::1]"])
def test_loopback_address_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch, host: str):
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    assert proxy_for(URL(f"http://{host}:8000/v1")) is None


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"http_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"http_proxy": "proxy:3128"}, "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128"}, None),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "api.example.com"}, None),
        ({"http_proxy": "http://proxy:3128", "no_proxy": ".example.com"}, None),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "other.org"}, "http://proxy:3128"),
    ],
)
def test_proxy_is_the_one_the_environment_names(monkeypatch: pytest.MonkeyPatch, environment: dict, proxy: str | None):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(URL("http://api.example.com/v1")) == (URL(proxy) if proxy else None)


def test_proxy_of_another_kind_is_refused_unshown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("all_proxy", "socks5://me:hush-hush@proxy:1080")
    with pytest.raises(ConfigError, match="NO_PROXY=api") as caught:
        proxy_for(URL("http://api.example.com/v1"))
    assert "hush" not in str(caught.value)


async def test_request_to_another_host_goes_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch, make_service: MakeService
):
    async with scripted(completion("through the proxy")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        answer = await make_service("http://service.invalid/v1").generate(QUESTION, GREEDY)
    assert answer.text == "through the proxy"
    assert proxy.heads[0].startswith("POST http://service.invalid/v1/chat/completions HTTP/1.1")


async def test_netrc_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path, make_service: MakeService):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hush")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with scripted(completion()) as server:
        await make_service(server.url, api_key=None).generate(QUESTION, GREEDY)
    assert "authorization" not in server.heads[0].lower()
