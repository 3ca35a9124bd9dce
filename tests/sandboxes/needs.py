"""What a machine must have for a test of the sandboxes."""

import pytest

from evalscope.sandboxes.bubblewrap import Bubblewrap

FAULT = Bubblewrap().find_fault()
needs_bubblewrap = pytest.mark.skipif(bool(FAULT), reason=f"no sandbox to test: {FAULT}")
