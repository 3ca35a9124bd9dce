"""A process that holds a Ray cluster of this machine, and ends it when the process that asked for it has ended.

It stands between, so that a run which is killed leaves neither processes nor files behind: Ray's processes end with
this one, and this one at the end of its standard input. In a session of its own it hears no Ctrl-C; the run does.
"""

import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import ray

OBJECT_STORE_BYTES = 80 * 2**20
"""Close to the least that Ray takes; questions and answers go past it."""

LONGEST_ROOT = 40
"""Names of sockets are held in 107 bytes, of which Ray adds about 64."""


def main() -> None:
    """Tells the address in one line of JSON, then waits."""
    folder = Path(tempfile.mkdtemp(prefix="evalscope-ray-", dir=_short_root()))
    try:
        ray.init(
            address="local",
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=OBJECT_STORE_BYTES,
            _temp_dir=str(folder),
            _system_config={"prestart_worker_first_driver": False},  # this driver starts nothing
        )
        sys.stdout.write(json.dumps({"address": ray.get_runtime_context().gcs_address}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know
        sys.stdout.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        sys.stdout.flush()
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _short_root() -> str:
    root = tempfile.gettempdir()
    return root if len(root) + len("/evalscope-ray-12345678") <= LONGEST_ROOT else "/tmp"


if __name__ == "__main__":
    main()
