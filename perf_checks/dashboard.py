"""How quickly the dashboard opens, filters and searches a run of a million samples, and what memory that takes.

    python -m perf_checks.dashboard [--samples 1000000] [--folder DIR]

Makes the run where it is not there yet, about 1.3 GB, then prints the seconds of each step. The index is made anew.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import orjson

from evalscope.app.filters import address

SUBSETS = 10
WORDS = ("river", "ladder", "apple", "seven", "horse", "window", "cloud", "nail", "pebble", "engine", "otter", "goat")
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "evalscope_dashboard_check")
    flags = parser.parse_args()
    run = flags.folder / "outputs" / f"run_{flags.samples}"
    if not run.exists():
        timed("making the run", lambda: make_run(run, flags.samples))
    cache = flags.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    command = [sys.executable, "-m", "evalscope", "app", "--outputs", str(run.parent), "--port", "0"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            measure(server, run)
        finally:
            server.terminate()


def measure(server: subprocess.Popen[str], run: Path) -> None:
    assert server.stdout is not None
    base = server.stdout.readline().split()[2].rstrip("/")

    def get(path: str, **words: str) -> bytes:
        with build_opener(ProxyHandler({})).open(base + address(path, run=run.name, **words), timeout=600) as reply:
            return bytes(reply.read())

    timed("first page, straight from the files", lambda: get("/samples"))
    started, peak = time.perf_counter(), 0
    while not orjson.loads(get("/progress"))["ready"]:
        for _ in range(8):  # a page asks every two seconds
            peak = max(peak, memory_of(server.pid))
            time.sleep(0.25)
    print(f"{time.perf_counter() - started:8.3f} s  indexing; at most {peak / 1e6:.0f} MB in all processes")
    rare = {"q": "needle in a haystack"}
    steps: dict[str, Callable[[], bytes]] = {
        "first page": lambda: get("/samples"),
        "last page": lambda: get("/samples", page="20000"),
        "filter by class and subset": lambda: get("/samples", outcome="wrong", subset="subset 3"),
        "sorted by latency": lambda: get("/samples", sort="latency", way="down"),
        "search of answers": lambda: get("/samples", **rare),
        "search of prompts and answers": lambda: get("/samples", **rare, in_="all"),
        "run page": lambda: get("/run"),
        "one sample": lambda: get("/sample", of="m", data="big", part="subset 3", id="12345", at="50"),
    }
    for name, step in steps.items():
        step()
        timed(name, step, ROUNDS)
    print(f"{memory_of(server.pid) / 1e6:8.0f} MB  in all processes at the end")


def timed(name: str, step: Callable[[], object], rounds: int = 1) -> None:
    """Prints the median of several rounds."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    print(f"{sorted(seconds)[rounds // 2]:8.3f} s  {name}", flush=True)


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [path for path in Path(f"/proc/{pid}/task").glob("*/children")]
    pids = {str(pid), *children, *(child for path in threads for child in path.read_text().split())}
    total = 0
    for one in pids:
        try:
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def make_run(run: Path, num: int) -> None:
    rng = random.Random(42)
    (run / "configs").mkdir(parents=True)
    (run / "configs" / "task_config.yaml").write_text("started: '2026-11-23T11:50:12'\nasking: {name in reports: m}\n")
    for part in ("predictions", "reviews"):
        (run / part / "m").mkdir(parents=True)
    for subset in range(SUBSETS):
        name = f"big_subset {subset}.jsonl"
        with (run / "predictions/m" / name).open("wb") as asked, (run / "reviews/m" / name).open("wb") as judged:
            for index in range(num // SUBSETS):
                prediction, review = make_rows(rng, f"subset {subset}", index)
                asked.write(orjson.dumps(prediction, option=orjson.OPT_APPEND_NEWLINE))
                judged.write(orjson.dumps(review, option=orjson.OPT_APPEND_NEWLINE))
        os.utime(run / "predictions/m" / name, (1, 1))  # else the run is taken to go on


def make_rows(rng: random.Random, subset: str, index: int) -> tuple[dict[str, object], dict[str, object]]:
    name = {
        "key": f"{rng.getrandbits(128):032x}",
        "dataset": "big",
        "subset": subset,
        "sample_id": str(index),
        "repeat": 0,
    }
    is_right, target = rng.random() < 0.6, rng.randrange(1000)
    answer = target if is_right else target + 1
    question = " ".join(rng.choices(WORDS, k=60))
    text = " ".join(rng.choices(WORDS, k=40)) + (" needle in a haystack" if index == 777 else "") + f" ANSWER: {answer}"
    usage = {"input_tokens": 70, "output_tokens": rng.randrange(20, 90)}
    completion = {"text": text, "reasoning": None, "stop_reason": "stop", "usage": usage}
    completion |= {"latency_s": rng.lognormvariate(0, 0.5), "first_token_s": None}
    prediction = {**name, "messages": [{"role": "user", "content": question}], "completion": completion}
    review = {**name, "outcome": "correct" if is_right else "wrong", "answer": str(answer), "target": str(target)}
    review |= {"scores": {"acc": float(is_right)}, "explanation": "", "error": None}
    return prediction, review


if __name__ == "__main__":
    main()
