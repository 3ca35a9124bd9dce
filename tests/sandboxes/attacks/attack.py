"""An attack: a program, and how its test must end."""

from dataclasses import dataclass

from evalscope.sandboxes.job import Ending, Job, Limits, Verdict
from evalscope.sandboxes.warm import WarmSandbox

TIMEOUT_S = 2.0
PATIENCE_S = 60.0
"""So long may an attack take that is no matter of time, for machines are busy."""

LIMITS = Limits(
    timeout_s=TIMEOUT_S, memory_bytes=256 * 2**20, tmp_bytes=8 * 2**20, tmp_files=1000, file_bytes=4 * 2**20
)
TESTS = "assert f(2) == 4\nassert f('x') == 'xx'\n"
RIGHT = "\ndef f(x):\n    return x * 2\n"

PASSED, FAILED, TIMED_OUT, OUT_OF_MEMORY = Ending.PASSED, Ending.FAILED, Ending.TIMED_OUT, Ending.OUT_OF_MEMORY


@dataclass(frozen=True, slots=True)
class Attack:
    """A program, how its test must end, and what the explanation must name.

    Attributes:
        is_weak: whether it shares a process with its tests.
    """

    program: str
    ending: Ending
    says: str = ""
    is_weak: bool = False

    def run(self, sandbox: WarmSandbox) -> Verdict:
        """What comes of it."""
        job = Job(programs=(self.program,), names=("f",), tests=TESTS, is_weak=self.is_weak)
        return sandbox.run(job, TIMEOUT_S if self.ending is TIMED_OUT else PATIENCE_S)

    def fault(self, verdict: Verdict) -> str:
        """What is wrong with how it ended; empty where nothing is."""
        is_contained = verdict.ending is self.ending and self.says in verdict.explanation
        return "" if is_contained else f"{self.program}\n{verdict}"


def on_load(code: str) -> str:
    """Does it while it is loaded, and is right otherwise."""
    return f"{code}\n{RIGHT}"


def in_call(code: str) -> str:
    """Does it when it is called."""
    body = "\n".join(f"    {line}" for line in code.split("\n"))
    return f"def f(x):\n{body}\n    return x * 2\n"


def by_c(call: str) -> str:
    """Calls a function of the C library while it is loaded; its error is raised."""
    return on_load(
        "import ctypes, os\nc = ctypes.CDLL(None, use_errno=True)\n"
        f"if c.{call} < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))"
    )


def sends(text: str) -> str:
    """Code that writes a message of its own, the value of an expression, into every descriptor."""
    return (
        f"import os, struct\ntext = ({text}).encode()\nfor fd in range(3, 64):\n"
        "    try: os.write(fd, struct.pack('>I', len(text)) + text)\n    except OSError: pass"
    )
