"""A real run whose questions and answers are hostile: they are shown as text everywhere, and act nowhere."""

import asyncio
import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from evalscope.app.outputs import Outputs
from evalscope.app.server import make_app
from evalscope.app.store import Store
from tests.app.made_up import HOSTILE
from tests.app.page import Page
from tests.commands import environment
from tests.own_data import write_jsonl
from tests.servers.scripted import Reply, choosing, completion, error

pytest.importorskip("duckdb")
starlette_testclient = pytest.importorskip("starlette.testclient")

EVIL = (*HOSTILE, "line\u2028sep \x9b31m \x85", "]]> <![CDATA[ & \ufffe\uffff", "| a | b |\n```\n# out", "back\rover")
HALF = "half \ud83d of a sign"
"""Only a service can send it: no file in UTF-8 holds it."""

REPLIES = (*EVIL, HALF)
REFUSED = "\x1b[31m<script>window.pwned = 1</script>\x1b[0m \u202e"

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
"""Signs that do something to a terminal or a reader instead of being seen."""


def numbered(body: Any) -> int:
    """Which question it is."""
    return int(re.search(r"Question (\d+):", body["messages"][-1]["content"])[1])


def service(offset: int) -> Any:
    """Answers a question with the text so many places behind its own, right at 0; the last one is refused."""

    def choose(method: str, body: Any) -> Reply:
        number = numbered(body)
        if number == len(REPLIES):
            return error(400, REFUSED)
        return completion(REPLIES[(number + offset) % len(REPLIES)])

    return choose


class Ended:
    """What a command printed, as bytes that a terminal would get."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.out, self.err = code, out.decode(), err.decode()


async def command(*words: str, cwd: Path) -> Ended:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "evalscope", *words),
        cwd=cwd,
        env=environment({"PYTHONIOENCODING": "utf-8", "NO_PROXY": "127.0.0.1"}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out, err)


async def make_runs(folder: Path) -> dict[str, Ended]:
    """Two runs, a and b, under `out`, and what the commands printed."""
    asked = [*EVIL, "plain", "plain"]
    rows = [{"query": f"Question {i}: {text}", "response": text} for i, text in enumerate(asked)]
    write_jsonl(folder / "data" / "evil.jsonl", rows)
    args = {"general_qa": {"local_path": str(folder / "data"), "subset_list": ["evil"]}}
    ended = {}
    for name, offset in (("a", 0), ("b", 1)):
        async with choosing(service(offset)) as server:
            words = ["eval", "--model", f"m\x1b[31m<b>{name}\u202e", "--api-url", server.url, "--run-name", name]
            words += ["--datasets", "general_qa", "--dataset-args", json.dumps(args), "--work-dir", "out"]
            ended[name] = await command(*words, cwd=folder)
    ended["score"] = await command("score", "out/b", cwd=folder)
    for form in ("table", "markdown", "junit", "json"):
        words = ["compare", "out/a", "out/b", "--output-format", form, "--flips", "30", "--min-score", "general_qa=2"]
        ended[form] = await command(*words, cwd=folder)
    return ended


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Ended]]:
    folder = tmp_path_factory.mktemp("hostile")
    return folder / "out", asyncio.run(make_runs(folder))


def test_the_run_holds_every_answer(hostile):
    root, ended = hostile
    assert [ended[name].code for name in ("a", "b", "score")] == [1, 1, 0]  # one question is refused
    rows = [json.loads(line) for line in next((root / "a" / "reviews").glob("*/*.jsonl")).read_bytes().splitlines()]
    assert len(rows) == len(REPLIES) + 1
    assert rows[-1]["error"]


@pytest.mark.parametrize("name", ["a", "score", "table", "markdown", "junit", "json"])
def test_nothing_acts_on_the_terminal(hostile, name):
    _, ended = hostile
    assert ended[name].out
    assert not ACTING.search(ended[name].out)
    assert not ACTING.search(ended[name].err)
    assert "Traceback" not in ended[name].err


def test_the_table_of_a_run_stands_straight(hostile):
    _, ended = hostile
    table = [line for line in ended["a"].out.splitlines() if line.startswith(("+", "|"))]
    assert len({len(line) for line in table}) == 1
    assert r"m\x1b[31m<b>a\u202e" in table[3]


def test_junit_is_valid_and_says_what_is_wrong(hostile):
    _, ended = hostile
    root = ElementTree.fromstring(ended["junit"].out)
    assert ended["junit"].code == 1
    assert [case.get("name") for case in root.iter("testcase")] == ["general_qa", "general_qa at least 2"]
    (failure,) = root.iter("failure")
    assert "<script>window.pwned = 1</script>" in (failure.text or "")


def test_json_is_whole(hostile):
    _, ended = hostile
    (compared,) = json.loads(ended["json"].out)["comparisons"]
    flips = [flip for one in compared["datasets"] for flip in (*one["lost"], *one["gained"])]
    texts = {answer["text"] for flip in flips for side in ("first", "later") for answer in flip[side]}
    assert set(REPLIES[:-1]) <= texts


def test_markdown_keeps_answers_in_blocks_that_they_cannot_end(hostile):
    _, ended = hostile
    fence, outside = "", []
    for line in ended["markdown"].out.split("\n"):
        mark = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif mark:
            fence = mark.group()
        else:
            outside.append(line)
    assert not fence
    text = "\n".join(outside)
    assert not re.search(r"<(script|img|svg)|\]\(javascript:|\n# out", text)


@pytest.fixture(scope="module")
def pages(hostile, tmp_path_factory) -> Iterator[Any]:
    root, _ = hostile
    outputs = Outputs(root)
    store = Store(outputs, tmp_path_factory.mktemp("cache"))
    with starlette_testclient.TestClient(make_app(outputs, store), base_url="http://127.0.0.1:7860") as client:
        yield client
    store.close()


def assert_is_text(page: Page, num_scripts: int) -> None:
    assert page.tags.count("script") == num_scripts
    assert not {"img", "iframe", "object", "embed", "base", "textarea"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [url for url in page.values("href") if url.lower().startswith(("javascript:", "data:", "//"))]
    assert not ACTING.search(page.text.replace("\r", ""))  # which browsers take for the end of a line


def test_no_page_of_the_dashboard_takes_an_answer_for_more_than_text(pages):
    listed = Page(pages.get("/samples?run=a").text)
    own = [href for href in listed.values("href") if href.startswith("/sample?")]
    assert len(own) == len(REPLIES) + 1
    for path in ["/", "/run?run=a", "/samples?run=a", "/compare?run=a&run=b", *own]:
        reply = pages.get(path)
        assert reply.status_code == 200
        assert_is_text(Page(reply.text), num_scripts=1)
    assert "<script>window.pwned = 1</script>" in listed.text


def test_no_cell_of_a_table_is_a_formula(pages):
    for path in ("/csv/samples?run=a", "/csv/runs", "/csv/scores?run=a", "/csv/flips?run=a&run=b"):
        rows = list(csv.reader(io.StringIO(pages.get(path).text.removeprefix("\ufeff"), newline="")))
        cells = [cell for row in rows for cell in row]
        assert len(rows) > 1
        assert not [cell for cell in cells if re.match(r"\s*[=+@\t\r-](?![\d.])", cell)]
        assert not ACTING.search("".join(cells).replace("\r", ""))


def test_the_report_shows_every_answer_as_text(hostile):
    root, _ = hostile
    html = (root / "b" / "reports" / "report.html").read_text(encoding="utf-8")
    page = Page(html)
    assert_is_text(page, num_scripts=1)
    for shown in ("⟦U+001B⟧[31mred", "⟦U+202E⟧gnp.exe", "NUL ⟦U+0000⟧ inside", "half \ufffd of a sign", "{{ 7 * 7 }}"):
        assert shown in page.text
    assert "[… 94000 …]" in page.text
    assert len(html) < 2_000_000
