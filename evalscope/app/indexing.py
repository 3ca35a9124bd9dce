"""python -m evalscope.app.indexing OUTPUTS RUN INDEX: makes one index file and prints how far it is."""

import gc
import sys
from pathlib import Path

from evalscope.app.index import build
from evalscope.app.joined import files_of
from evalscope.app.outputs import Outputs


def main(root: str, run: str, index: str) -> None:
    """Makes the index; prints the share that is done, a line each time."""
    gc.disable()  # rows hold no circles, and looking for them takes a sixth of the time
    outputs = Outputs(Path(root))

    def report(share: float) -> None:
        sys.stdout.write(f"{share:.3f}\n")
        sys.stdout.flush()

    build(Path(index), files_of(outputs, outputs.run(run)), report)


if __name__ == "__main__":
    main(*sys.argv[1:])
