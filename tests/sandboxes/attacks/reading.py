"""Programs that read or write what is not theirs."""

from tests.sandboxes.attacks.attack import FAILED, Attack, in_call, on_load

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
    "the mode of the machine's own devices": Attack(
        on_load("import os\nos.chmod('/dev/null', 0o666)"), FAILED, "PermissionError"
    ),
    "the mode of a device that is open": Attack(on_load("import os\nos.fchmod(1, 0o666)"), FAILED, "PermissionError"),
    "the times of a device": Attack(on_load("import os\nos.utime('/dev/null')"), FAILED, "PermissionError"),
    "a tmp that the next program cannot write to": Attack(
        on_load("import os\nos.chmod('/tmp', 0o500)"), FAILED, "PermissionError"
    ),
    "a file with a hole": Attack(
        on_load("import os\nopen('/tmp/x', 'w').close()\nos.truncate('/tmp/x', 10**12)"), FAILED, "large"
    ),
    "folders without end": Attack(
        on_load("import os\nwhile True:\n    os.mkdir('x')\n    os.chdir('x')"), FAILED, "more than 1000 files"
    ),
}
