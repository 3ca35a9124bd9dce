"""A worker for tests: it does what each line asks for."""

import os
import sys
import time

from evalscope.workers import Json, serve


def load():  # noqa: C901 - a list of things to do
    def answer(question: Json) -> Json:  # noqa: C901
        kind, *rest = question
        if kind == "double":
            return rest[0] * 2
        if kind == "pid":
            return os.getpid()
        if kind == "sleep":
            time.sleep(rest[0])
            return "slept"
        if kind == "spin":
            while True:
                pass
        if kind == "big power":
            return len(str(7 ** (10**8)))
        if kind == "die":
            os._exit(3)
        if kind == "print":
            print("noise on stdout", flush=True)  # noqa: T201
            print("noise on stderr", file=sys.stderr, flush=True)  # noqa: T201
            return "quiet"
        if kind == "memory":
            return len(bytearray(8 * 1024**3))
        if kind == "keys":
            return sorted(name for name in os.environ if "KEY" in name)
        raise ValueError(f"no such question: {kind}")

    return answer


if __name__ == "__main__":
    serve(load)
