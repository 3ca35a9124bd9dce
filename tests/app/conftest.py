"""A dashboard over a folder that each test fills as it likes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from evalscope.app.outputs import Outputs
from evalscope.app.server import make_app
from evalscope.app.store import Store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "outputs"
    folder.mkdir()
    return folder


@pytest.fixture
def client(root: Path, tmp_path: Path) -> Iterator[TestClient]:
    outputs = Outputs(root)
    store = Store(outputs, tmp_path / "cache")
    with TestClient(make_app(outputs, store), base_url="http://127.0.0.1:7860") as asking:
        yield asking
    store.close()
