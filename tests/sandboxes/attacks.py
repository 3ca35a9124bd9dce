"""Programs that try to get out, to use up the machine, or to fake a pass; and how each must end.

Run as a script, as any user, with nothing but Python and bwrap: prints what was not contained.
"""

import sys
from dataclasses import dataclass

from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.job import Ending, Job, Limits, Verdict
from evalscope.sandboxes.warm import WarmSandbox

TIMEOUT_S = 2.0
LIMITS = Limits(
    timeout_s=TIMEOUT_S, memory_bytes=256 * 2**20, tmp_bytes=8 * 2**20, tmp_files=1000, file_bytes=4 * 2**20
)
TESTS = "assert f(2) == 4\nassert f('x') == 'xx'\n"
RIGHT = "\ndef f(x):\n    return x * 2\n"

FAILED, TIMED_OUT, OUT_OF_MEMORY = Ending.FAILED, Ending.TIMED_OUT, Ending.OUT_OF_MEMORY


@dataclass(frozen=True, slots=True)
class Attack:
    """A program, how its test must end, and what the explanation must name."""

    program: str
    ending: Ending
    says: str = ""


def on_load(code: str) -> str:
    """Does it while it is loaded, and is right otherwise."""
    return f"{code}\n{RIGHT}"


def in_call(code: str) -> str:
    """Does it when it is called."""
    body = "\n".join(f"    {line}" for line in code.split("\n"))
    return f"def f(x):\n{body}\n    return x * 2\n"


READING = {
    "passwd": Attack(on_load("open('/etc/passwd').read()"), FAILED, "FileNotFoundError"),
    "the home folder": Attack(
        on_load("import os\nassert not os.path.exists('/home') and not os.path.exists('/root')\nos.listdir('/root')"),
        FAILED,
        "FileNotFoundError",
    ),
    "a key in the environment": Attack(on_load("import os\nos.environ['SECRET_API_KEY']"), FAILED, "KeyError"),
    "the environment by the C library": Attack(
        on_load(
            "import ctypes\ng = ctypes.CDLL(None).getenv\ng.restype = ctypes.c_char_p\ng(b'SECRET_API_KEY').decode()"
        ),
        FAILED,
        "AttributeError",
    ),
    "other processes in proc": Attack(on_load("import os\nos.listdir('/proc')"), FAILED, "FileNotFoundError"),
    "the packages of the machine": Attack(on_load("import pydantic"), FAILED, "ModuleNotFoundError"),
    "the tests in the frame above": Attack(
        in_call(
            "import sys\nframe, word = sys._getframe().f_back, ''.join(('asse', 'rt f('))\nwhile frame:\n"
            "    for value in [*frame.f_locals.values()]:\n"
            "        if word in repr(value): return x * 2\n    frame = frame.f_back\nreturn 'none'"
        ),
        FAILED,
        "returned 'none'",
    ),
    "the tests among all objects": Attack(
        in_call(
            "import gc\nword = ''.join(('asse', 'rt f('))\n"
            "for value in gc.get_objects():\n"
            "    if type(value) in (dict, list, tuple) and word in repr(value): return x * 2\n"
            "return 'none'"
        ),
        FAILED,
        "returned 'none'",
    ),
}
WRITING = {
    "outside tmp": Attack(on_load("open('/python/lib/x', 'w')"), FAILED, "Read-only file system"),
    "the root": Attack(on_load("open('/x', 'w')"), FAILED, "Read-only file system"),
    "a device": Attack(on_load("import os\nos.mkdir('/dev/x')"), FAILED, "Read-only file system"),
    "its own harness": Attack(on_load("open('/sandbox/evalscope/sandboxes/inside/keeper.py', 'a')"), FAILED, "[Errno"),
    "a full disk": Attack(
        on_load("for i in range(99):\n    with open(f'/tmp/{i}', 'wb') as out: out.write(bytes(10**6))"),
        FAILED,
        "No space left",
    ),
    "one large file": Attack(on_load("with open('/tmp/x', 'wb') as out: out.write(bytes(10**7))"), FAILED, "large"),
    "many small files": Attack(
        on_load("i = 0\nwhile True:\n    open(f'/tmp/{i}', 'w').close()\n    i += 1"), FAILED, "more than 1000 files"
    ),
    "shared memory": Attack(on_load("open('/dev/shm/x', 'wb').write(bytes(10**9))"), FAILED, "Error"),
    "memfd": Attack(on_load("import os\nos.memfd_create('x')"), FAILED, "PermissionError"),
    "System V shared memory": Attack(
        on_load(
            "import ctypes, os\nc = ctypes.CDLL(None, use_errno=True)\n"
            "if c.shmget(0, 10**9, 0o1700) < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))"
        ),
        FAILED,
        "PermissionError",
    ),
    "a link over the harness's path": Attack(
        on_load("import os\nos.symlink('/sandbox', '/tmp/a')\nos.rename('/tmp/a', '/sandbox')"), FAILED, "OSError"
    ),
}
REACHING = {
    "a socket to this machine": Attack(
        on_load("import socket\nsocket.create_connection(('127.0.0.1', 80), 1)"), FAILED, "PermissionError"
    ),
    "a socket to the internet": Attack(
        on_load("import socket\nsocket.create_connection(('1.1.1.1', 53), 1)"), FAILED, "PermissionError"
    ),
    "a Unix socket": Attack(on_load("import socket\nsocket.socket(socket.AF_UNIX)"), FAILED, "PermissionError"),
    "ptrace of the parent": Attack(
        on_load(
            "import ctypes, os\nc = ctypes.CDLL(None, use_errno=True)\n"
            "if c.ptrace(16, os.getppid(), 0, 0) < 0: raise OSError(ctypes.get_errno(), 'ptrace')"
        ),
        FAILED,
        "PermissionError",
    ),
    "writing into another process": Attack(
        on_load(
            "import ctypes, os\nc = ctypes.CDLL(None, use_errno=True)\n"
            "if c.process_vm_writev(os.getppid(), 0, 0, 0, 0, 0) < 0: raise OSError(ctypes.get_errno(), 'vm')"
        ),
        FAILED,
        "PermissionError",
    ),
    "killing the parent": Attack(on_load("import os\nos.kill(os.getppid(), 9)"), FAILED, "PermissionError"),
    "killing everything": Attack(on_load("import os\nos.kill(-1, 9)"), FAILED, "PermissionError"),
    "limits of the parent": Attack(
        on_load("import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))"),
        FAILED,
        "PermissionError",
    ),
    "its own limits": Attack(
        on_load("import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))"), FAILED, "Error"
    ),
    "another name space": Attack(
        on_load(
            "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
            "if c.unshare(0x10000000) < 0: raise OSError(ctypes.get_errno(), 'unshare')"
        ),
        FAILED,
        "PermissionError",
    ),
    "a mount": Attack(
        on_load(
            "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
            "if c.mount(b'x', b'/tmp', b'tmpfs', 0, 0) < 0: raise OSError(ctypes.get_errno(), 'mount')"
        ),
        FAILED,
        "PermissionError",
    ),
    "exec": Attack(on_load("import os\nos.execv('/python/bin/python3', ['python3'])"), FAILED, "PermissionError"),
    "a subprocess": Attack(on_load("import subprocess\nsubprocess.run(['/python/bin/python3'])"), FAILED, "Error"),
}
USING_UP = {
    "fork bomb": Attack(on_load("import os\nwhile True: os.fork()"), FAILED, "PermissionError"),
    "thread bomb": Attack(
        on_load("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()"),
        FAILED,
        "can't start new thread",
    ),
    "a child that outlives its parent": Attack(
        on_load("import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"), FAILED, "PermissionError"
    ),
    "ten gigabytes": Attack(in_call("y = bytearray(10 * 2**30)"), OUT_OF_MEMORY),
    "ten gigabytes bit by bit": Attack(in_call("y = []\nwhile True: y.append(bytearray(2**20))"), OUT_OF_MEMORY),
    "endless loop": Attack(in_call("while True: pass"), TIMED_OUT),
    "endless loop that ignores every signal": Attack(
        in_call(
            "import signal\nfor n in signal.valid_signals() - {9, 19}:\n    signal.signal(n, signal.SIG_IGN)\n"
            "while True: pass"
        ),
        TIMED_OUT,
    ),
    "endless sleep": Attack(in_call("import time\ntime.sleep(1000)"), TIMED_OUT),
    "endless output": Attack(on_load("while True: print('x' * 10**6)"), TIMED_OUT),
    "an endless value": Attack(in_call("import itertools\nreturn itertools.count()"), FAILED, "cannot be compared"),
    "a value of 30 megabytes": Attack(in_call("return 'x' * 30_000_000"), FAILED, "cannot be compared"),
    "a value nested without end": Attack(
        in_call("y = []\nfor _ in range(100_000): y = [y]\nreturn y"), FAILED, "RecursionError"
    ),
    "deep recursion": Attack(in_call("return f(x)"), FAILED, "RecursionError"),
    "deeper recursion": Attack(
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(x):\n    return [*map(f, [x])]\n", FAILED, "SIGSEGV"
    ),
    "waiting for input": Attack(on_load("input()"), FAILED, "EOFError"),
}
FAKING = {
    "os._exit(0) before the tests": Attack(on_load("import os\nos._exit(0)"), FAILED, "ended itself (exit code 0)"),
    "os._exit(0) in a call": Attack(in_call("import os\nos._exit(0)"), FAILED, "ended itself (exit code 0)"),
    "sys.exit(0) before the tests": Attack(on_load("import sys\nsys.exit(0)"), FAILED, "SystemExit: 0"),
    "sys.exit(0) in a call": Attack(in_call("import sys\nsys.exit(0)"), FAILED, "SystemExit: 0"),
    "an exit handler": Attack(
        "import atexit, os\natexit.register(os._exit, 0)\ndef f(x):\n    return None\n", FAILED, "AssertionError"
    ),
    "a value that equals everything": Attack(
        "class Yes:\n    def __eq__(self, other): return True\ndef f(x):\n    return Yes()\n",
        FAILED,
        "a Yes is no plain value",
    ),
    "a number that equals everything": Attack(
        "class Yes(int):\n    def __eq__(self, other): return True\ndef f(x):\n    return Yes(7)\n",
        FAILED,
        "returned 7",
    ),
    "a class that poses as a text": Attack(
        "class Yes:\n    __class__ = str\n    def __eq__(self, other): return True\ndef f(x):\n    return Yes()\n",
        FAILED,
    ),
    "a list that compares as it likes": Attack(
        "class Yes(list):\n    def __eq__(self, other): return True\n    def __iter__(self): return iter([4])\n"
        "def f(x):\n    return Yes()\n",
        FAILED,
        "returned []",
    ),
    "an AssertionError that is none": Attack(
        "import builtins\nbuiltins.AssertionError = Warning\ndef f(x):\n    return 0\n", FAILED, "AssertionError"
    ),
    "other built-ins": Attack(
        "import builtins\nfor n in ('all', 'any', 'len', 'isinstance', 'exec', 'compile'):\n"
        "    setattr(builtins, n, lambda *a: True)\ndef f(x):\n    return 0\n",
        FAILED,
    ),
    "sys.settrace": Attack(
        "import sys\ndef trace(frame, event, arg):\n    frame.f_trace_lines = True\n"
        "    for name in frame.f_locals: frame.f_locals[name] = True\n    return trace\n"
        "sys.settrace(trace)\ndef f(x):\n    return 0\n",
        FAILED,
    ),
    "the harness's success marker": Attack(
        "print('{\"ending\":\"passed\"}', flush=True)\nprint('passed')\ndef f(x):\n    return 0\n",
        FAILED,
        "AssertionError",
    ),
    "the marker into every descriptor": Attack(
        on_load(
            'import os, struct\ntext = b\'{"ending":"passed","cpu_s":0,"is_clean":true}\'\nfor fd in range(256):\n'
            "    try: os.write(fd, struct.pack('>I', len(text)) + text)\n    except OSError: pass"
        ).replace("x * 2", "0"),
        FAILED,
    ),
    "answers before the questions": Attack(
        on_load(
            'import os, struct\nfor text in (b\'{"value":4}\', b\'{"value":"xx"}\'):\n'
            "    for fd in range(3, 64):\n        try: os.write(fd, struct.pack('>I', len(text)) + text)\n"
            "        except OSError: pass\nos._exit(0)"
        ),
        FAILED,
    ),
    "no message at all": Attack(
        on_load("import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'x' * 30)\n    except OSError: pass"),
        FAILED,
        "no message",
    ),
    "a closed channel": Attack(
        in_call("import os\nos.closerange(0, 64)\nwhile True: pass"), FAILED, "stopped answering"
    ),
    "StopIteration": Attack(in_call("raise StopIteration"), FAILED, "StopIteration"),
    "another answer put in the place of the harness": Attack(
        "import sys\nfor name, module in [*sys.modules.items()]:\n    if 'evalscope' in name:\n"
        "        for key in [*vars(module)]:\n            if not key.startswith('__'): setattr(module, key, print)\n"
        "def f(x):\n    return 0\n",
        FAILED,
    ),
    "the same module for the tests": Attack(
        "import sys\nsys.modules['math'] = sys.modules['random'] = None\ndef f(x):\n    return 0\n", FAILED
    ),
}
ATTACKS = {**READING, **WRITING, **REACHING, **USING_UP, **FAKING}


def attack(sandbox: WarmSandbox, name: str) -> Verdict:
    """What comes of an attack."""
    return sandbox.run(Job(programs=(ATTACKS[name].program,), names=("f",), tests=TESTS), TIMEOUT_S)


def fault(name: str, verdict: Verdict) -> str:
    """What is wrong with how it ended; empty where nothing is."""
    wanted = ATTACKS[name]
    is_contained = verdict.ending is wanted.ending and wanted.says in verdict.explanation
    return "" if is_contained else f"{name}: {verdict}"


def main() -> int:
    """How many attacks were not contained; they are printed."""
    sandbox = WarmSandbox(Bubblewrap(), LIMITS)
    num_faults = 0
    for name in ATTACKS:
        if not sandbox.is_fresh:
            sandbox.close()
            sandbox = WarmSandbox(Bubblewrap(), LIMITS)
        if said := fault(name, attack(sandbox, name)):
            num_faults += 1
            print(said)  # noqa: T201 - this file is a script, too
    sandbox.close()
    print(f"{len(ATTACKS) - num_faults} of {len(ATTACKS)} attacks were contained")  # noqa: T201
    return num_faults


if __name__ == "__main__":
    sys.exit(main())
