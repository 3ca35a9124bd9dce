"""What may stand between a run and a hub: a proxy that is the only way out, an authority of one's own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from evalscope.constants import HubType
from tests.hub_asking import IDS, NUM, ask, write_repository
from tests.servers.forwarding import running_forwarder
from tests.servers.hub import running_hub

pytestmark = pytest.mark.slow

EACH_HUB = pytest.mark.parametrize("name", list(HubType))
HOST = "hub.invalid"
"""No name server knows it, so only a proxy leads there."""


@pytest.fixture
def repositories(tmp_path):
    data = write_repository(tmp_path / "hub")
    return {("dataset", hub_id): data for hub_id in IDS.values()}


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A folder with a server's certificate and the authority of ours that signed it (authority.pem)."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificates of this test")
    folder = tmp_path_factory.mktemp("certificate")
    key = ("-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    signing = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2")
    (folder / "names").write_text(f"subjectAltName=IP:127.0.0.1,DNS:{HOST}\n")
    for words in (
        ("req", "-x509", *key, "-subj", "/CN=ours", "-days", "2", "-out", "authority.pem", "-keyout", "authority.key"),
        ("req", *key, "-subj", "/CN=hub", "-out", "server.csr", "-keyout", "server.key"),
        ("x509", "-req", *signing, "-in", "server.csr", "-extfile", "names", "-out", "server.pem"),
    ):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return folder


def target_of(url: str) -> str:
    return url.partition("://")[2]


@EACH_HUB
def test_a_hub_behind_a_proxy_is_reached_through_it(name, repositories, home):
    url = f"http://{HOST}:8000"
    with running_hub(repositories) as hub, running_forwarder(target_of(hub.url)) as proxy:
        assert "cannot be reached" in ask("dataset", name, home, url).error
        variables = {"HTTP_PROXY": proxy.url, "http_proxy": proxy.url}
        assert ask("dataset", name, home, url, **variables).found["num"] == NUM
        num_asked = len(hub.asked)
    assert {line.partition(" ")[2] for line in proxy.asked} == {f"{HOST}:8000"}
    assert len(proxy.asked) == num_asked


@EACH_HUB
def test_a_hub_that_the_environment_exempts_is_asked_without_the_proxy(name, repositories, home):
    with running_hub(repositories) as hub, running_forwarder("127.0.0.1:9") as proxy:
        variables = {"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "NO_PROXY": "127.0.0.1"}
        assert ask("dataset", name, home, hub.url, **variables).found["num"] == NUM
    assert not proxy.asked


@EACH_HUB
def test_a_proxy_that_is_dead_is_told(name, repositories, home):
    variables = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    refused = ask("dataset", name, home, f"http://{HOST}:8000", **variables)
    assert "cannot be reached" in refused.error
    assert "Connection refused" in refused.error


@EACH_HUB
def test_an_authority_of_ones_own_is_trusted_where_it_is_named(name, repositories, home, certificate):
    with running_hub(repositories, certificate) as hub:
        refused = ask("dataset", name, home, hub.url)
        assert "SSL_CERT_FILE" in refused.error
        trusted = ask("dataset", name, home, hub.url, SSL_CERT_FILE=str(certificate / "authority.pem"))
        assert trusted.found.get("num") == NUM, trusted.found


@EACH_HUB
def test_a_proxy_lets_a_secure_connection_through(name, repositories, home, certificate):
    with running_hub(repositories, certificate) as hub, running_forwarder(target_of(hub.url)) as proxy:
        variables = {"HTTPS_PROXY": proxy.url, "https_proxy": proxy.url}
        authorities = {"SSL_CERT_FILE": str(certificate / "authority.pem")}
        asked = ask("dataset", name, home, f"https://{HOST}", **variables, **authorities)
        assert asked.found.get("num") == NUM, asked.found
    assert set(proxy.asked) == {f"CONNECT {HOST}:443"}
