"""Programs that try to get out, to use up the machine, or to fake a pass; and how each must end."""

from tests.sandboxes.attacks.faking import FAKING
from tests.sandboxes.attacks.reaching import REACHING
from tests.sandboxes.attacks.reading import READING, WRITING
from tests.sandboxes.attacks.using_up import USING_UP

ATTACKS = {**READING, **WRITING, **REACHING, **USING_UP, **FAKING}
