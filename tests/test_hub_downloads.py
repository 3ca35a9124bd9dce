"""Downloads with the hubs' own clients, from a hub of ours that speaks both protocols."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
import yaml

from evalscope.constants import HubType
from tests.commands import DEMO_CHECKPOINT
from tests.hub_asking import IDS, MODEL, NUM, ask, command, variables, write_model, write_repository
from tests.own_data import sums, write_jsonl
from tests.servers.hub import Hub, running_hub

pytestmark = pytest.mark.slow

EACH_HUB = pytest.mark.parametrize("name", list(HubType))
NOBODY = "http://127.0.0.1:9"
LARGE_BYTES = 24 * 2**20
"""Hugging Face's client writes, and so resumes, in pieces of 10 MiB."""


@pytest.fixture
def hub(tmp_path):
    data, model = write_repository(tmp_path / "hub" / "data"), write_model(tmp_path / "hub" / "model")
    repositories = {**{("dataset", hub_id): data for hub_id in IDS.values()}, ("model", MODEL): model}
    with running_hub(repositories) as running:
        yield running


@pytest.fixture
def home(tmp_path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def fetched(hub: Hub) -> set[str]:
    """Names of the files that were sent."""
    return set(hub.given)


@EACH_HUB
def test_a_data_set_comes_with_the_files_of_its_splits_alone_and_only_once(name, hub, home):
    first = ask("dataset", name, home, hub.url)
    assert (first.found["num"], first.found["few_shot_num"], first.noise) == (NUM, 4, "")
    assert sorted(hub.given) == ["README.md", "test.jsonl", "train.jsonl"]
    assert first.found["origin"]["hub"] == name
    assert first.found["origin"]["id"] == IDS[name]
    assert len(first.found["origin"]["revision"]) == 40
    assert ask("dataset", name, home, hub.url).found == first.found
    assert len(hub.given) == 3
    assert not (home / "script_was_run").exists()


@EACH_HUB
def test_an_archive_is_fetched_where_no_plain_file_serves(name, hub, home):
    data = hub.repositories["dataset", IDS[name]]
    shutil.make_archive(str(data / "all"), "zip", data / "main")
    for path in (data / "README.md", *data.glob("*/*.jsonl")):
        path.unlink()
    asked = ask("dataset", name, home, hub.url)
    assert asked.found["num"] == NUM
    assert asked.found["files"][0].endswith("all.zip/test.jsonl")
    assert hub.given == ["all.zip"]
    assert ask("dataset", name, home, hub.url, "offline").found == asked.found


@EACH_HUB
def test_a_model_comes_in_one_format_and_only_once(name, hub, home):
    folder = Path(ask("model", name, home, hub.url).found["folder"])
    assert fetched(hub) == {file.name for file in DEMO_CHECKPOINT.iterdir()}
    for file in DEMO_CHECKPOINT.iterdir():
        assert (folder / file.name).read_bytes() == file.read_bytes()
    num = len(hub.given)
    assert ask("model", name, home, hub.url).found["folder"] == str(folder)
    assert len(hub.given) == num


@EACH_HUB
def test_pickles_come_only_where_they_are_allowed(name, hub, home):
    (hub.repositories["model", MODEL] / "model.safetensors").unlink()
    refused = ask("model", name, home, hub.url)
    assert "pytorch_model.bin, a pickle" in refused.error
    assert "use_safetensors to false" in refused.error
    assert not hub.given
    folder = Path(ask("model", name, home, hub.url, settings={"allows_pickles": True}).found["folder"])
    assert (folder / "pytorch_model.bin").is_file()


@EACH_HUB
def test_a_broken_transfer_is_resumed_where_it_ended(name, hub, home):
    weights = hub.repositories["model", MODEL] / "model.safetensors"
    weights.write_bytes(os.urandom(LARGE_BYTES))
    hub.troubles.cut.add(weights.name)
    folder = Path(ask("model", name, home, hub.url).found["folder"])
    assert not hub.troubles.cut
    assert (folder / weights.name).read_bytes() == weights.read_bytes()
    (start,) = [int(span[6:-1]) for method, _, span in hub.asked if method == "GET" and span]
    assert 0 < start <= LARGE_BYTES // 2


def test_a_transfer_that_an_earlier_command_broke_off_goes_on(hub, home):
    folder = Path(ask("model", HubType.MODELSCOPE, home, hub.url).found["folder"])
    weights = folder / "model.safetensors"
    part = weights.with_name("model.safetensors.incomplete")
    part.write_bytes(weights.read_bytes()[:100_000])
    weights.unlink()
    ask("model", HubType.MODELSCOPE, home, hub.url)
    assert [span for _, _, span in hub.asked if span] == ["bytes=100000-"]
    assert weights.read_bytes() == (DEMO_CHECKPOINT / weights.name).read_bytes()


@EACH_HUB
@pytest.mark.parametrize("file", ["test.jsonl", "train.jsonl", "README.md"])
def test_a_file_with_another_sum_is_refused_and_not_kept(name, file, hub, home):
    hub.troubles.spoiled.add(file)
    refused = ask("dataset", name, home, hub.url)
    assert refused.found["kind"] == "DatasetError"
    assert file in refused.error
    assert "it was not kept" in refused.error
    assert refused.noise == ""
    hub.troubles.spoiled.clear()
    assert ask("dataset", name, home, hub.url).found["num"] == NUM


@EACH_HUB
def test_a_file_that_was_damaged_in_the_cache_is_fetched_again(name, hub, home):
    path = Path(ask("dataset", name, home, hub.url).found["files"][0])
    good = path.read_bytes()
    time.sleep(0.01)  # so that its time differs
    path.write_bytes(bytes(byte ^ 1 for byte in good))
    assert ask("dataset", name, home, hub.url).found["num"] == NUM
    assert path.read_bytes() == good


@EACH_HUB
@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (404, ("knows no such id", "correct the id")),
        (401, ("no such id, or it is private", "TOKEN")),
        (403, ("no such id, or it is private", "TOKEN")),
        (429, ("wants fewer requests", "mirror")),
    ],
)
def test_a_refusal_is_one_message_with_advice(name, status, parts, hub, home):
    hub.troubles.status = status
    for what, kind in (("dataset", "DatasetError"), ("model", "ConfigError")):
        refused = ask(what, name, home, hub.url)
        assert refused.found["kind"] == kind
        assert "\n" not in refused.error
        assert refused.noise == ""
        for part in (f"HTTP {status}", *parts):
            assert part in refused.error


@EACH_HUB
def test_a_dead_mirror_is_one_message_with_advice(name, home):
    for what, advice in (("dataset", '{"gsm8k": {"local_path"'), ("model", "--model /path/to/model")):
        refused = ask(what, name, home, NOBODY)
        for part in (NOBODY, "cannot be reached", "Connection refused", "HTTPS_PROXY", "--offline", advice):
            assert part in refused.error
        assert "\n" not in refused.error
        assert refused.noise == ""


@EACH_HUB
@pytest.mark.parametrize("trouble", ["dead", 429, 503])
def test_an_earlier_download_serves_where_the_hub_is_away_and_says_so(name, trouble, hub, home):
    before = ask("dataset", name, home, hub.url)
    hub.troubles.status = 0 if trouble == "dead" else trouble
    url = NOBODY if trouble == "dead" else hub.url
    after = ask("dataset", name, home, url, settings={"verbose": True})
    assert after.found == before.found
    assert "the copy of an earlier download is used" in after.noise


@EACH_HUB
def test_data_that_changed_on_the_hub_is_fetched_under_another_revision(name, hub, home):
    before = ask("dataset", name, home, hub.url).found
    write_jsonl(hub.repositories["dataset", IDS[name]] / "main" / "test.jsonl", sums(NUM, first=500))
    after = ask("dataset", name, home, hub.url).found
    assert after["first"] != before["first"]
    assert after["origin"]["revision"] != before["origin"]["revision"]


@EACH_HUB
def test_a_pinned_revision_that_the_hub_does_not_have_is_told(name, hub, home):
    refused = ask("dataset", name, home, hub.url, settings={"revision": "v7"})
    assert "in revision 'v7'" in refused.error
    assert "HTTP 404" in refused.error


@EACH_HUB
def test_offline_asks_nobody_and_uses_the_earlier_download(name, hub, home):
    before = ask("dataset", name, home, hub.url).found
    num = len(hub.asked)
    assert ask("dataset", name, home, hub.url, "offline").found == before
    assert len(hub.asked) == num


@EACH_HUB
def test_offline_a_file_that_was_never_fetched_is_named(name, hub, home):
    folder = Path(ask("dataset", name, home, hub.url).found["files"][0]).parent
    (folder / "train.jsonl").unlink()
    assert "main/train.jsonl is not in" in ask("dataset", name, home, hub.url, "offline").error


@EACH_HUB
def test_two_at_once_fetch_into_one_cache(name, hub, home):
    started = [
        subprocess.Popen(
            command("dataset", name), env=variables(home, hub.url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in started:
        out, noise = process.communicate(timeout=240)
        assert f'"num": {NUM}'.encode() in out, noise


@EACH_HUB
def test_a_bar_is_drawn_where_somebody_watches(name, hub, home):
    seen = on_a_terminal(command("dataset", name), variables(home, hub.url))
    assert b"%|" in seen


def on_a_terminal(words, env) -> bytes:
    """What a command writes to a standard error that is a terminal."""
    ours, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))  # bars need room
    seen = bytearray()
    with subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        with contextlib.suppress(OSError):  # how the end of a terminal is told
            while piece := os.read(ours, 65_536):
                seen += piece
        os.close(ours)
        assert process.wait(timeout=240) == 0, bytes(seen)
    return bytes(seen)


@EACH_HUB
def test_nothing_is_written_outside_the_caches(name, hub, home, tmp_path):
    ask("dataset", name, home, hub.url)
    top = {path.relative_to(home).as_posix().split("/")[0] for path in home.rglob("*") if path.is_file()}
    assert top <= {".cache", ".modelscope"}


def test_the_older_name_of_the_mirror_is_heard_of(hub, home):
    extra = {"MODELSCOPE_ENDPOINT": "", "MODELSCOPE_DOMAIN": hub.url}
    asked = ask("dataset", HubType.MODELSCOPE, home, hub.url, **extra)
    assert (asked.found["num"], asked.noise) == (NUM, "")


def test_an_evaluation_names_model_and_data_set_by_id(hub, home, tmp_path):
    words = [sys.executable, "-m", "evalscope", "eval", "--model", MODEL, "--datasets", "gsm8k", "--limit", "2"]
    done = subprocess.run(
        [*words, "--generation-config", "max_tokens=8"],
        cwd=tmp_path,
        env=variables(home, hub.url),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "| demo    | gsm8k" in done.stdout
    run = tmp_path / "outputs" / "latest"
    record = yaml.safe_load((run / "configs" / "task_config.yaml").read_text())
    report = json.loads((run / "reports" / "demo" / "gsm8k.json").read_text())
    for origin, hub_id in ((report["data_origin"], IDS["modelscope"]), (report["model_origin"], MODEL)):
        assert (origin["hub"], origin["id"], len(origin["revision"])) == ("modelscope", hub_id, 40)
    assert record["models"] == [report["model_origin"]]
