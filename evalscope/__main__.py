"""python -m evalscope: the same as the evalscope command."""

import sys

from evalscope.cli import main

if __name__ == "__main__":
    sys.exit(main())
