import errno

import pytest

from evalscope.constants import HubType
from evalscope.sources.hubs.failures import explain, is_away
from evalscope.sources.hubs.variables import endpoint, offline_by_environment, variables_of_clients


class Refused(Exception):
    def __init__(self, status_code):
        super().__init__("no")
        self.status_code = status_code


def caused(by: Exception) -> Exception:
    error = RuntimeError("a long story\nin lines")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("status", "part", "away"),
    [
        (404, "no such id", False),
        (401, "it is private", False),
        (403, "it is private", False),
        (429, "fewer requests", True),
        (500, "out of order", True),
        (503, "out of order", True),
    ],
)
@pytest.mark.parametrize("hub", list(HubType))
def test_a_status_is_explained_and_says_whether_an_earlier_download_may_serve(hub, status, part, away):
    error = caused(Refused(status))
    assert part in explain(error, hub)
    assert f"HTTP {status}" in explain(error, hub)
    assert is_away(error) is away


def test_a_full_disk_names_the_folder_and_the_variable_that_moves_it():
    error = caused(OSError(errno.ENOSPC, "no space", "/cache/x"))
    assert explain(error, HubType.HUGGINGFACE) == "the disk is full (/cache/x); name another place by HF_HOME"


def test_an_unreachable_address_is_shown_without_its_password(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://user:secret@mirror.example/hf?token=t")
    error = caused(ConnectionError("refused"))
    assert "https://mirror.example/hf cannot be reached" in explain(error, HubType.HUGGINGFACE)
    assert "secret" not in explain(error, HubType.HUGGINGFACE)


def test_the_older_name_of_the_mirror_is_told_to_the_client_for_as_long_as_it_works(monkeypatch):
    monkeypatch.delenv("MODELSCOPE_ENDPOINT", raising=False)
    monkeypatch.setenv("MODELSCOPE_DOMAIN", "mirror.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/own.pem")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    import os

    with variables_of_clients():
        assert os.environ["MODELSCOPE_ENDPOINT"] == "https://mirror.example"
        assert os.environ["REQUESTS_CA_BUNDLE"] == "/own.pem"
    assert "MODELSCOPE_ENDPOINT" not in os.environ
    assert "REQUESTS_CA_BUNDLE" not in os.environ
    assert endpoint(HubType.MODELSCOPE) == "https://mirror.example"


def test_what_the_user_set_is_left_alone(monkeypatch):
    import os

    monkeypatch.setenv("SSL_CERT_FILE", "/own.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/other.pem")
    with variables_of_clients():
        assert os.environ["REQUESTS_CA_BUNDLE"] == "/other.pem"
    assert os.environ["REQUESTS_CA_BUNDLE"] == "/other.pem"


@pytest.mark.parametrize(("value", "is_offline"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_offline_is_heard_of_in_the_variable_of_hugging_face(monkeypatch, value, is_offline):
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert offline_by_environment() is is_offline
