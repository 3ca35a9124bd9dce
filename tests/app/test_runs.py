"""Runs are found at any depth, and whatever state they are in is shown sensibly."""

import os
import time

import pytest
from filelock import FileLock

from evalscope.app.outputs import Outputs
from evalscope.app.overview import Overviews
from evalscope.app.progress import LineCounts, num_expected, progress_of
from evalscope.errors import ConfigError
from tests.app.made_up import make_run, plain_run, prediction, review
from tests.app.page import Page
from tests.own_data import write_jsonl
from tests.reports.made_up import make_report, make_row


def text_of(client, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return " ".join(Page(reply.text).text.split())


def test_runs_lie_at_any_depth_and_the_latest_comes_first(client, root):
    plain_run(root / "a", started="2026-01-01T00:00:00", model="old")
    plain_run(root / "deep" / "er" / "b", started="2026-03-01T00:00:00", model="new")
    plain_run(root / "deep" / "c", started="2026-02-01T00:00:00", model="middle")
    (root / "latest").symlink_to("a")
    links = Page(client.get("/").text).values("href")
    runs = list(dict.fromkeys(link for link in links if link.startswith("/run?")))
    assert runs == ["/run?run=deep%2Fer%2Fb", "/run?run=deep%2Fc", "/run?run=a"] or set(runs) == {
        "/run?run=deep%2Fer%2Fb",
        "/run?run=deep%2Fc",
        "/run?run=a",
    }
    assert [run.name for run in Overviews(Outputs(root)).all()] == ["deep/er/b", "deep/c", "a"]


def test_the_folder_itself_may_be_a_run(root):
    plain_run(root / "run")
    assert Outputs(root / "run").names() == (".",)
    assert Overviews(Outputs(root / "run")).of(".").models == ("m",)


def test_an_empty_folder_says_so(client):
    assert "No run lies in this folder yet." in text_of(client, "/")


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="does not exist; --outputs names the folder"):
        Outputs(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("model=big", {"one"}),
        ("model=small", {"two"}),
        ("dataset=gsm8k", {"one", "two"}),
        ("dataset=arc", set()),
        ("since=2026-02-01", {"two"}),
        ("until=2026-01-15", {"one"}),
        ("since=2026-01-01&until=2026-12-31&model=big", {"one"}),
    ],
)
def test_the_list_is_filtered_by_model_data_set_and_date(client, root, query, shown):
    plain_run(root / "one", model="big", started="2026-01-15T12:00:00")
    plain_run(root / "two", model="small", started="2026-02-15T12:00:00")
    links = set(Page(client.get(f"/?{query}").text).values("href"))
    assert {name for name in ("one", "two") if f"/run?run={name}" in links} == shown


def test_a_report_of_an_unknown_version_is_shown_as_far_as_it_goes(client, root):
    make_run(root / "run", reports=[make_report(make_row(score=0.75), schema_version=99)])
    said = text_of(client, "/run?run=run")
    assert "written by another version" in said
    assert "schema 99" in said
    assert "0.75" in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"rows": 3}',
        b"\xff\xfe\x00",
        b'{"rows": [3, null, {"score": "high", "categories": 5, "num": 1e400}], "outcomes": [], "asked": 1}',
        b'{"rows": [], "model": null, "dataset": {"a": 1}}',
        b'{"rows": [{"score": NaN, "ci_low": Infinity}], "bounds": {"low": "a", "high": 1}, "timing": "x"}',
        b'{"rows": ' + b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_broken_report_never_breaks_a_page(client, root, content):
    run = plain_run(root / "run")
    (run / "reports" / "m" / "broken.json").write_bytes(content)
    for path in ("/", "/run?run=run", "/csv/runs", "/csv/scores?run=run", "/compare?run=run&run=."):
        assert client.get(path).status_code == (404 if path.startswith("/compare") else 200)


@pytest.mark.parametrize(
    "config", ["", "a: [", "started: 5\nasking: []\ntask: x", "\x00\x01", "a: &a [*a]", "- 1\n" * 10]
)
def test_a_broken_record_never_breaks_a_page(client, root, config):
    run = plain_run(root / "run")
    (run / "configs" / "task_config.yaml").write_text(config)
    assert client.get("/").status_code == 200
    assert client.get("/run?run=run").status_code == 200


def test_a_run_tells_of_answers_that_were_cut_off_or_not_understood(client, root):
    make_run(root / "run", reports=[make_report(make_row(), outcomes={"correct": 90, "unparsed": 10})])
    assert "10 of 100 answers (10.0%) hold no answer that could be read" in text_of(client, "/run?run=run")
    make_run(root / "fine", reports=[make_report(make_row(), outcomes={"correct": 99, "unparsed": 1})])
    assert "hold no answer" not in text_of(client, "/run?run=fine")


def test_a_run_without_reports_is_shown(client, root):
    make_run(root / "run", [prediction(0)], [], reports=[])
    assert "no report yet" in text_of(client, "/run?run=run")


def test_a_run_that_is_written_is_shown_with_what_it_has_so_far(client, root):
    run = make_run(root / "run", [prediction(i) for i in range(4)], [review(i) for i in range(3)], reports=[])
    (run / "logs").mkdir()
    with FileLock(run / ".lock"):
        said = text_of(client, "/run?run=run")
        assert "running" in said
        assert "3" in said
        assert client.get("/progress?run=run").json()["scored"] == 3
        with (run / "reviews" / "m" / "gsm8k_main.jsonl").open("a") as file:
            file.write('{"torn')
        assert client.get("/progress?run=run").json() == {
            "live": True,
            "scored": 3,
            "expected": 1319,
            "datasets": {"gsm8k": 3},
            "indexed": 0.0,
            "ready": False,
        }
    assert not client.get("/progress?run=run").json()["live"]


def test_rows_that_have_just_come_tell_of_a_run_that_goes_on(client, root):
    run = plain_run(root / "run")
    assert not client.get("/progress?run=run").json()["live"]
    os.utime(run / "predictions" / "m" / "gsm8k_main.jsonl")
    assert client.get("/progress?run=run").json()["live"]


def test_looking_at_a_run_never_takes_its_lock(client, root):
    run = plain_run(root / "run")
    lock = FileLock(run / ".lock", timeout=0)
    with lock:
        client.get("/run?run=run")
    lock.acquire()
    lock.release()


def test_only_new_lines_are_counted(tmp_path):
    path, counts = tmp_path / "rows.jsonl", LineCounts()
    path.write_bytes(b"1\n2\n3")
    assert counts.count(path) == 2
    with path.open("ab") as file:
        file.write(b"3\n4\n")
    assert counts.count(path) == 4
    path.write_bytes(b"1\n")
    assert counts.count(path) == 1


@pytest.mark.parametrize(
    ("task", "datasets", "expected"),
    [
        ("{}", "gsm8k: {}", 1319),
        ("{limit: 50}", "gsm8k: {}", 50),
        ("{limit: 0.1}", "gsm8k: {}", 131),
        ("{limit: 5, repeats: 3}", "{gsm8k: {}, arc: {}}", 45),
        ("{}", "/etc/passwd: {}", None),
        ("{}", "evil.py: {}", None),
        ("{}", "", None),
    ],
)
def test_how_much_a_run_will_ask_is_told_from_its_record(root, task, datasets, expected):
    run = make_run(root / "run", reports=[])
    written = "{" + datasets.strip("{}") + ("}" if not datasets.endswith("{}") else "{}}") if datasets else "{}"
    (run / "configs" / "task_config.yaml").write_text(f"task: {task}\nasking: {{datasets: {written}}}\n")
    parts = progress_of(Outputs(root), Overviews(Outputs(root)).of("run"), LineCounts())
    assert num_expected(parts) == expected


def test_progress_is_told_by_data_set_also_on_the_list_of_runs(client, root):
    run = make_run(root / "run", [prediction(0)], [review(0)], reports=[])
    for subset in ("ARC-Easy", "ARC-Challenge"):
        rows = [review(i, dataset="arc", subset=subset) for i in range(2)]
        write_jsonl(run / "reviews" / "m" / f"arc_{subset}.jsonl", rows)
    write_jsonl(run / "reviews" / "m" / "mine_x.jsonl", [review(i, dataset="mine", subset="x") for i in range(7)])
    record = "task: {limit: 10}\nasking: {datasets: {gsm8k: {}, arc: {}}}\n"
    (run / "configs" / "task_config.yaml").write_text(record)
    (run / "logs").mkdir()
    with FileLock(run / ".lock"):
        told = client.get("/progress?run=run").json()
        assert told["datasets"] == {"gsm8k": 1, "arc": 4, "mine": 7}
        assert (told["scored"], told["expected"]) == (12, None)
        said = text_of(client, "/run?run=run").replace(" ", "")
        for part in ("gsm8k1/10", "arc4/20", "mine7"):
            assert part in said
        assert "running 12" in text_of(client, "/")


def test_a_page_is_renewed_when_a_report_comes(client, root):
    run = make_run(root / "run", reports=[])
    text_of(client, "/run?run=run")
    time.sleep(0.01)
    plain_run(root / "other", started="2020-01-01T00:00:00")
    (run / "reports" / "m" / "gsm8k.json").write_bytes((root / "other/reports/m/gsm8k.json").read_bytes())
    assert "0.4" in text_of(client, "/run?run=run")


def test_the_table_of_runs_can_be_saved(client, root):
    plain_run(root / "run")
    lines = client.get("/csv/runs").text.removeprefix("\ufeff").splitlines()
    assert lines[0] == "run,started,model,dataset,metric,num,score,ci_low,ci_high"
    assert lines[1] == "run,2026-11-23T11:50:12,m,gsm8k,AverageAccuracy,10,0.4,0.168,0.687"


def test_the_list_of_runs_needs_no_script(client, root):
    plain_run(root / "run", model="some-model")
    page = Page(client.get("/").text)
    assert "some-model" in page.text
    assert "/run?run=run" in page.values("href")


def test_every_chart_of_a_run_is_on_its_page_and_can_be_saved(client, root):
    plain_run(root / "run")
    page = Page(client.get("/run?run=run").text)
    names = {"scores", "treemap", "outcomes", "length", "tokens", "latency"}
    saved = {link.split("?")[0] for link in page.values("href") if link.startswith("/charts/")}
    assert saved == {f"/charts/{name}.svg" for name in names}
    assert page.tags.count("svg") == len(names)
    for name in names:
        assert client.get(f"/charts/{name}.svg?run=run").text.startswith("<svg ")
    assert client.get("/charts/nothing.svg?run=run").status_code == 404
