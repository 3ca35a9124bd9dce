"""`python -m tests.sandboxes.attacks`, as any user, with nothing but Python and bwrap: says what was not contained."""

import sys

from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.warm import WarmSandbox
from tests.sandboxes.attacks import ATTACKS
from tests.sandboxes.attacks.attack import LIMITS


def main() -> int:
    """How many attacks were not contained; they are printed."""
    sandbox = WarmSandbox(Bubblewrap(), LIMITS)
    num_faults = 0
    for name, attack in ATTACKS.items():
        if not sandbox.is_fresh:
            sandbox.close()
            sandbox = WarmSandbox(Bubblewrap(), LIMITS)
        if said := attack.fault(attack.run(sandbox)):
            num_faults += 1
            print(f"{name}: {said}")  # noqa: T201 - this file is a script, too
    sandbox.close()
    print(f"{len(ATTACKS) - num_faults} of {len(ATTACKS)} attacks were contained")  # noqa: T201
    return num_faults


if __name__ == "__main__":
    sys.exit(main())
