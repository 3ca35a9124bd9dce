"""Ray clusters of several nodes on this machine, and what runs on them."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalscope.errors import ConfigError

MODEL_HERE = "EVALSCOPE_TEST_MODEL_HERE"
"""Environment variable of a node: the folder that it alone knows; absent where a node has none."""


class Nodes:
    """A head without cores, for the driver, and nodes that come and go."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self.address: str = cluster.address

    def add(self, folder: Path | None = None) -> Any:
        """One more node with one core; `folder` is what it knows as its model."""
        variables = {} if folder is None else {MODEL_HERE: str(folder)}
        return self._cluster.add_node(num_cpus=1, env_vars=variables)

    def remove(self, node: Any) -> None:
        """Ends a node without a word to those that run on it."""
        self._cluster.remove_node(node, allow_graceful=False)


@contextmanager
def running_nodes() -> Iterator[Nodes]:
    """Nodes that end with the block."""
    import ray
    from ray.cluster_utils import Cluster

    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        before = os.environ.get("RAY_TMPDIR")
        os.environ["RAY_TMPDIR"] = folder
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        try:
            yield Nodes(cluster)
        finally:
            ray.shutdown()
            cluster.shutdown()
            if before is None:
                del os.environ["RAY_TMPDIR"]
            else:
                os.environ["RAY_TMPDIR"] = before


def find_on_node(name: str) -> Path:
    """The folder that this node knows.

    Raises:
        ConfigError: it knows none.
    """
    if MODEL_HERE not in os.environ:
        raise ConfigError(f"--model {name!r} does not exist")
    return Path(os.environ[MODEL_HERE])


def never_fetch(*wanted: object) -> Path:
    """Downloads nothing; it stands here so that nodes can import it."""
    raise AssertionError(f"nothing is to be downloaded here: {wanted}")


def replica_pids() -> Mapping[int, str]:
    """Processes of replicas on this machine, with what Ray calls them."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has just ended
        if line.startswith("ray::Replica"):
            found[int(path.parent.name)] = line
    return found


def wait_until(is_so: Callable[[], object], limit_s: float = 120.0) -> None:
    """Looks from time to time, for other processes are waited for."""
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.02)
