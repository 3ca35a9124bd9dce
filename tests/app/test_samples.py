"""The samples of a run: paged, filtered, sorted and searched; torn and mangled lines shown for what they are."""

import csv
import io
import re
import time

import orjson
import pytest
from filelock import FileLock
from starlette.testclient import TestClient

from evalscope.app.outputs import Outputs
from evalscope.app.overview import Overviews
from evalscope.app.server import make_app
from evalscope.app.store import Building, Store, Table
from tests.app.made_up import make_run, name_of, plain_run, prediction, review
from tests.app.page import Page
from tests.reports.made_up import make_report, make_row


def ids_of(client, query: str = "") -> list[str]:
    """The ids that the table lists, in its order."""
    reply = client.get(f"/samples?run=run{query}")
    assert reply.status_code == 200
    links = [href for href in Page(reply.text).values("href") if href.startswith("/sample?")]
    return [found.group(1) if (found := re.search(r"[?&]id=([^&]*)", link)) else "" for link in links]


@pytest.fixture
def run(root):
    asked = [
        prediction(i, f"Thus ANSWER: {i}", prompt=f"Question {i}", subset="a" if i < 6 else "b") for i in range(10)
    ]
    ends = [
        "correct",
        "wrong",
        "partial",
        "unparsed",
        "cut_off",
        "request_failed",
        "correct",
        "correct",
        "wrong",
        "correct",
    ]
    judged = [
        review(i, end, None if end == "unparsed" else str(i), subset="a" if i < 6 else "b")
        for i, end in enumerate(ends)
    ]
    rows = (make_row("a", categories=("STEM",)), make_row("b", categories=("Law",)))
    return make_run(root / "run", asked, judged, reports=[make_report(*rows)])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "0123456789"),
        ("&outcome=correct", "0679"),
        ("&outcome=request_failed", "5"),
        ("&subset=b", "6789"),
        ("&category=Law", "6789"),
        ("&category=STEM&outcome=correct", "0"),
        ("&category=none", ""),
        ("&dataset=other", ""),
        ("&q=answer:%207", "7"),
        ("&q=question%207", ""),
        ("&q=QUESTION%207&in=all", "7"),
        ("&q=%25", ""),
        ("&q='%20OR%201=1", ""),
        ("&sort=latency&way=down", "9876543210"),
        ("&sort=id&way=down", "9876543210"),
        ("&sort=tokens&subset=b&way=down", "9876"),
        ("&sort=outcome&outcome=wrong", "18"),
        ("&sort=nonsense&way=nonsense&page=x&in=y", "0123456789"),
        ("&page=99", "0123456789"),
        ("&page=-1", "0123456789"),
    ],
)
def test_the_table_shows_what_its_address_says(client, run, query, found):
    assert ids_of(client, query) == list(found)


def test_pages_follow_each_other_without_gaps(client, root):
    plain_run(root / "run", 120)
    assert [int(i) for page in (1, 2, 3) for i in ids_of(client, f"&page={page}")] == list(range(120))
    assert "Page 2 of 3" in " ".join(Page(client.get("/samples?run=run&page=2").text).text.split())


def test_keys_step_through_the_very_list_that_a_sample_was_opened_from(client, run):
    page = Page(client.get("/samples?run=run&outcome=correct&sort=latency&way=down").text)
    links = [href for href in page.values("href") if href.startswith("/sample?")]
    middle = client.get(links[1]).text
    found = dict(re.findall(r'<a rel="(prev|next)" href="([^"]*)"', middle))
    assert {way: re.search(r"id=(\d)", link).group(1) for way, link in found.items()} == {"prev": "9", "next": "6"}
    assert 'rel="prev"' not in client.get(links[0]).text
    assert 'rel="next"' not in client.get(links[-1]).text


def test_the_page_of_a_sample_shows_all_there_is(client, root):
    asked = prediction(0, "So $2 + 2 = 4$.\n\nANSWER: 4", prompt="What is 2 + 2?")
    asked["completion"]["reasoning"] = "I count on my fingers"
    asked["messages"].insert(0, {"role": "system", "content": "Be brief."})
    make_run(root / "run", [asked], [review(0) | {"explanation": "same number"}])
    judgement = {
        **name_of(0),
        "messages": [{"role": "user", "content": "Is 4 right?"}],
        "completion": {"text": "GRADE: A"},
    }
    path = root / "run" / "judgements" / "strict" / "gsm8k_main.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(orjson.dumps(judgement) + b"\n")
    reply = client.get("/sample?run=run&of=m&data=gsm8k&part=main&id=0")
    page = Page(reply.text)
    for said in (
        "Be brief.",
        "What is 2 + 2?",
        "I count on my fingers",
        "same number",
        "correct",
        "GRADE: A",
        "Is 4 right?",
        "0.500 s",
    ):
        assert said in page.text
    assert "<mark>4</mark>" in reply.text
    assert "math" in page.tags
    assert "So $2 + 2 = 4$." in page.text


def test_a_sample_that_is_not_there_is_not_found(client, run):
    for query in ("id=77", "id=0&part=zzz", "id=0&repeat=5", "id=0&repeat=x&data=other", ""):
        assert client.get(f"/sample?run=run&of=m&data=gsm8k&part=a&{query}").status_code == (404)


MANGLED = (
    b'{"torn in the middle\n',
    b"\xff\xfe not text at all\n",
    b"\x00\x00\x00\x00\n",
    b"[1, 2]\n",
    b"null\n",
    b"\n",
)


def test_lines_that_hold_no_row_are_shown_as_such(client, root):
    run = plain_run(root / "run", 3, wrong=())
    with (run / "predictions/m/gsm8k_main.jsonl").open("ab") as file:
        file.writelines(MANGLED)
        file.write(b'{"key": "torn tail')
    assert len(ids_of(client)) == 3 + 5
    listed = Page(client.get("/samples?run=run&outcome=unreadable").text)
    own = [href for href in listed.values("href") if href.startswith("/sample?")]
    assert len(own) == 5
    assert "torn in the middle" in listed.text
    assert "torn in the middle" in client.get(own[0]).text
    assert "torn tail" not in client.get("/samples?run=run").text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b'{"text": "caf\xff"}', "caf\ufffd"),
        (b'{"text": "lone \\ud800 half"}', "lone \ufffd half"),
        (b'{"text": "nul \x00 raw"}', "nul ⟦U+0000⟧ raw"),
        (b'{"text": "nul \\u0000 written"}', "nul ⟦U+0000⟧ written"),
        (b'{"text": "x", "latency_s": NaN, "usage": {"output_tokens": Infinity}}', "x"),
        (b'{"text": ["a", 1], "usage": 7, "latency_s": "fast"}', '["a", 1]'),
        (b'{"text": "big", "usage": {"output_tokens": 99999999999999999999999}}', "big"),
    ],
    ids=["invalid UTF-8", "lone surrogate", "raw NUL", "NUL", "NaN", "wrong types", "too large"],
)
def test_a_mangled_row_is_shown_as_far_as_it_can_be_read(client, root, line, shown):
    run = plain_run(root / "run", 1, wrong=())
    name = b'"key": "k", "dataset": "gsm8k", "subset": "main", "sample_id": "0", "repeat": 0'
    head = b"{" + name + b', "messages": [], "completion": '
    (run / "predictions/m/gsm8k_main.jsonl").write_bytes(head + line + b"}\n")
    assert ids_of(client) == ["0"]
    for path in ("/samples?run=run", "/sample?run=run&of=m&data=gsm8k&part=main&id=0"):
        assert shown in Page(client.get(path).text).text
    assert client.get("/run?run=run").status_code == 200


@pytest.mark.parametrize("messages", [None, 5, ["text"], [{"role": 3}], [{"content": [{"type": "text"}]}], {"a": 1}])
def test_messages_of_any_shape_are_shown(client, root, messages):
    make_run(
        root / "run", [prediction(0) | {"messages": messages}], [review(0) | {"scores": ["x"], "target": {"a": 1}}]
    )
    assert client.get("/sample?run=run&of=m&data=gsm8k&part=main&id=0").status_code == 200


def test_rows_are_joined_whatever_their_order_and_the_later_of_two_holds(client, root):
    asked = [prediction(i) for i in (2, 0, 1, 3)]
    judged = [review(0, "request_failed"), review(3), review(1), review(0), review(2)]
    make_run(root / "run", [*asked, prediction(0, "a later answer")], judged)
    rows = list(csv.DictReader(io.StringIO(client.get("/csv/samples?run=run&sort=id").text.removeprefix("\ufeff"))))
    assert [row["sample_id"] for row in rows] == ["0", "1", "2", "3"]
    assert {row["outcome"] for row in rows} == {"correct"}


def test_an_answer_without_a_review_is_not_scored_yet(client, root):
    make_run(root / "run", [prediction(0), prediction(1)], [review(0)])
    assert ids_of(client, "&outcome=not_scored") == ["1"]


def test_a_run_that_grows_is_read_again(client, root):
    run = plain_run(root / "run", 2, wrong=())
    assert len(ids_of(client)) == 2
    with (run / "reviews/m/gsm8k_main.jsonl").open("ab") as file:
        file.write(orjson.dumps(review(2)) + b"\n")
    assert len(ids_of(client)) == 3


@pytest.fixture
def large(root, tmp_path):
    """A dashboard to which every run is a large one."""
    outputs = Outputs(root)
    store = Store(outputs, tmp_path / "cache", small_bytes=0)
    with TestClient(make_app(outputs, store), base_url="http://127.0.0.1") as asking:
        yield asking, store
    store.close()


def wait_for_table(store: Store, root) -> Table:
    run = Overviews(Outputs(root)).of("run")
    for _ in range(600):
        samples = store.samples(run)
        if isinstance(samples, Table):
            return samples
        assert not samples.failed
        time.sleep(0.05)
    raise AssertionError("no index within 30 s")


def test_a_large_run_opens_at_once_and_is_indexed_beside(large, root, tmp_path):
    client, store = large
    plain_run(root / "run", 70)
    first = client.get("/samples?run=run&outcome=wrong")
    assert "being indexed" in first.text
    links = [href for href in Page(first.text).values("href") if href.startswith("/sample?")]
    assert len(links) == 50
    assert client.get(links[0]).status_code == 200
    wait_for_table(store, root)
    assert ids_of(client, "&outcome=wrong") == ["3", "7"]
    assert client.get("/progress?run=run").json()["ready"]
    (index,) = (tmp_path / "cache").iterdir()
    assert index.suffix == ".duckdb"


def test_a_large_run_that_is_being_written_is_paged_from_its_files(large, root):
    client, _ = large
    run = plain_run(root / "run", 120)
    with FileLock(run / ".lock"):
        pages = [client.get(f"/samples?run=run&page={number}&outcome=wrong") for number in (1, 2, 3)]
        links = [[href for href in Page(page.text).values("href") if href.startswith("/sample?")] for page in pages]
        assert list(map(len, links)) == [50, 50, 20]
        assert "still being written" in pages[0].text
        assert [page.text.count('rel="next"') for page in pages] == [1, 1, 0]
        assert client.get(links[2][-1]).status_code == 200
        assert "id=119" in links[2][-1]


def test_an_index_is_used_again_and_never_for_another_state(large, root, tmp_path):
    _, store = large
    plain_run(root / "run", 3)
    wait_for_table(store, root)
    again = Store(Outputs(root), tmp_path / "cache", small_bytes=0)
    assert isinstance(again.samples(Overviews(Outputs(root)).of("run")), Table)
    with (root / "run/reviews/m/gsm8k_main.jsonl").open("ab") as file:
        file.write(b"\n")
    assert isinstance(again.samples(Overviews(Outputs(root)).of("run")), Building)
    again.close()


def test_a_torn_index_is_made_anew(large, root, tmp_path):
    _, store = large
    plain_run(root / "run", 3)
    wait_for_table(store, root)
    (index,) = (tmp_path / "cache").glob("*.duckdb")
    index.write_bytes(index.read_bytes()[:5000])
    again = Store(Outputs(root), tmp_path / "cache", small_bytes=0)
    table = wait_for_table(again, root)
    assert again.ask(f"SELECT count(*) FROM {table.name}") == [(3,)]
    again.close()


def test_a_dashboard_that_ends_leaves_no_half_made_index(root, tmp_path):
    plain_run(root / "run", 3)
    store = Store(Outputs(root), tmp_path / "cache", small_bytes=0)
    assert isinstance(store.samples(Overviews(Outputs(root)).of("run")), Building)
    store.close()
    assert not [path for path in (tmp_path / "cache").glob(".*") if path.suffix != ".duckdb"]


def test_an_index_that_cannot_be_made_says_why(root, tmp_path):
    plain_run(root / "run", 3)
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = Store(Outputs(root), tmp_path / "cache", small_bytes=0)
    run = Overviews(Outputs(root)).of("run")
    for _ in range(600):
        samples = store.samples(run)
        if isinstance(samples, Building) and samples.failed:
            break
        time.sleep(0.05)
    assert "cache" in samples.failed
    store.close()
