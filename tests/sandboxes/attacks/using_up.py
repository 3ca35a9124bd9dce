"""Programs that use up the machine, or whoever waits for them."""

from tests.sandboxes.attacks.attack import FAILED, OUT_OF_MEMORY, TIMED_OUT, Attack, in_call, on_load, sends

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
    "endless output of the C library": Attack(
        on_load("import ctypes\nputs = ctypes.CDLL(None).puts\nwhile True: puts(b'x' * 10**6)"), TIMED_OUT
    ),
    "a zip bomb": Attack(on_load("import gzip\ngzip.decompress(gzip.compress(bytes(2**20)) * 1000)"), OUT_OF_MEMORY),
    "a stack overflow in C": Attack(
        "import ctypes\nCall = ctypes.CFUNCTYPE(ctypes.c_int)\n@Call\ndef again(): return again()\n"
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(x):\n    return again()\n",
        FAILED,
        "SIGSEGV",
    ),
    "a jump to nowhere": Attack(in_call("import ctypes\nctypes.string_at(8)"), FAILED, "SIGSEGV"),
    "an abort": Attack(in_call("import ctypes\nctypes.CDLL(None).abort()"), FAILED, "died of SIG"),
    "threads that never end": Attack(
        on_load("import _thread, time\n_thread.start_new_thread(time.sleep, (1000,))"), FAILED, "can't start new thread"
    ),
    "every descriptor there is": Attack(on_load("import os\nwhile True: os.dup(1)"), FAILED, "Too many open files"),
    "numbers that share one hash": Attack(
        in_call(
            sends(
                """'{"value":{"set":[%s]}}' % ','.join('{"int":"%x"}' % (k * (2**61 - 1)) for k in range(1, 10**5))"""
            )
        ),
        TIMED_OUT,
    ),
    "a list in itself": Attack(in_call("y = []\ny.append(y)\nreturn y"), FAILED, "RecursionError"),
    "a dict in itself": Attack(in_call("y = {}\ny[0] = y\nreturn y"), FAILED, "RecursionError"),
    "an exception that never ends saying what it is": Attack(
        "class Slow(Exception):\n    def __str__(self):\n        while True: pass\ndef f(x):\n    raise Slow\n",
        TIMED_OUT,
    ),
}
