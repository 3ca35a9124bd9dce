"""Programs that reach for other processes, a network, or the kernel."""

import platform

from evalscope.sandboxes.syscalls import allowed_calls
from tests.sandboxes.attacks.attack import FAILED, Attack, by_c, on_load

MACHINE = platform.machine()
_CLONE = {"x86_64": 56, "aarch64": 220}[MACHINE]
_BY_COMMAND = {"x86_64": (72, 16), "aarch64": (25, 29)}[MACHINE]  # fcntl and ioctl, whose commands count
_UNFILTERED = (335, 336)  # uretprobe and uprobe: the kernel lets them pass every filter; they trap where no probe is

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
    "every call that is not allowed, by its number": Attack(
        on_load(
            "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\ngot = []\n"
            f"for n in set(range(600)) - {{*{(*allowed_calls(MACHINE), *_BY_COMMAND, *_UNFILTERED)}}}:\n"
            "    ctypes.set_errno(0)\n"
            "    if c.syscall(n, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1: got.append(n)\n"
            "raise SystemExit(f'got through: {got}')"
        ),
        FAILED,
        "got through: []",
    ),
    "a fork by its number": Attack(
        on_load(
            "import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
            f"raise SystemExit((c.syscall({_CLONE}, 17, 0, 0, 0, 0), ctypes.get_errno()))"
        ),
        FAILED,
        "SystemExit: (-1, 1)",
    ),
    "io_uring": Attack(by_c("syscall(425, 8, ctypes.create_string_buffer(128))"), FAILED, "PermissionError"),
    "a filter of its own": Attack(by_c("prctl(22, 2, 0, 0, 0)"), FAILED, "PermissionError"),
    "a dump of its keeper": Attack(by_c("prctl(4, 1, 0, 0, 0)"), FAILED, "PermissionError"),
    "another's descriptors": Attack(by_c("syscall(438, 1, 0, 0)"), FAILED, "PermissionError"),
    "typing into a terminal": Attack(by_c("ioctl(0, 0x5412, b'x')"), FAILED, "PermissionError"),
    "a signal for whoever reads": Attack(
        on_load("import fcntl\nfcntl.fcntl(1, fcntl.F_SETOWN, 1)"), FAILED, "PermissionError"
    ),
    "an end of its own by a signal": Attack(
        on_load("import signal\nsignal.raise_signal(9)"), FAILED, "PermissionError"
    ),
    "a process group": Attack(on_load("import os\nos.setpgid(0, 1)"), FAILED, "PermissionError"),
}
if MACHINE == "x86_64":
    REACHING |= {
        "a fork in the x32 convention": Attack(by_c("syscall(0x40000000 + 57)"), FAILED, "SIGSYS"),
        "a fork in machine code of i386": Attack(
            on_load(
                "import ctypes, mmap\npage = mmap.mmap(-1, 4096, prot=7)\n"
                "page.write(bytes.fromhex('b802000000cd80c3'))  # eax = 2 (fork); int 0x80; ret\n"
                "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
                "print(ctypes.CFUNCTYPE(ctypes.c_int)(address)())\n"
            ),
            FAILED,
            "died of SIG",
        ),
    }
