"""A worker for tests that takes a second to import what it needs."""

import time

from evalscope.workers import serve


def load():
    time.sleep(1.0)
    return lambda question: question


if __name__ == "__main__":
    serve(load)
