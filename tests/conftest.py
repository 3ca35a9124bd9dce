"""What many tests need: data of our own, a stub server."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_data import write_arc, write_chinese, write_gsm8k
from tests.servers.running import Stub, running_stub

# A shell starts what it runs in the background with Ctrl-C ignored, and programs hand that on to those they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the unpacked data.zip, with gsm8k and arc in it."""
    folder = tmp_path_factory.mktemp("workdir") / "data"
    write_gsm8k(folder / "gsm8k")
    write_arc(folder / "arc")
    write_chinese(folder)
    return folder


@pytest.fixture
def stub(data: Path) -> Iterator[Stub]:
    """A server that knows the answers to our data, and gives seven in ten right."""
    arc = [f"{subset}/{subset}-Test.jsonl" for subset in ("ARC-Easy", "ARC-Challenge")]
    flags = ["--gsm8k", str(data / "gsm8k" / "test.jsonl")]
    for name in arc:
        flags += ["--arc", str(data / "arc" / name)]
    with running_stub(*flags) as running:
        yield running
