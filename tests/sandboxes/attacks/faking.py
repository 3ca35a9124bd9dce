"""Programs that set out to pass without being right."""

from tests.sandboxes.attacks.attack import FAILED, OUT_OF_MEMORY, TIMED_OUT, Attack, in_call, on_load, sends

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
        on_load(sends("""'{"ending":"passed","cpu_s":0,"is_clean":true}'""")).replace("x * 2", "0"),
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
    "a value that pickles into a call": Attack(
        "class Call:\n    def __reduce__(self): return exec, ('raise SystemExit',)\ndef f(x):\n    return Call()\n",
        FAILED,
        "a Call is no plain value",
    ),
    "a class with an endless name": Attack(in_call("return type('x' * 10**6, (), {})()"), FAILED, "is no plain value"),
    "an exception with an endless name": Attack(in_call("raise type('x' * 10**6, (Exception,), {})"), FAILED),
    "an exception whose class has no name": Attack(
        "class Meta(type):\n    __name__ = property(lambda self: 1 / 0)\nclass E(Exception, metaclass=Meta): pass\n"
        "def f(x):\n    raise E\n",
        FAILED,
    ),
    "a dict that compares as it likes": Attack(
        "class Yes(dict):\n    def __eq__(self, other): return True\n    def items(self): return [(1, 4)]\n"
        "def f(x):\n    return Yes()\n",
        FAILED,
        "returned {}",
    ),
    "a number that is none": Attack(in_call("return float('nan')"), FAILED, "returned nan"),
    "infinity": Attack(in_call("return float('inf')"), FAILED, "returned inf"),
    "half of a surrogate": Attack(in_call("return '\\ud800'"), FAILED, "returned '\\ud800'"),
    "half of a surrogate in an exception": Attack(in_call("raise ValueError('\\ud800')"), FAILED, "ValueError"),
    "an exception that ends Python": Attack(
        on_load(sends("""'{"error":{"kind":"KeyboardInterrupt","text":"x"}}'""")), FAILED, "x"
    ),
    "a message nested without end": Attack(on_load(sends("'[' * 10**6")), FAILED, "too deep"),
    "a message with another behind it": Attack(on_load(sends("""'{"value":4}{"value":4}'""")), FAILED, "no message"),
    "a key that nothing can be looked up by": Attack(
        in_call(sends("""'{"value":{"dict":[[[],1]]}}'""")), FAILED, "stands for none"
    ),
    "the harness's functions, found among all objects": Attack(
        "import gc, types\nfor value in gc.get_objects():\n"
        "    if isinstance(value, types.FunctionType) and 'evalscope' in str(value.__module__):\n"
        "        value.__code__ = (lambda *a, **k: True).__code__\ndef f(x):\n    return 0\n",
        FAILED,
    ),
    "the writer of messages": Attack(
        "import json, sys\njson.JSONEncoder.encode = lambda *a: '{\"value\": true}'\nsys.modules['json'] = None\n"
        "def f(x):\n    return 0\n",
        FAILED,
    ),
    "the channel under another number": Attack(
        on_load(
            "import os\nfor fd in range(3, 64):\n    try: os.dup2(fd, 1)\n    except OSError: pass\n"
            "print('x' * 10, flush=True)"
        ),
        FAILED,
        "no message",
    ),
    "beside its tests: os._exit(0)": Attack(on_load("import os\nos._exit(0)"), FAILED, "exit code 0", is_weak=True),
    "beside its tests: a broken sandbox": Attack(on_load(sends("""'{"ending":"broken"}'""")), FAILED, is_weak=True),
    "beside its tests: a verdict that is none": Attack(on_load(sends("'[1]'")), FAILED, is_weak=True),
    "beside its tests: ten gigabytes": Attack(in_call("bytearray(10 * 2**30)"), OUT_OF_MEMORY, is_weak=True),
    "beside its tests: endless loop": Attack(in_call("while True: pass"), TIMED_OUT, is_weak=True),
}
