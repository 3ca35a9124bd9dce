"""A worker for tests that cannot start."""

from evalscope.workers import serve


def load():
    raise ImportError("No module named 'nothing'")


if __name__ == "__main__":
    serve(load)
